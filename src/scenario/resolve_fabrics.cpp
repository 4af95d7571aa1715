// Fabrics: from the scenario itself, then from the catalog; one a region that names it.
#include "scenario/resolve_fabrics.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <variant>

#include <hyperdc/core/assert.hpp>

#include "core/text.hpp"
#include "scenario/description.hpp"
#include "scenario/resolve.hpp"
#include "scenario/resolve_costs.hpp"
#include "scenario/resolve_graph.hpp"

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

std::string size_problem(const Topology& topology) {
  const std::uint64_t links = topology.links();
  if (static_cast<double>(links) <= kMaxFabricLinks) return {};
  return fmt::format("{} directed links; a fabric may have {:.0f}", links, kMaxFabricLinks);
}

/// Or what is wrong with parameters that are each right, as one sentence.
std::variant<std::shared_ptr<const Topology>, std::string> topology_of_params(
    const View& entry, const TopologyEntry& family) {
  const Params params = params_of(entry, family.params);
  std::string problem = family.check == nullptr ? "" : family.check(params);
  if (!problem.empty()) return problem;
  return std::shared_ptr<const Topology>(family.make(params));
}

TpuPod pod_of(const View& slices) {
  return {static_cast<std::uint32_t>(slices["cubes"].number()),
          static_cast<std::uint32_t>(slices["largest"].number())};
}

/// "4x4x8": the legal slices of fewer and of more chips, or of as many, that are nearest.
std::string near_slices(const TpuPod& pod, std::uint64_t chips) {
  const auto legal = legal_slices(pod);
  std::optional<SliceShape> below, above;
  for (const SliceShape& shape : legal) {
    if (shape.chips <= chips && (!below || shape.chips >= below->chips)) below = shape;
    if (shape.chips > chips && (!above || shape.chips <= above->chips)) above = shape;
  }
  std::string out;
  for (const auto& shape : {below, above}) {
    if (shape) {
      out += fmt::format("{}{}x{}x{}", out.empty() ? "" : " and ", shape->x, shape->y, shape->z);
    }
  }
  return "legal slices near it: " + out;
}

/// A torus that says which pod it is cut from is a legal slice of it. Looks at the extents alone,
/// so that it is told together with what else is wrong.
bool check_slice(const View& entry, Problems& problems) {
  const View slices = entry["slices"];
  if (!slices) return true;
  for (const std::string_view key : {"x", "y", "z", "wrap"}) {
    if (!entry[key]) return false;  // reported
  }
  if (!slices["cubes"] || !slices["largest"]) return false;  // reported
  const TpuPod pod = pod_of(slices);
  const auto extent = [&](std::string_view key) {
    return static_cast<std::uint32_t>(entry[key].number());
  };
  const std::array<std::uint32_t, 3> xyz = {extent("x"), extent("y"), extent("z")};
  const std::uint64_t chips = std::uint64_t{xyz[0]} * xyz[1] * xyz[2];
  std::string problem;
  std::string hint;
  if (pod.largest > pod.cubes) {
    problem = "the largest slice has more cubes than the pod";
  } else if (const auto shape = legal_slice(pod, xyz); !shape) {
    problem = fmt::format("{}x{}x{} is not a legal slice of this pod", xyz[0], xyz[1], xyz[2]);
    hint = near_slices(pod, chips);
  } else if (shape->wrapped != entry["wrap"].flag()) {
    problem = shape->wrapped ? "a slice of whole cubes is closed to rings"
                             : "a slice inside a cube is a mesh";
    hint = fmt::format("\"wrap\": {}", shape->wrapped);
  }
  if (!problem.empty()) problems.error("E034", slices.path(), problem, hint, slices.span());
  return problem.empty();
}

bool check_rules(const View& entry, Problems& problems) {
  const std::string problem = rules_problem(fabric_rules_of(entry));
  if (!problem.empty()) problems.error("E034", entry.path(), problem, "", entry.span());
  return problem.empty();
}

/// Null and problems where there is none; `topology` is null when its own are reported.
std::shared_ptr<const Topology> checked(const std::shared_ptr<const Topology>& topology,
                                        const View& entry, Problems& problems) {
  const std::string size = topology == nullptr ? "" : size_problem(*topology);
  if (!size.empty()) problems.error("E034", entry.path(), size, "", entry.span());
  const bool rules = check_rules(entry, problems);
  const bool slice = check_slice(entry, problems);
  return size.empty() && rules && slice ? topology : nullptr;
}

std::shared_ptr<const Topology> family_topology(const View& entry, Problems& problems) {
  const TopologyEntry* family = family_named(entry["family"].text());
  if (family == nullptr || !is_whole(entry, *family)) return nullptr;  // reported
  auto made = topology_of_params(entry, *family);
  if (const auto* problem = std::get_if<std::string>(&made)) {
    problems.error("E034", entry.path(), *problem, "", entry.span());
    return nullptr;
  }
  return std::get<0>(std::move(made));
}

bool is_graph(const View& entry) {
  return entry["family"].text() == kGraphFamily;
}

