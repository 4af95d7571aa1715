// Fabrics: from the scenario itself, then from the catalog; one a region that names it.
#include "scenario/resolve_fabrics.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include <hyperdc/core/assert.hpp>

#include "core/text.hpp"
#include "scenario/description.hpp"
#include "scenario/resolve.hpp"

namespace hyperdc {
namespace {

const TopologyEntry* family_named(const std::string& name) {
  const auto all = topologies();
  const auto it = std::ranges::find(all, name, &TopologyEntry::name);
  return it == all.end() ? nullptr : &*it;
}

GearSpec gear_of(const View& gear) {
  GearSpec out;
  if (const View power = gear["power"]) out.power_w = power.number();
  if (const View price = gear["price"]) out.price_usd = price.number();
  return out;
}

Routing routing_named(const std::string& name) {
  if (name == "spray") return Routing::spray;
  if (name == "adaptive") return Routing::adaptive;
  if (name == "valiant") return Routing::valiant;
  return Routing::ecmp;
}

FlowSharing sharing_named(const std::string& name) {
  if (name == "approximate") return FlowSharing::approximate;
  if (name == "constant") return FlowSharing::constant;
  return FlowSharing::max_min;
}

FabricRules rules_of(const View& entry) {
  FabricRules rules;
  rules.routing = routing_named(entry["routing"].text());
  rules.most_paths = static_cast<std::uint32_t>(entry["most_paths"].integer());
  rules.sharing = sharing_named(entry["sharing"].text());
  rules.contention = entry["contention"].number();
  if (const View incast = entry["incast"]) {
    rules.incast = {static_cast<std::uint32_t>(incast["flows"].integer()),
                    incast["factor"].number()};
  }
  return rules;
}

/// Every parameter was decoded without a problem.
bool is_whole(const View& entry, const TopologyEntry& family) {
  return std::ranges::all_of(family.params, [&](const ParamSpec& spec) {
    const View value = entry[spec.name];
    return value || spec.fallback == "null";
  });
}

/// Facts that a run rests on: all that are stated.
void note_sources(Resolution& r, const Hardware& entry) {
  std::vector<std::string> keys;
  for (const auto& source : entry.value["sources"].each()) keys.push_back(source.key);
  const std::vector<std::string_view> facts(keys.begin(), keys.end());
  note_assumptions(r, kFabrics, entry, facts);
}

/// Each server of the region has its endpoints: as many as its accelerators, where the fabric
/// counts accelerators, else one.
void check_endpoints(Resolution& r, const View& at, const FabricSpec& fabric) {
  const std::uint64_t each = fabric.topology->endpoints_per_server();
  std::uint64_t servers = 0;
  for (const RackGroup& rack : r.scenario.racks) {
    if (rack.region != fabric.region) continue;
    servers += servers_in(rack);
    for (const RackGroup::Run& run : rack.servers) {
      const ServerType& type = r.scenario.server_types[run.type];
      if (each == 1 || type.shape.accelerators <= each) continue;
      r.error("E034", at,
              fmt::format("a server of {} has {} accelerators, and the fabric has endpoints for {} "
                          "a server",
                          hyperdc::quoted(type.name), type.shape.accelerators, each));
      return;
    }
  }
  if (servers * each <= fabric.topology->hosts()) return;
  r.error("E034", at,
          fmt::format("{} servers with {} endpoints each, and the fabric has {} endpoints", servers,
                      each, fabric.topology->hosts()),
          "a larger fabric, or fewer servers");
}

void resolve_fabric(Resolution& r, std::uint32_t region, const View& at) {
  const Hardware entry = find_entry(r, kFabrics, at.text());
  if (!entry.value) {
    const bool broken = !r.catalog.file(kFabrics, at.text()).empty() || entry.value.json();
    if (!broken) r.unknown(at, "fabric", known_names(r, kFabrics));
    return;
  }
  const TopologyEntry* family = family_named(entry.value["family"].text());
  if (family == nullptr || !is_whole(entry.value, *family)) return;  // reported
  if (const std::string problem = fabric_problem(entry.value); !problem.empty()) {
    r.error("E034", entry.value, problem);
    return;
  }
  FabricSpec fabric = fabric_of_entry(entry.value);
  fabric.type = entry.name;
  fabric.region = region;
  note_sources(r, entry);
  if (!fabric.switches.power_w) {
    r.scenario.assumptions.push_back({fmt::format("fabrics.{}.switches.power", entry.name),
                                      "not stated: the switches are not in the power"});
  }
  check_endpoints(r, at, fabric);
  r.scenario.fabrics.push_back(std::move(fabric));
}

/// Inline types that no region uses are checked too.
void check_unused(Resolution& r) {
  for (const auto& entry : r.spec[types_key(kFabrics)].each()) {
    const auto& used = r.scenario.fabrics;
    if (std::ranges::find(used, entry.key, &FabricSpec::type) != used.end()) continue;
    const TopologyEntry* family = family_named(entry.value["family"].text());
    if (family == nullptr || !is_whole(entry.value, *family)) continue;
    const std::string problem = fabric_problem(entry.value);
    const bool named = std::ranges::any_of(r.spec["regions"].each(), [&](const auto& region) {
      return region.value["fabric"].text() == entry.key;
    });
    if (!problem.empty() && !named) r.error("E034", entry.value, problem);
  }
}

}  // namespace

std::string fabric_problem(const View& entry) {
  const TopologyEntry* family = family_named(entry["family"].text());
  HYPERDC_CHECK(family != nullptr, "a fabric has a family");
  const Params params = params_of(entry, family->params);
  std::string problem = family->check == nullptr ? "" : family->check(params);
  if (!problem.empty()) return problem;
  const FabricRules rules = rules_of(entry);
  if (rules.sharing == FlowSharing::constant && (rules.incast || rules.contention < 1)) {
    return "flows that do not share (constant) have neither incast nor contention";
  }
  const std::uint64_t links = family->make(params)->links();
  if (static_cast<double>(links) > kMaxFabricLinks) {
    return fmt::format("{} directed links; a fabric may have {:.0f}", links, kMaxFabricLinks);
  }
  return {};
}

FabricSpec fabric_of_entry(const View& entry) {
  const TopologyEntry* family = family_named(entry["family"].text());
  HYPERDC_CHECK(family != nullptr, "a fabric has a family");
  FabricSpec fabric;
  fabric.family = family->name;
  fabric.topology = family->make(params_of(entry, family->params));
  fabric.efficiency = entry["efficiency"].number();
  fabric.rules = rules_of(entry);
  fabric.switches = gear_of(entry["switches"]);
  fabric.optics = gear_of(entry["optics"]);
  return fabric;
}

void resolve_fabrics(Resolution& r) {
  std::uint32_t index = 0;
  for (const auto& [name, region, _] : r.spec["regions"].each()) {
    const View fabric = region["fabric"];
    if (fabric) resolve_fabric(r, index, fabric);
    const View racks = region["racks"];
    const bool stated = racks.json() != nullptr && !racks.each().empty();
    if (region && !stated && fabric.json() == nullptr) {
      r.error("E011", View(region.json(), region.path() + ".racks"), "is missing",
              "a region has racks, or at least a fabric");
    }
    ++index;
  }
  check_unused(r);
}

}  // namespace hyperdc
