// What there is to manage: gear of fabrics by tier, failures a day, control decisions a second.
//
// Computes, after the warm-up of T seconds:
//   endpoints, cables and switches of a fabric   by the arithmetic of its topology (summary())
//   failures a day                               items that failed, of all causes, * 86400 / T
//   routing decisions a second                   attempts that clients let out / T, twice where a
//                                                region is chosen first
//   scheduling decisions a second                placements, preemptions and rejections / T
//   scaling decisions a second                   evaluations of autoscalers and allocators / T
// Units: 1, 1/d and 1/s. Source: definitions; that machines, links and decisions are what grows
// with a system beside its cost: Barroso, Hölzle and Ranganathan, "The Datacenter as a Computer"
// (3rd ed. 2018), chapters 2 and 7. Valid: any run with time after the warm-up. Leaves out:
// decisions inside engines (batches, caches) and switches, health checks, handoffs of caches,
// people.
#pragma once

#include "world/metric_values.hpp"
#include "world/world.hpp"

namespace hyperdc {

void read_complexity(const World& world, SimTime end, std::vector<MetricValue>& values);

}  // namespace hyperdc
