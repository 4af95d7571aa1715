// StrataDealer: whole requests for the strata of a distribution, step by step.
//
// Systematic sampling whose start moves by the golden ratio from step to step: the counts of a step
// add up to its whole requests, these over the steps to the amounts (what is left of one step is
// carried to the next), and each stratum gets its share over the steps. Nothing is random. Units:
// requests. Source: low-discrepancy additive recurrence (Niederreiter 1992, 3.1). Valid up to 2^53
// requests in all. Leaves out: which requests of a step are the slow ones.
#pragma once

#include <array>
#include <cstdint>

#include "model/queueing/service_shape.hpp"

namespace hyperdc {

class StrataDealer {
 public:
  using Counts = std::array<std::uint64_t, queueing::kStrata>;

  /// Deals `amount` more requests. The counts hold until the next call.
  const Counts& deal(double amount);
  /// Sum of the counts.
  std::uint64_t dealt() const { return dealt_; }

 private:
  Counts counts_{};
  double carried_ = 0;  // not yet a whole request
  std::uint64_t steps_ = 0;
  std::uint64_t dealt_ = 0;
};

}  // namespace hyperdc
