// The parameters of a policy as its ParamSpecs give them: for tests that build scenarios by hand.
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include <hyperdc/core/params.hpp>
#include <hyperdc/core/units.hpp>
#include <hyperdc/policy/placement.hpp>
#include <hyperdc/policy/scheduler.hpp>

namespace hyperdc::test {

inline Params::Value fallback_of(const ParamSpec& spec) {
  const auto json = nlohmann::json::parse(spec.fallback);
  const auto quantity = [&](const nlohmann::json& text) {
    return std::get<double>(parse_quantity(text.get<std::string>(), spec.dimension));
  };
  switch (spec.kind) {
    case ParamKind::boolean:
      return json.get<bool>();
    case ParamKind::integer:
    case ParamKind::number:
      return json.get<double>();
    case ParamKind::quantity:
      return quantity(json);
    case ParamKind::choice:
    case ParamKind::text:
      return json.get<std::string>();
    case ParamKind::text_list:
      return json.get<std::vector<std::string>>();
    case ParamKind::quantity_list:
      break;
  }
  std::vector<double> values;
  for (const auto& item : json) {
    values.push_back(item.is_number() ? item.get<double>() : quantity(item));
  }
  return values;
}

template <class E>
Params default_params(std::span<const E> entries, std::string_view policy) {
  for (const E& entry : entries) {
    if (entry.name != policy) continue;
    Params params;
    for (const ParamSpec& spec : entry.params) params.set(spec.name, fallback_of(spec));
    return params;
  }
  throw std::invalid_argument("no policy " + std::string(policy));
}

}  // namespace hyperdc::test
