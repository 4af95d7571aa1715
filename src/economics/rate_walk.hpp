// RateWalk: what a level of power costs or emits at a rate that varies, step by step.
//
// Computes: the sum over the steps of the rate of P * rate * dt: the second account of what
//   energy_books.hpp takes from integrals of the rate (periodic_rate.hpp), for the check at the
//   end of a run.
// Units: W, s; USD or g. Source: definition. Valid range: stretches that follow one another in
// time. Cost: O(1 + steps that are crossed). Leaves out: rates that never change.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "economics/periodic_rate.hpp"

namespace hyperdc {

class RateWalk {
 public:
  /// The rate outlives it.
  explicit RateWalk(const PeriodicRate& rate) : rate_(&rate) {}

  void add(SimTime from, SimTime to, double watts) {
    while (from < to) {
      if (from >= until_) {
        value_ = rate_->value(from);
        until_ = rate_->next_step(from).value_or(SimTime{std::numeric_limits<std::int64_t>::max()});
      }
      const SimTime end = std::min(to, until_);
      const double part = watts * value_ * to_seconds(end - from);
      sum_ += part;
      size_ += std::fabs(part);
      from = end;
    }
  }

  double sum() const { return sum_; }
  /// Of all parts whatever their sign: prices below 0 may make the sum vanish.
  double size() const { return size_; }

 private:
  const PeriodicRate* rate_;
  SimTime until_;  // of the step whose value is known
  double value_ = 0, sum_ = 0, size_ = 0;
};

}  // namespace hyperdc
