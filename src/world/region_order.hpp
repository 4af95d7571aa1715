// RegionOrder: in which order the regions of a pool are tried, for a placement that prefers some.
//
// Computes: what a joule costs or emits in each region at a moment, from the rates of the scenario,
// and the order that the placement makes of it. Units: USD/J or g/J. Source: definition. Valid:
// regions that all state the signal (the resolver refuses others; here they have none) and servers
// whose zones are told apart. Leaves out: what of a region's energy is of its cooling.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <hyperdc/policy/placement.hpp>

#include "scenario/scenario.hpp"

namespace hyperdc {

struct PoolState;

class RegionOrder {
 public:
  RegionOrder(const Scenario& scenario, const PoolState& pool, EnergySignal signal);

  /// Zones of each region, the first to be tried first; at moments that do not fall.
  const std::vector<ZoneSet>& at(SimTime now, const Placement& policy);

 private:
  std::vector<const PeriodicRate*> rates_;  // by region of the pool, as listed
  std::vector<ZoneSet> zones_;
  std::vector<double> per_J_;
  std::vector<std::uint32_t> order_;
  std::vector<ZoneSet> ordered_;
  std::optional<SimTime> known_at_;
};

}  // namespace hyperdc
