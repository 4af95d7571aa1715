#include "world/buyer/outlook.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/math.hpp"

namespace hyperdc {
namespace {

constexpr std::size_t kTimes = 12, kLevels = 20;
constexpr double kYearS = 365 * 86'400.0;
constexpr double kOneSigma = 0.841344746068542948585;  // N(1)

}  // namespace

double BuyerOutlook::demand_quantile(Duration ahead, double p) const {
  std::array<double, kTimes * kLevels> all{};
  std::array<double, kLevels> normals{};
  for (std::size_t i = 0; i < kLevels; ++i) {
    normals[i] = math::normal_quantile((static_cast<double>(i) + 0.5) / kLevels);
  }
  const double of_spread = math::log1p(spread_ * spread_);
  for (std::size_t t = 0; t < kTimes; ++t) {
    const double years =
        to_seconds(ahead) / kYearS * (static_cast<double>(t) + 0.5) / static_cast<double>(kTimes);
    const double median = paths_.quantile(state_, years, 0.5);
    const double sigma = math::log(paths_.quantile(state_, years, kOneSigma) / median);
    const double whole = std::sqrt(sigma * sigma + of_spread);
    for (std::size_t i = 0; i < kLevels; ++i) {
      all[t * kLevels + i] = median * math::exp(whole * normals[i] - of_spread / 2);
    }
  }
  std::sort(all.begin(), all.end());
  const double rank = std::clamp(p * static_cast<double>(all.size()) - 0.5, 0.0,
                                 static_cast<double>(all.size() - 1));
  const auto below = static_cast<std::size_t>(rank);
  const std::size_t above = std::min(below + 1, all.size() - 1);
  return all[below] + (rank - static_cast<double>(below)) * (all[above] - all[below]);
}

}  // namespace hyperdc
