#include "results/resolved.hpp"

#include <nlohmann/json.hpp>

#include <hyperdc/core/units.hpp>

namespace hyperdc {
namespace {

using Json = nlohmann::ordered_json;

const Json* member(const Json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

std::optional<double> quantity(const Json* value, Dimension dimension) {
  if (value == nullptr) return std::nullopt;
  if (value->is_number()) return value->get<double>();
  if (!value->is_string()) return std::nullopt;
  const auto parsed = parse_quantity(value->get_ref<const std::string&>(), dimension);
  const double* si = std::get_if<double>(&parsed);
  return si == nullptr ? std::nullopt : std::optional<double>(*si);
}

std::vector<std::string> keys(const Json* object) {
  std::vector<std::string> names;
  if (object == nullptr || !object->is_object()) return names;
  for (const auto& entry : object->items()) names.push_back(entry.key());
  return names;
}

}  // namespace

ResolvedFacts resolved_facts(const RunResult& result) {
  ResolvedFacts facts;
  const Json root = Json::parse(result.resolved_json, nullptr, false);
  if (!root.is_object()) return facts;
  if (const Json* text = member(root, "description"); text != nullptr && text->is_string()) {
    facts.description = text->get<std::string>();
  }
  if (const Json* provider = member(root, "provider"); provider != nullptr) {
    const auto text = [&](const char* key) {
      const Json* value = member(*provider, key);
      return value != nullptr && value->is_string() ? value->get<std::string>() : std::string();
    };
    facts.provider = text("name");
    facts.as_of = text("as_of");
  }
  facts.duration_s = quantity(member(root, "duration"), Dimension::time);
  facts.warmup_s = quantity(member(root, "warmup"), Dimension::time).value_or(0);
  facts.workloads = keys(member(root, "workloads"));
  for (const std::string& name : facts.workloads) {
    const Json* platform = member(root.at("workloads").at(name), "platform");
    const Json* type = platform == nullptr ? nullptr : member(*platform, "type");
    if (type != nullptr && type->is_string()) facts.platforms[name] = type->get<std::string>();
  }
  facts.pools = keys(member(root, "pools"));
  const Json* regions = member(root, "regions");
  facts.regions = keys(regions);
  for (const std::string& name : facts.regions) {
    const Json* facility = member(regions->at(name), "facility");
    const Json* power = facility == nullptr ? nullptr : member(*facility, "power");
    if (const auto limit = quantity(power, Dimension::power)) facts.power_limit_w[name] = *limit;
  }
  return facts;
}

}  // namespace hyperdc
