// Throttling: how fast servers run under a power cap, and how much longer work takes.
//
// Computes: P(f) = idle + busy * f^a for a relative clock f in [f_min, 1], where `busy` is what
//   the work adds to the idle power at full clock; so a cap P gives
//     f = ((P - idle) / busy)^(1/a), not below f_min and not above 1,
//   and work of which the share b depends on the clock takes
//     s(f) = b / f + (1 - b)  times as long,  s >= 1.
// Units: W. Source: s(f): Hsu and Feng, "A power-aware run-time system for high-performance
//   computing", SC'05 (their beta); P(f): dynamic power C V^2 f, a = 1 with the voltage fixed and
//   3 with a voltage that follows the clock (Weiser et al., OSDI'94).
// Valid range: 0 < f_min <= 1, a in 1..3, b in 0..1. Leaves out: discrete clock steps, leakage,
//   memory and accelerators that scale otherwise than cores.
#pragma once

namespace hyperdc {

struct ThrottleModel {
  double exponent = 2;       // a
  double least_clock = 0.5;  // f_min
  double clock_bound = 1;    // b
};

/// The clock at which idle + busy * f^a is `cap_w`.
double clock_under_cap(const ThrottleModel& model, double idle_w, double busy_w, double cap_w);
/// idle + busy * f^a.
double power_at_clock(const ThrottleModel& model, double idle_w, double busy_w, double clock);
/// s(f), at least 1.
double slowdown_at_clock(const ThrottleModel& model, double clock);

}  // namespace hyperdc
