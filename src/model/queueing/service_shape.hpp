// ServiceShape: what queueing formulas need of a service time distribution, prepared once: moments,
// quantile points of equal strata, and the first completion among several busy servers.
//
//   strata     64 cells of probability, finer towards 1; the value of a cell is its mean
//   residual   the rest of a service in progress: P(Se > t) = integral of P(S > u) over u > t /
//   E[S] first end  the least of c residuals: P(M > t) = P(Se > t)^c, mean = its integral
// Residual life: Cox, Renewal Theory (1962), chapter 5. Units: seconds. Computed from some 560
// quantiles between which the distribution is taken as a step; the tail is followed to 1 - 1e-12.
// Mean and variance are those of the specification; infinite moments are those of the distribution
// cut at that point, and what is computed from them is a bound and no estimate.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "core/distribution.hpp"

namespace hyperdc::queueing {

inline constexpr std::size_t kStrata = 64;

/// The bounds of the strata: 24 cells to 0.8, 12 to 0.95, 10 to 0.99, 9 to 0.999, 6 to 0.9999, 3
/// to 1.
const std::array<double, kStrata + 1>& strata_bounds();

/// One value for each stratum, rising.
using Strata = std::array<double, kStrata>;

/// The value below which a share p of the distribution lies, p in (0, 1); within 1e-12 of itself.
double quantile(const DistributionSpec& spec, double p);

struct Moments {
  double mean = 0;
  double variance = 0;
};

class ServiceShape {
 public:
  explicit ServiceShape(const DistributionSpec& spec);  // positive mean, checked parameters

  double mean_s() const { return mean_s_; }
  double cv2() const { return cv2_; }            // squared coefficient of variation
  double third_s3() const { return third_s3_; }  // E[S^3]
  const Strata& strata_s() const { return strata_; }
  /// Mean and variance of the least of `servers` residuals (any real number >= 1), in s and s^2.
  Moments first_end(double servers) const;
  /// P(Se > i * step), i = 0..n-1.
  std::vector<double> residual_beyond(double step_s, std::size_t n) const;

 private:
  std::vector<double> values_, weights_;  // rising
  Strata strata_{};
  double mean_s_ = 0, cv2_ = 0, third_s3_ = 0;
};

}  // namespace hyperdc::queueing
