// Durability by a Markov chain: the mean time until a group of fragments loses data.
//
// Computes: MTTDL, the mean time to data loss of one group that is whole at the start. The states
// are the patterns of losses: how many in each local group (in any order) and how many outside. All
// fragments fail alike, so patterns of one kind are lumped exactly. Replication and Reed-Solomon
// give the birth-death chain of m + 1 states.
// Equation: fragments fail at rate lambda each. Repair, `each`: every lost fragment comes back at
// rate mu; `one_by_one`: one of them at a time, any with equal chance. Data is lost with the first
// pattern that is not decodable (model/storage/code.hpp). With q_ij the rates between patterns,
//   h_i sum_j q_ij = 1 + sum_(j not lost) q_ij h_j,
// solved by elimination without subtraction, so that a result of 1e30 has the digits of one of 1:
// Grassmann, Taksar, Heyman, "Regenerative analysis", Operations Research 33(5) (1985); O'Cinneide,
// Numerische Mathematik 65 (1993). The chain for storage: Gibson, "Redundant disk arrays" (1992).
// Units: that of the rates, any. Valid range: exponential times; independent failures.
// Leaves out: what makes failures come together (racks, batches of drives) and latent sector
// errors; groups of a system share drives, and count here as independent.
#pragma once

#include "model/storage/code.hpp"

namespace hyperdc {

enum class RepairOrder { each, one_by_one };

/// Mean time to data loss of one group. Both rates are above 0; a code without tolerance loses data
/// with its first fragment.
double group_mttdl(const StorageCode& code, double failure_rate, double repair_rate,
                   RepairOrder order);

}  // namespace hyperdc
