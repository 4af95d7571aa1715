#include "core/zipf.hpp"

#include <algorithm>
#include <cmath>

#include "core/math.hpp"

namespace hyperdc {
namespace {

constexpr double kSmall = 1e-8;

/// (e^x - 1) / x and log(1 + x) / x, also near 0.
double expm1_over(double x) {
  return std::fabs(x) > kSmall ? math::expm1(x) / x : 1 + x / 2;
}
double log1p_over(double x) {
  return std::fabs(x) > kSmall ? math::log1p(x) / x : 1 - x / 2;
}

}  // namespace

Zipf::Zipf(std::uint64_t n, double exponent)
    : n_(static_cast<double>(n)),
      s_(exponent),
      first_(integral(1.5) - 1),
      last_(integral(n_ + 0.5)),
      sure_(2 - inverse(integral(2.5) - density(2))) {}

double Zipf::density(double x) const {
  return math::exp(-s_ * math::log(x));
}

double Zipf::integral(double x) const {
  const double log_x = math::log(x);
  return expm1_over((1 - s_) * log_x) * log_x;
}

double Zipf::inverse(double y) const {
  return math::exp(log1p_over(std::max(-1.0, y * (1 - s_))) * y);
}

std::uint64_t Zipf::draw(const RandomStream& stream, std::uint64_t entity) const {
  for (std::uint64_t attempt = 0;; ++attempt) {
    const double y = last_ + stream.uniform(entity, attempt) * (first_ - last_);
    const double x = inverse(y);
    const double k = std::clamp(std::floor(x + 0.5), 1.0, n_);
    if (k - x <= sure_ || y >= integral(k + 0.5) - density(k)) {
      return static_cast<std::uint64_t>(k) - 1;
    }
  }
}

}  // namespace hyperdc
