// Metrics of money, carbon and water: sums of the bill, and what a workload has of it.
//
// Computes: cost.ACCOUNT and cost.total, of regions and of all, from the items of the bill
// (bill.hpp);
//   of a workload  cost = price * time * share of the servers that it held, the share being the
//     largest of those of cores, memory and accelerators; of what is owned the price is what is
//     written off in the counted time, and upkeep, as on the bill.
//     Workloads that share servers by other resources may cost more than the servers together
//   loaded_cost = all of the bill * cost / sum of the costs of all workloads: what stands idle,
//     energy, buildings and the rest in proportion; the sum over workloads is the bill
//   per accelerator-hour: the bill over accelerators that stand, or that were held, times hours
//   cost.known: what is known of a total that is not, its lower bound where no price is below 0
//   carbon.METHOD of energy (economics/energy_books.hpp), carbon.embodied = mass / life * time
//     within its life, of all servers, which are as old as their purchase; water
// Units: USD, kg, m3. Source: definitions. Valid range: as the bill's.
// Leaves out: emissions of buildings and networks.
#pragma once

#include <vector>

#include "metrics/recorder.hpp"
#include "world/bill.hpp"

namespace hyperdc {

/// Appends what can be known; nothing of money where the bill is empty. What cannot be known is
/// null with its reason. The power meter must have been closed.
void read_costs(const World& world, const std::vector<BillItem>& bill, SimTime end,
                std::vector<MetricValue>& values);

}  // namespace hyperdc
