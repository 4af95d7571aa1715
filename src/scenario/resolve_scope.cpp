// Scopes: which racks a cause of failures or a control plane is about.
#include <fmt/format.h>
#include <optional>
#include <set>

#include "scenario/resolve.hpp"
#include "scenario/resolve_jobs.hpp"

namespace hyperdc {
namespace {

/// The names of a list, each checked against those that exist. Nothing: the list is not given.
std::optional<std::set<std::string>> scope_names(Resolution& r, const View& list,
                                                 std::string_view kind,
                                                 const std::set<std::string>& known) {
  if (!list) return std::nullopt;
  std::set<std::string> names;
  for (const auto& [_, name, span] : list.each()) {
    if (!name) continue;
    if (!known.contains(name.text())) r.unknown(name, kind, {known.begin(), known.end()});
    names.insert(name.text());
  }
  return names;
}

std::vector<bool> racks_of_pools(const Scenario& scenario) {
  std::vector<bool> pooled(scenario.racks.size(), false);
  for (const PoolSpec& pool : scenario.pools) {
    for (const std::uint32_t rack : pool.racks) pooled[rack] = true;
  }
  return pooled;
}

}  // namespace

std::string zone_name(const Scenario& scenario, const RackGroup& rack) {
  return scenario.regions[rack.region].name + "." + rack.zone;
}

std::vector<std::uint32_t> racks_in_scope(Resolution& r, const View& at) {
  const Scenario& scenario = r.scenario;
  std::set<std::string> all_regions, all_zones, all_racks;
  for (const Region& region : scenario.regions) all_regions.insert(region.name);
  for (const RackGroup& rack : scenario.racks) {
    all_zones.insert(zone_name(scenario, rack));
    all_racks.insert(rack.name);
  }
  const std::size_t before = r.problems.errors();
  const auto regions = scope_names(r, at["in"], "region", all_regions);
  const auto zones = scope_names(r, at["zones"], "zone", all_zones);
  const auto racks = scope_names(r, at["racks"], "rack group", all_racks);
  const std::vector<bool> pooled = racks_of_pools(scenario);
  std::vector<std::uint32_t> chosen;
  for (std::uint32_t i = 0; i < scenario.racks.size(); ++i) {
    const RackGroup& rack = scenario.racks[i];
    if (!pooled[i]) continue;
    if (regions && !regions->contains(scenario.regions[rack.region].name)) continue;
    if (zones && !zones->contains(zone_name(scenario, rack))) continue;
    if (racks && !racks->contains(rack.name)) continue;
    chosen.push_back(i);
  }
  if (r.problems.errors() != before || !r.all_racks_known()) return {};
  if (chosen.empty()) {
    r.error("E032", at, "no rack of any pool can be hit",
            "\"in\", \"zones\" and \"racks\" must hold together");
  }
  return chosen;
}

DistributionSpec random_time(Resolution& r, const View& value, double least) {
  const std::size_t before = r.problems.errors();
  DistributionSpec spec = distribution_of(r, value);
  if (!value || r.problems.errors() != before) return Exponential{1};
  const std::string problem = distribution_problem(spec);
  if (!problem.empty()) {
    r.error("E021", value, problem);
    return Exponential{1};
  }
  if (Distribution(spec).mean() < least) {
    r.error("E021", value, fmt::format("the mean must be at least {} s", least));
    return Exponential{1};
  }
  return spec;
}

}  // namespace hyperdc
