// Arrival processes: the submit time of job k as a sum of independent intervals.
//
// every:   t_k = first + k * mean.
// poisson: exponential intervals; gamma, weibull: intervals of that distribution with the given
//          mean and coefficient of variation (ordinary renewal process). The first job comes after
//          one interval. Interval k is drawn from (stream, entity k), rounded to ns, so that
//          neither run times nor requests have any influence on it.
// Units: s. Range: mean above 0, cv above 0; InvariantError when the sum leaves 292 years.
// Leaves out: batches, daily patterns and correlated intervals.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <hyperdc/core/time.hpp>

#include "core/distribution.hpp"
#include "core/rng.hpp"
#include "workload/trace.hpp"

namespace hyperdc {

class Arrivals {
 public:
  /// Draws from the stream "workloads.WORKLOAD.arrivals".
  Arrivals(const ArrivalSpec& spec, std::string_view workload, std::uint64_t seed);
  /// Submit times of jobs 0, 1, 2, ...
  SimTime next();

 private:
  RandomStream stream_;
  std::optional<Distribution> interval_;  // nothing: constant
  Duration constant_;
  std::uint64_t count_ = 0;
  SimTime last_;
};

}  // namespace hyperdc
