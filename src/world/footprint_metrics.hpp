// Metrics of carbon and water: of regions, and what workloads have of them.
//
// Computes, after the warm-up:
//   carbon.METHOD of energy and water (economics/energy_books.hpp); carbon.embodied = mass / life *
//     time within its life, of all servers, which are as old as their purchase
//   of a workload  sum over regions of what the region has * w / (sum of w of all workloads there),
//     w = sum over the servers that it held (held_servers.hpp) of server s * full power of the
//     type: what stands idle is shared as well, so that workloads add up to the regions that they
//     hold servers in; and that over a million tokens, or over answered requests
// Equation: as above. Units: kg, m3. Source: definitions. Valid range: as the books of energy; of
// servers whose power is known. Leaves out: emissions of buildings and networks; regions in which
// no workload holds anything are nobody's; that a held server may draw less than another.
#pragma once

#include <vector>

#include "metrics/recorder.hpp"
#include "world/world.hpp"

namespace hyperdc {

/// Whether the scenario states what anything emits or evaporates.
bool has_footprint(const Scenario& scenario);
/// What cannot be known is null with its reason. The power meter must have been closed.
void read_footprint(const World& world, SimTime end, std::vector<MetricValue>& values);

}  // namespace hyperdc