std::shared_ptr<const Topology> resolve_topology(Resolution& r, const View& entry) {
  return checked(is_graph(entry) ? resolve_graph(r, entry) : family_topology(entry, r.problems),
                 entry, r.problems);
}

FabricSpec fabric_around(const View& entry, std::shared_ptr<const Topology> topology) {
  FabricSpec fabric;
  fabric.family = entry["family"].text();
  fabric.topology = std::move(topology);
  fabric.efficiency = entry["efficiency"].number();
  fabric.rules = fabric_rules_of(entry);
  fabric.switches = gear_of(entry["switches"]);
  fabric.optics = gear_of(entry["optics"]);
  if (const View slices = entry["slices"]) fabric.pod = pod_of(slices);
  return fabric;
}

/// What switches and optics cost the region, where they are written off.
void resolve_gear_price(Resolution& r, const View& entry, const FabricSpec& fabric) {
  const View life = entry["life"];
  if (!life) return;
  const std::optional<double> usd = fabric_price_usd(fabric);
  if (!usd) {
    return r.error("E034", life, "neither switches nor optics have a price that is written off",
                   "\"switches\": {\"price\": \"38000 USD\"}");
  }
  Region& region = r.scenario.regions[*fabric.region];
  if (region.costs.network) {
    return r.error("E034", life,
                   fmt::format("region {} states what its network costs, too", region.name),
                   "either \"life\" or \"costs.network\" of its facility");
  }
  PurchaseTerms terms;
  terms.usd = *usd;
  terms.life_s = to_seconds(life.duration());
  region.costs.network = Price::purchase(terms);
  region.cost_sources.network = source_of(entry["sources"], "switches.price");
}

void resolve_fabric(Resolution& r, std::uint32_t region, const View& at) {
  const Hardware entry = find_entry(r, kFabrics, at.text());
  if (!entry.value) {
    const bool broken = !r.catalog.file(kFabrics, at.text()).empty() || entry.value.json();
    if (!broken) r.unknown(at, "fabric", known_names(r, kFabrics));
    return;
  }
  std::shared_ptr<const Topology> topology = resolve_topology(r, entry.value);
  if (topology == nullptr) return;
  FabricSpec fabric = fabric_around(entry.value, std::move(topology));
  fabric.name = r.scenario.regions[region].name;
  fabric.type = entry.name;
  fabric.region = region;
  resolve_gear_price(r, entry.value, fabric);
  note_sources(r, entry);
  if (!fabric.switches.power_w) {
    r.scenario.assumptions.push_back({fmt::format("fabrics.{}.switches.power", entry.name),
                                      "not stated: the switches are not in the power"});
  }
  check_endpoints(r, at, fabric);
  r.scenario.fabrics.push_back(std::move(fabric));
}

/// Inline types that no region names are checked too.
void check_unused(Resolution& r) {
  for (const auto& entry : r.spec[types_key(kFabrics)].each()) {
    const bool named = std::ranges::any_of(r.spec["regions"].each(), [&](const auto& region) {
      return region.value["fabric"].text() == entry.key;
    });
    if (!named && entry.value) resolve_topology(r, entry.value);
  }
}

}  // namespace

FabricRules fabric_rules_of(const View& entry) {
  FabricRules rules;
  rules.routing = routing_named(entry["routing"].text());
  rules.most_paths = static_cast<std::uint32_t>(entry["most_paths"].integer());
  rules.sharing = sharing_named(entry["sharing"].text());
  if (const View contention = entry["contention"]) rules.contention = contention.number();
  if (const View incast = entry["incast"]) {
    rules.incast = {static_cast<std::uint32_t>(incast["flows"].integer()),
                    incast["factor"].number()};
  }
  return rules;
}

std::string rules_problem(const FabricRules& rules) {
  if (rules.sharing == FlowSharing::constant && (rules.incast || rules.contention < 1)) {
    return "flows that do not share (constant) have neither incast nor contention";
  }
  return {};
}

std::optional<FabricSpec> fabric_of_entry(const View& entry, Problems& problems) {
  auto topology =
      checked(is_graph(entry) ? inline_graph(entry, problems) : family_topology(entry, problems),
              entry, problems);
  if (topology == nullptr) return std::nullopt;
  return fabric_around(entry, std::move(topology));
}

void resolve_fabrics(Resolution& r) {
  std::uint32_t index = 0;
  for (const auto& [name, region, _] : r.spec["regions"].each()) {
    const View fabric = region["fabric"];
    if (fabric) resolve_fabric(r, index, fabric);
    const View racks = region["racks"];
    const bool stated = racks.json() != nullptr && !racks.each().empty();
    if (region && !stated && fabric.json() == nullptr && r.spec["wan"].json() == nullptr) {
      r.error("E011", View(region.json(), region.path() + ".racks"), "is missing",
              "a region has racks, or at least a fabric, or a WAN that joins it to others");
    }
    ++index;
  }
  check_unused(r);
}

}  // namespace hyperdc
