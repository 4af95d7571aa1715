// LoadFluctuation: how far the busy slots of a station, averaged over a step, lie from their
// expectation: what sensors see of chance where requests are not simulated.
//
//   Var[B] = a (1 - C)                        B busy slots, a their mean, C = P(all busy); exact
//   for
//                                             M/M/c (balance of B^2); a for M/G/infinity
//   integral of the autocovariance over t > 0 = a S (Ca2 + Cs2) / 2     work that comes in a long
//                                             time, whatever the servers
//   B - a is taken as an Ornstein-Uhlenbeck process of that variance and that integral, so its
//   correlation time is S (Ca2 + Cs2) / (2 (1 - C)); the mean over a step and the end of it are
//   drawn together, exactly (Gillespie, Phys. Rev. E 54, 1996)
// Units: slots, seconds. Valid where many slots are busy, a > 10 or so: the deviation is normal.
// Leaves out: the fluctuation of those that wait, which is larger than that of the busy ones near
// capacity; differences between replicas.
#pragma once

namespace hyperdc {

struct FluctuationInput {
  double step_s = 60;
  double busy = 0;       // a
  double all_busy = 0;   // C
  double service_s = 1;  // S
  double variation = 2;  // Ca2 + Cs2
};

class LoadFluctuation {
 public:
  /// Deviation of the mean over the step; `first` and `second` are standard normal.
  double step(const FluctuationInput& input, double first, double second);

 private:
  double state_ = 0;  // (B - a) / its standard deviation, at the end of the last step
};

}  // namespace hyperdc
