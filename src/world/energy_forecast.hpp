// PoolForecast: what energy costs and emits where the servers of a pool stand, as a scheduler knows
// it: exactly, from the rates of the scenario.
//
// Computes: the rate r(t) of the pool = sum over its regions of servers_i * r_i(t) / servers.
// Units: USD/J or g/J, and s. Source: definition. Valid: regions that all state the signal (the
// resolver refuses others; here they have none). Leaves out: errors of forecasts, and that the
// servers of one region may draw more than those of another.
#pragma once

#include <vector>

#include <hyperdc/policy/scheduler.hpp>

#include "scenario/scenario.hpp"

namespace hyperdc {

class PoolForecast final : public EnergyForecast {
 public:
  PoolForecast(const Scenario& scenario, const PoolSpec& pool);
  double integral(EnergySignal signal, SimTime from, SimTime to) const override;
  std::optional<SimTime> next_change(EnergySignal signal, SimTime at) const override;

 private:
  struct Part {
    const EnergyTerms* terms = nullptr;  // of a region
    double share = 0;                    // of the servers of the pool
  };
  std::vector<Part> parts_;
};

}  // namespace hyperdc
