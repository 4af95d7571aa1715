// What every {"policy": name, …} of a scenario has in common: its description, from the list of
// entries, and the resolved choice.
#pragma once

#include <fmt/format.h>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "scenario/decode.hpp"
#include "scenario/describe.hpp"
#include "scenario/resolve.hpp"
#include "scenario/scenario.hpp"

namespace hyperdc {

template <class Entries>
std::vector<Variant> variants_of(const Entries& entries) {
  std::vector<Variant> variants;
  for (const auto& entry : entries) {
    Variant variant{std::string(entry.name), std::string(entry.doc), {}, {}};
    for (const ParamSpec& spec : entry.params) variant.fields.push_back(param_field(spec));
    variants.push_back(std::move(variant));
  }
  return variants;
}

/// People write a policy of one kind where another belongs: hints by name of the wrong one.
template <class Entries>
std::map<std::string, std::string> confusions_with(const Entries& entries, std::string_view kind) {
  std::map<std::string, std::string> hints;
  for (const auto& entry : entries) {
    hints[std::string(entry.name)] =
        fmt::format(R"("{0}" is a {1}; write "{1}": {{"policy": "{0}"}})", entry.name, kind);
  }
  return hints;
}

/// The decoded choice; its parameters too where the policy is known.
template <class Entries>
PolicyChoice choice_of(const View& choice, const Entries& entries) {
  PolicyChoice out;
  out.policy = choice["policy"].text();
  for (const auto& entry : entries) {
    if (entry.name == out.policy) out.params = params_of(choice, entry.params);
  }
  return out;
}

/// The same, and what the policy finds wrong between parameters that are each right.
template <class Entries>
PolicyChoice checked_choice_of(Resolution& r, const View& choice, const Entries& entries) {
  PolicyChoice out = choice_of(choice, entries);
  for (const auto& entry : entries) {
    if (entry.name != out.policy || entry.check == nullptr) continue;
    bool each_is_right = true;
    for (const ParamSpec& spec : entry.params) {
      const View value = choice[spec.name];
      each_is_right = each_is_right && value;
      for (const auto& item : value.each()) each_is_right = each_is_right && item.value;
    }
    if (!each_is_right) continue;
    const std::string problem = entry.check(out.params);
    if (!problem.empty()) r.error("E034", choice, problem);
  }
  return out;
}

}  // namespace hyperdc
