// Ledger: what a run costs, after the warm-up.
//
// Computes: servers: price * time for each server that stands in a region, used or not; in a pool
//   with a node autoscaler for the time in which it is not off;
//   energy: power of the region * tariff, integrated by the power meter;
//   a service: price * time * share of the server that its replicas hold, the share being the
//   largest of those of cores, memory and accelerators. Sum over services <= cost of servers.
// Units: USD. Source: definition; prices and tariffs come with the scenario or the catalog.
// Valid range: constant prices of servers; a tariff by the time of the day.
// Leaves out: buildings, networks, staff, demand charges, taxes, discounts, residual values.
#pragma once

#include <vector>

#include "metrics/recorder.hpp"
#include "world/world.hpp"

namespace hyperdc {

/// Appends the costs; nothing where the scenario has neither prices nor tariffs. What cannot be
/// known is null with its reason. The power meter must have been closed.
void read_costs(const World& world, SimTime end, std::vector<MetricValue>& values);

}  // namespace hyperdc
