#include "world/energy_forecast.hpp"

#include <algorithm>

namespace hyperdc {

PoolForecast::PoolForecast(const Scenario& scenario, const PoolSpec& pool) {
  std::vector<double> servers(scenario.regions.size(), 0);
  double all = 0;
  for (const std::uint32_t rack : pool.racks) {
    const RackGroup& group = scenario.racks[rack];
    for (const RackGroup::Run& run : group.servers) {
      servers[group.region] += run.count;
      all += run.count;
    }
  }
  for (std::size_t region = 0; region < servers.size(); ++region) {
    if (servers[region] == 0) continue;
    parts_.push_back({&scenario.regions[region].energy, servers[region] / all});
  }
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
