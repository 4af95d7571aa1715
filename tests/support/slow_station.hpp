// A station simulated request by request in the most obvious way: R replicas of c slots behind a
// router, first come, first served or processor sharing. What formulas are held against.
//
// Served at min(1, c / n) under processor sharing, n present. Arrivals: a renewal process of gamma
// intervals, run through the integral of a rate that is constant in pieces. Units: seconds.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/distribution.hpp"

namespace hyperdc::test {

enum class SlowRouter { random, round_robin, least_loaded, power_of_two };

struct RatePiece {
  double duration_s = 0;
  double rate_per_s = 0;
};

struct SlowStation {
  std::uint32_t replicas = 1;
  std::uint32_t concurrency = 1;
  SlowRouter router = SlowRouter::random;
  bool sharing = false;  // processor sharing, else first come, first served
  DistributionSpec service = Exponential{1};
  double arrivals_cv = 1;
  std::uint64_t queue_limit = UINT64_MAX;  // waiting places of each replica
  std::vector<RatePiece> rates;
  double warmup_s = 0;  // arrivals before are served and not counted
  double window_s = 0;  // length of the windows below; 0: none
};

struct SlowWindow {
  double served = 0;  // completions
  double lost = 0;
  double in_system = 0;             // mean
  std::vector<double> latencies_s;  // of the admitted that arrived in the window
};

struct SlowResult {
  std::vector<double> latencies_s, waits_s;  // by arrival; waits: latency less size
  double lost = 0, offered = 0;
  double utilization = 0;  // mean busy share of the slots, after the warm-up
  double in_system = 0;    // mean number, after the warm-up
  std::vector<SlowWindow> windows;
};

SlowResult simulate(const SlowStation& station, std::uint64_t seed);

/// The nearest rank of unsorted values.
double quantile_of(std::vector<double> values, double p);
double mean_of(const std::vector<double>& values);

}  // namespace hyperdc::test
