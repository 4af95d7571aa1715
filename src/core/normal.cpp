// normal_probability(x): for |x| < 3 by the series
//   1/2 + d(x) (x + x^3/3 + x^5/(3 5) + ...),
// of which no term has another sign; beyond by the continued fraction of Laplace,
//   d(x) / (x + 1/(x + 2/(x + 3/(x + ...)))),  x > 0,
// with the density d(x) = exp(-x^2/2) / sqrt(2 pi). Source: Abramowitz, Stegun, 26.2.11, 26.2.14.
#include "core/normal.hpp"

#include <cmath>

#include "core/math.hpp"

namespace hyperdc::math {

namespace {

constexpr double kOfDensity = 0.398942280401432677939946059934;  // 1 / sqrt(2 pi)
constexpr double kSeriesUpTo = 3;
constexpr int kFractions = 120;  // at 3; further out fewer would do

double density(double x) {
  return kOfDensity * math::exp(-0.5 * x * x);
}

/// P(X > x), x >= 3.
double tail(double x) {
  double below = x;
  for (int k = kFractions; k >= 1; --k) below = x + k / below;
  return density(x) / below;
}

}  // namespace

double normal_probability(double x) {
  if (std::isnan(x)) return x;
  if (x >= kSeriesUpTo) return 1 - tail(x);
  if (x <= -kSeriesUpTo) return tail(-x);
  double term = x, sum = x;
  for (int n = 3; std::fabs(term) > 1e-18 * std::fabs(sum); n += 2) {
    term *= x * x / n;
    sum += term;
  }
  return 0.5 + density(x) * sum;
}

double expanded_student_quantile(double z, double degrees) {
  const double z2 = z * z;
  const double g1 = z * (z2 + 1) / 4;
  const double g2 = z * ((5 * z2 + 16) * z2 + 3) / 96;
  const double g3 = z * (((3 * z2 + 19) * z2 + 17) * z2 - 15) / 384;
  return z + (g1 + (g2 + g3 / degrees) / degrees) / degrees;
}

}  // namespace hyperdc::math
