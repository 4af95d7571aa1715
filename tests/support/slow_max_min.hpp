// Max-min fair rates the textbook way, and the certificate that rates are max-min fair: the
// references for MaxMin.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace hyperdc {

struct SlowFlow {
  std::vector<std::uint32_t> path;  // links
  double weight = 1;
  double cap_Bps = 0;               // infinite: none
  std::vector<double> shares = {};  // of the flow on each link of the path; empty: all of it

  double share(std::size_t hop) const { return shares.empty() ? 1 : shares[hop]; }
};

/// Progressive filling: the rates of all flows grow in proportion to their weights; each time a
/// link is full or a flow at its cap, those concerned stop. In extended precision.
std::vector<double> slow_max_min(const std::vector<double>& capacity_Bps,
                                 const std::vector<SlowFlow>& flows);

/// Empty when `rate_Bps` is the weighted max-min allocation to within `tolerance` (relative): no
/// link carries more than its capacity, and each flow is at its cap or crosses a full link on which
/// no flow has more for its weight. Else what is wrong.
std::string not_max_min(const std::vector<double>& capacity_Bps, const std::vector<SlowFlow>& flows,
                        const std::vector<double>& rate_Bps, double tolerance);

}  // namespace hyperdc
