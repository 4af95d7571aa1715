// Feed losses: what each device of a redundancy group carries while none, one or two are lost.
//
// Computes: every device is in service for a mean time T and under repair for R, on its own: it is
//   out for u = R / (T + R) of the time. A set S of lost devices lasts for the share
//   P(S) = product of u over S times product of (1 - u) over the others, and begins
//   sum over i of S of P(S without i) / T_i times. What a device that is left carries of the racks
//   is taken from the power tree with S failed and all transfers done.
// Units: s, times a year. Source: independent two-state devices (Trivedi, "Probability and
//   Statistics with Reliability, Queuing, and Computer Science Applications", 2nd ed., chapter 8).
// Valid range: u much below 1. Leaves out: three and more lost devices, common causes, trips that
//   follow from trips, losses of what feeds the group.
#pragma once

#include <vector>

#include "model/power/capped_trips.hpp"
#include "model/power/power_tree.hpp"

namespace hyperdc {

struct MemberLosses {
  DeviceId device;
  double per_year = 0;     // 1 / T; 0: never
  double unavailable = 0;  // u
};

/// `weight` by load: its share of all racks. A path for each set S and each device that is left and
/// carries something, those that are alike together; sets that never happen are left out.
std::vector<LoadPath> paths_with_losses(std::vector<PowerDeviceSpec> devices,
                                        const std::vector<PowerLoadSpec>& loads,
                                        const std::vector<double>& weight,
                                        const std::vector<MemberLosses>& members);

}  // namespace hyperdc
