#include "world/buyer/spot_exposure.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/math.hpp"

namespace hyperdc {
namespace {

constexpr std::size_t kScarcities = 81;
constexpr std::uint32_t kMostSteps = 2000;
constexpr double kEnough = 1e-7;  // of what is lost
const double kSpacing = 2 / std::sqrt(static_cast<double>(kScarcities - 1));

double scarcity_at(std::size_t i) {
  return kSpacing * (static_cast<double>(i) - static_cast<double>(kScarcities - 1) / 2);
}

/// Scarcity as so many coins, each of which stays as it is with probability (1 + f) / 2.
std::vector<std::vector<double>> transitions(double keep) {
  const double same = (1 + keep) / 2;
  std::vector<std::vector<double>> out;
  for (std::size_t i = 0; i < kScarcities; ++i) {
    std::vector<double> row(kScarcities);
    row[0] = 1;
    for (std::size_t coin = 0; coin + 1 < kScarcities; ++coin) {
      const double up = coin < i ? same : 1 - same;
      for (std::size_t j = coin + 1; j > 0; --j) row[j] = row[j] * (1 - up) + row[j - 1] * up;
      row[0] *= 1 - up;
    }
    out.push_back(std::move(row));
  }
  return out;
}

}  // namespace

SpotExposure::SpotExposure(const SpotPlace& place, std::uint32_t steps) : mean_(kScarcities) {
  const double v = place.price_volatility;
  double limit = place.limit;
  if (v > 0) {
    limit = std::min(limit, (math::log(place.most_paid / place.price) + v * v / 2) / v);
  } else if (place.price > place.most_paid) {
    limit = scarcity_at(0) - kSpacing;
  }
  std::vector<double> now_s, without;
  for (std::size_t i = 0; i < kScarcities; ++i) {
    const double x = scarcity_at(i);
    now_s.push_back((place.price * math::exp(v * x - v * v / 2) / place.useful - 1) * place.step_s);
    without.push_back(std::clamp((x + kSpacing / 2 - limit) / kSpacing, 0.0, 1.0));
  }
  const std::vector<std::vector<double>> chance = transitions(place.keep);
  std::vector<double> there(kScarcities);
  for (std::uint32_t n = 0; n < std::min(steps, kMostSteps); ++n) {
    double change = 0;
    for (std::size_t i = 0; i < kScarcities; ++i) {
      const double stay = std::clamp(now_s[i] + mean_[i], 0.0, place.lost_s);
      const double next = without[i] * place.lost_s + (1 - without[i]) * stay;
      change = std::max(change, std::fabs(next - there[i]));
      there[i] = next;
    }
    if (change <= kEnough * place.lost_s) break;
    for (std::size_t i = 0; i < kScarcities; ++i) {
      mean_[i] = std::inner_product(there.begin(), there.end(), chance[i].begin(), 0.0);
    }
  }
}

double SpotExposure::at(double x) const {
  const double place =
      std::clamp((x - scarcity_at(0)) / kSpacing, 0.0, static_cast<double>(kScarcities - 1));
  const auto below = std::min(static_cast<std::size_t>(place), kScarcities - 2);
  const double part = place - static_cast<double>(below);
  return mean_[below] + part * (mean_[below + 1] - mean_[below]);
}

}  // namespace hyperdc
