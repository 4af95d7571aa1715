// Rollouts: which deployments are in a wave, and whether the waves reach every replica.
#include "scenario/resolve_rollouts.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace hyperdc {
namespace {

/// Is the deployment in the wave? One that is in part is a problem.
bool is_in_wave(Resolution& r, const View& wave, const DeploymentSpec& deployment) {
  const Scenario& scenario = r.scenario;
  const auto has = [](const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  const View regions = wave["in"];
  if (regions && !has(regions.texts(), scenario.regions[deployment.region].name)) return false;
  const View zones = wave["zones"];
  if (!zones) return true;
  std::size_t inside = 0;
  const std::vector<std::uint32_t>& racks = scenario.pools[deployment.pool].racks;
  for (const std::uint32_t rack : racks) {
    inside += has(zones.texts(), zone_name(scenario, scenario.racks[rack])) ? 1 : 0;
  }
  if (inside > 0 && inside < racks.size()) {
    r.error("E034", zones, fmt::format("pool \"{}\" has racks in other zones", deployment.name),
            "a wave takes whole deployments; make a pool for each zone");
  }
  return inside == racks.size();
}

/// Names in a wave that nothing has.
void check_wave_names(Resolution& r, const View& wave) {
  std::set<std::string> regions, zones;
  for (const Region& region : r.scenario.regions) regions.insert(region.name);
  for (const RackGroup& rack : r.scenario.racks) zones.insert(zone_name(r.scenario, rack));
  for (const auto& [_, name, span] : wave["in"].each()) {
    if (name && !regions.contains(name.text())) {
      r.unknown(name, "region", {regions.begin(), regions.end()});
    }
  }
  for (const auto& [_, name, span] : wave["zones"].each()) {
    if (name && !zones.contains(name.text())) {
      r.unknown(name, "zone", {zones.begin(), zones.end()});
    }
  }
}

RollingSpec rolling_of(const View& at) {
  return {at["max_surge"].number(), at["max_unavailable"].number()};
}

void resolve_waves(Resolution& r, const View& rollout, const ServiceWorkload& service,
                   RolloutSpec& out) {
  std::vector<double> reached(service.deployments.size(), 0);
  const std::size_t before = r.problems.errors();
  for (const auto& [_, wave, span] : rollout["waves"].each()) {
    check_wave_names(r, wave);
    WaveSpec spec;
    spec.share = wave["share"].number();
    spec.bake = wave["bake"].duration();
    for (std::size_t d = 0; d < service.deployments.size(); ++d) {
      spec.deployments.push_back(is_in_wave(r, wave, service.deployments[d]));
      if (spec.deployments.back()) reached[d] = std::max(reached[d], spec.share);
    }
    out.waves.push_back(std::move(spec));
  }
  if (r.problems.errors() != before || out.waves.empty()) return;
  for (std::size_t d = 0; d < reached.size(); ++d) {
    if (reached[d] == 1) continue;
    r.error("E034", rollout["waves"],
            fmt::format("{:g} % of the replicas in pool \"{}\" never get the new version",
                        100 * (1 - reached[d]), service.deployments[d].name),
            R"(add a last wave {"share": 1} for it)");
  }
}

}  // namespace

void resolve_rollouts(Resolution& r, const View& rollouts, ServiceWorkload& service) {
  for (const auto& [_, rollout, span] : rollouts.each()) {
    if (!rollout) continue;
    RolloutSpec out;
    out.at = rollout["at"].duration();
    if (!service.rollouts.empty() && out.at < service.rollouts.back().at) {
      r.error("E034", rollout["at"], "it begins before the rollout above it");
    }
    resolve_waves(r, rollout, service, out);
    out.rolling = rolling_of(rollout);
    if (const View bad = rollout["bad"]) {
      out.rollback = rolling_of(rollout["rollback"]);
      out.bad_probability = bad["probability"].number();
      out.service_time_factor = std::max(0.01, bad["service_time_factor"].number());
      out.error_rate = bad["error_rate"].number();
      const View detection = rollout["detection"];
      out.detection_probability = detection ? detection["probability"].number() : 0;
      if (detection) out.detection_delay = random_time(r, detection["delay"], 0);
    }
    service.rollouts.push_back(std::move(out));
  }
}

}  // namespace hyperdc
