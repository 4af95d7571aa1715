// Durability of the storage systems that ask for it, at the end of a run.
//
// Computes: the mean time to the first data loss, its 95 % interval, the probability of a loss and
// the bytes that are lost in a year, where single drives fail: by importance splitting
// (model/storage/loss_splitting.hpp) with the lives, the wait and the repairs of the system; and
// the probability of a loss and the bytes that are lost when a share of the servers fails for good
// at once (model/storage/burst.hpp), as the groups are placed at the end of the run.
// Equation: with the rate r of a group by the simulation and S distinct sets of drives,
//   MTTDL = 1 / (S r), P(loss in a year) = 1 - exp(-S r year), bytes a year = groups (1 - exp(-r
//   year)) k F.
// Interval: Student's t over the replications, of the rate. Units: s, bytes. Valid: what the two
// models say. Leaves out: repairs that queue (compare repair.time); both kinds of failure together;
// sets of groups that were written since the begin (S is of the first placement), and, in a burst,
// what is lost or away already.
#pragma once

#include <vector>

#include "world/storage.hpp"

namespace hyperdc {

void read_durability(const World& world, const StorageState& state,
                     std::vector<MetricValue>& values);

}  // namespace hyperdc
