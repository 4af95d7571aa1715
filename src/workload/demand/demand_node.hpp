// The terms of a demand curve made computable: value, exact integral, bounds and the instants where
// a term is not smooth. One implementation a term (demand_terms.cpp, demand_table.cpp,
// demand_noise.cpp, demand_compose.cpp).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "workload/demand/demand_spec.hpp"

namespace hyperdc::demand_nodes {

struct Bounds {
  double low = 0;
  double high = 0;
};

/// Values are right-continuous: at a step the new value holds.
class Node {
 public:
  virtual ~Node() = default;
  virtual double value(SimTime t) const = 0;
  /// Integral over [from, to], seconds times value; from <= to.
  virtual double integral(SimTime from, SimTime to) const = 0;
  /// Bounds of the values at all instants of [from, to]; equal exactly where the term is constant.
  virtual Bounds bounds(SimTime from, SimTime to) const = 0;
  /// The first instant after `t` at which the term or its slope may jump.
  virtual std::optional<SimTime> next_break(SimTime t) const = 0;
  /// Between breaks, quadrature with seven points is exact to 1e-12 over this many seconds, or the
  /// error estimate notices that it is not.
  virtual double smooth_s() const = 0;
};

using NodeRef = std::unique_ptr<const Node>;

/// `seed` feeds the noise.
NodeRef make_node(const DemandSpec& spec, std::uint64_t seed);

NodeRef make_table(const DemandTable& spec);
NodeRef make_diurnal(const DemandDiurnal& spec);
NodeRef make_growth(const DemandGrowth& spec);
NodeRef make_flash(const DemandFlash& spec);
NodeRef make_event(const DemandEvent& spec);
NodeRef make_noise(const DemandNoise& spec, std::uint64_t seed);
NodeRef make_sum(const DemandSum& spec, std::uint64_t seed);
NodeRef make_product(const DemandProduct& spec, std::uint64_t seed);
NodeRef make_shift(const DemandShift& spec, std::uint64_t seed);
NodeRef make_clip(const DemandClip& spec, std::uint64_t seed);

/// Remainder in [0, period) and the number of whole periods before it.
struct Phase {
  std::int64_t ns = 0;
  std::int64_t cycle = 0;
};
inline Phase phase_of(SimTime t, std::int64_t period_ns) {
  Phase phase{t.ns % period_ns, t.ns / period_ns};
  if (phase.ns < 0) phase = {phase.ns + period_ns, phase.cycle - 1};
  return phase;
}

/// Seconds from `a` to `b`; exact where the difference has at most 53 bits.
inline double seconds_between(SimTime a, SimTime b) {
  return to_seconds(b - a);
}

inline std::optional<SimTime> earlier(std::optional<SimTime> a, std::optional<SimTime> b) {
  if (!a || (b && *b < *a)) return b;
  return a;
}

/// Longest smooth stretch of terms that have no scale of their own.
inline constexpr double kSmoothForever = 1e10;

}  // namespace hyperdc::demand_nodes
