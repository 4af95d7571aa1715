// DemandCurve: a demand over time for one seed: its rate, its integral and bounds, each exact.
//
// rate      1/s, never below 0, right-continuous.
// expected  integral of the rate: expected number of arrivals. Closed forms for constants, tables,
//           diurnal curves, growth, flash crowds, events, noise, sums, shifts, clips and products
//           of which at most one factor varies at a time; other products by Gauss-Legendre
//           quadrature between breaks, halved until two orders agree to 1e-10. Relative error below
//           1e-9.
// bounds    low <= rate(t) <= high for all t of [from, to]; the width goes to that of the jumps in
//           it as the interval shrinks. Interval arithmetic, so products are bounded loosely on
//           long intervals.
// Units: 1/s and s. Range: instants within 100 years of 0. Leaves out nothing of the specification:
// the curve is deterministic for a seed, noise included.
//
// Asking is const but keeps a small cache of noise: one curve belongs to one run, not to threads.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "workload/demand/demand_spec.hpp"

namespace hyperdc {

namespace demand_nodes {
class Node;
}

class DemandCurve {
 public:
  DemandCurve(const DemandSpec& spec, std::uint64_t seed);
  ~DemandCurve();
  DemandCurve(DemandCurve&&) noexcept;
  DemandCurve& operator=(DemandCurve&&) noexcept;

  double rate(SimTime t) const;
  /// from <= to.
  double expected(SimTime from, SimTime to) const;
  std::pair<double, double> bounds(SimTime from, SimTime to) const;
  /// The first instant after `t` at which the rate or its slope may jump; nothing if it is smooth
  /// from `t` on.
  std::optional<SimTime> next_break(SimTime t) const;
  /// The least instant x in [from, end] with expected(from, x) >= amount, to the nanosecond;
  /// nothing if there is none.
  std::optional<SimTime> when(SimTime from, double amount, SimTime end) const;

 private:
  std::unique_ptr<const demand_nodes::Node> root_;
};

/// Where the rate is largest on [from, to], to one part in a thousand of it or `resolution`.
struct DemandPeak {
  SimTime at;
  double rate = 0;
};
DemandPeak find_peak(const DemandCurve& curve, SimTime from, SimTime to);

}  // namespace hyperdc
