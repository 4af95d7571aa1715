#include "world/energy_forecast.hpp"

#include <algorithm>

namespace hyperdc {

PoolForecast::PoolForecast(const Scenario& scenario, const PoolState& pool)
    : PoolForecast(scenario, pool, 0) {
  for (const JobsWorkload& workload : scenario.workloads) {
    if (workload.pool != pool.index || workload.residency.empty()) continue;
    ZoneSet zones = 0;
    for (std::size_t block = 0; block < pool.blocks.size(); ++block) {
      const bool may = std::find(workload.residency.begin(), workload.residency.end(),
                                 pool.block_region[block]) != workload.residency.end();
      if (may) zones |= pool.blocks[block].shape.zone;
    }
    if (zones != 0) confined_.emplace(zones, PoolForecast(scenario, pool, zones));
  }
}

PoolForecast::PoolForecast(const Scenario& scenario, const PoolState& pool, ZoneSet zones) {
  std::vector<double> servers(scenario.regions.size(), 0);
  double all = 0;
  for (std::size_t block = 0; block < pool.blocks.size(); ++block) {
    if (zones != 0 && (pool.blocks[block].shape.zone & zones) == 0) continue;
    servers[pool.block_region[block]] += pool.blocks[block].count;
    all += pool.blocks[block].count;
  }
  for (std::size_t region = 0; region < servers.size(); ++region) {
    if (servers[region] == 0) continue;
    parts_.push_back({&scenario.regions[region].energy, servers[region] / all});
  }
}

const EnergyForecast& PoolForecast::in(ZoneSet zones) const {
  const auto it = confined_.find(zones);
  return it == confined_.end() ? *this : it->second;
}

double PoolForecast::integral(EnergySignal signal, SimTime from, SimTime to) const {
  double sum = 0;
  for (const Part& part : parts_) {
    const PeriodicRate* rate = rate_of(*part.terms, signal);
    if (rate != nullptr) sum += part.share * rate->integral(from, to);
  }
  return sum;
}

std::optional<SimTime> PoolForecast::next_change(EnergySignal signal, SimTime at) const {
  std::optional<SimTime> first;
  for (const Part& part : parts_) {
    const PeriodicRate* rate = rate_of(*part.terms, signal);
    if (rate == nullptr) continue;
    const std::optional<SimTime> next = rate->next_step(at);
    if (next && (!first || *next < *first)) first = next;
  }
  return first;
}

}  // namespace hyperdc
