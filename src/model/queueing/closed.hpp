// Closed stations: N users who think and ask in turn, or N machines that fail and are repaired.
//
//   M/M/c//N   states n = 0..N at the station: p(n) ~ product of (N - n + 1) S / (min(n, c) Z)
//              throughput X = sum p(n) min(n, c) / S, response R = N / X - Z (interactive law)
//   MVA        several stations: R_k = S_k (1 + Q_k(N - 1)) for one server, S_k for a delay;
//              X = N / (Z + sum R_k); Q_k = X R_k                 Reiser and Lavenberg, JACM 27
//              (1980)
// Source of the first: Feller, Introduction to Probability I, XVII.7; Kleinrock I, 3.8; the law:
// Denning and Buzen, Computing Surveys 10 (1978). Units: seconds, 1/s. Exact for exponential
// service (any think time distribution: the delay station is insensitive). Valid for N <= 1e7.
// Leaves out users who give up.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace hyperdc::queueing {

struct MachineRepair {
  std::uint64_t users = 1;    // N
  std::uint64_t servers = 1;  // c
  double think_mean_s = 1;    // Z; above 0
  double service_mean_s = 1;  // S
};

struct ClosedState {
  double throughput_per_s = 0;
  double response_mean_s = 0;  // at the station, wait + service
  double at_station = 0;       // mean number
  double busy = 0;             // mean number of busy servers
};

ClosedState equilibrium(const MachineRepair& q);

struct ClosedCentre {
  double demand_s = 0;  // service time * visits a cycle
  bool delay = false;   // true: nobody waits there
};

struct MvaState {
  double throughput_per_s = 0;     // cycles
  std::vector<double> response_s;  // of each centre, a cycle
  std::vector<double> at_centre;   // mean number
};

/// Exact mean value analysis, O(users * centres).
MvaState mean_value_analysis(std::span<const ClosedCentre> centres, std::uint64_t users,
                             double think_mean_s);

}  // namespace hyperdc::queueing
