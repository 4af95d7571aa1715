#include "ai/inference/expert_share.hpp"

#include <algorithm>
#include <cmath>

#include <hyperdc/core/assert.hpp>

#include "core/math.hpp"

namespace hyperdc {

double expected_greatest_normal(std::uint64_t numbers) {
  // The mean of the quantiles of the greatest, whose distribution is Phi^numbers.
  constexpr int kPoints = 4096;
  double sum = 0;
  for (int i = 0; i < kPoints; ++i) {
    const double below = (i + 0.5) / kPoints;
    const double above_each = -math::expm1(math::log(below) / static_cast<double>(numbers));
    sum -= math::normal_quantile(above_each);
  }
  return sum / kPoints;
}

ExpertShare::ExpertShare(double experts, std::uint64_t accelerators)
    : experts_(experts), accelerators_(static_cast<double>(accelerators)) {
  HYPERDC_CHECK(accelerators > 0 && experts >= accelerators_, "accelerators without experts");
  greatest_ = accelerators > 1 ? expected_greatest_normal(accelerators) : 0;
}

double ExpertShare::most(double chosen, double times) const {
  const double mean = times * chosen / accelerators_;
  if (accelerators_ == 1) return mean;
  const double variance = mean * std::max(0.0, experts_ - chosen) / (experts_ - 1);
  const double expected = mean + greatest_ * std::sqrt(variance);
  const double least = std::min(1.0, times * chosen);
  // Where all experts are chosen both bounds are one, and may differ by rounding.
  return std::min(std::max({expected, mean, least}),
                  times * std::min(chosen, experts_ / accelerators_));
}

double ExpertShare::others(double chosen) const {
  double none = 1;
  for (double i = 0; i < chosen; ++i) {
    none *= std::max(0.0, 1 - experts_ / accelerators_ / (experts_ - i));
  }
  return (accelerators_ - 1) * (1 - none);
}

}  // namespace hyperdc
