// PoolForecast: what energy costs and emits where the servers of a pool stand, as a scheduler knows
// it: exactly, from the rates of the scenario.
//
// Computes: the rate r(t) of the pool = sum over its regions of servers_i * r_i(t) / servers; and
// the same over the regions that jobs with `residency` may run in.
// Units: USD/J or g/J, and s. Source: definition. Valid: regions that all state the signal (the
// resolver refuses others; here they have none). Leaves out: errors of forecasts, and that the
// servers of one region may draw more than those of another.
#pragma once

#include <map>
#include <vector>

#include <hyperdc/policy/scheduler.hpp>

#include "world/world.hpp"

namespace hyperdc {

class PoolForecast final : public EnergyForecast {
 public:
  /// After the blocks of the pool were built.
  PoolForecast(const Scenario& scenario, const PoolState& pool);
  double integral(EnergySignal signal, SimTime from, SimTime to) const override;
  std::optional<SimTime> next_change(EnergySignal signal, SimTime at) const override;
  const EnergyForecast& in(ZoneSet zones) const override;

 private:
  PoolForecast(const Scenario& scenario, const PoolState& pool, ZoneSet zones);

  struct Part {
    const EnergyTerms* terms = nullptr;  // of a region
    double share = 0;                    // of the servers of the pool
  };
  std::vector<Part> parts_;
  std::map<ZoneSet, PoolForecast> confined_;  // of workloads with residency
};

}  // namespace hyperdc
