#include "model/strata_dealer.hpp"

#include <algorithm>
#include <cmath>

namespace hyperdc {

const StrataDealer::Counts& StrataDealer::deal(double amount) {
  carried_ += std::max(0.0, amount);
  const double whole = std::floor(carried_);
  carried_ -= whole;
  dealt_ = static_cast<std::uint64_t>(whole);
  const double turns = static_cast<double>(++steps_) * 0.6180339887498949;
  const double start = turns - std::floor(turns);
  const auto& bounds = queueing::strata_bounds();
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < queueing::kStrata; ++i) {
    // The last bound is 1, and start is below 1: all of them are dealt.
    const auto until = static_cast<std::uint64_t>(whole * bounds[i + 1] + start);
    counts_[i] = until - below;
    below = until;
  }
  return counts_;
}

}  // namespace hyperdc
