// Continuous distributions on core/math, by inversion or exact rejection from counter-based
// streams: the same bits on every compiler. Each variate consumes attributes of one entity only.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "core/rng.hpp"

namespace hyperdc {

struct Constant {
  double value = 0;
};
struct Uniform {
  double low = 0, high = 1;
};
struct Exponential {
  double mean = 1;
};
struct Lognormal {
  double mean = 1, cv = 1;
};  // of the variable itself, not of its logarithm
struct Gamma {
  double mean = 1, cv = 1;
};
struct Weibull {
  double mean = 1, cv = 1;
};  // shape solved from cv
struct Pareto {
  double minimum = 1, shape = 2;
  double maximum = 0;
};  // maximum 0: unbounded
struct Empirical {
  std::vector<double> values, weights;
};  // discrete, weights need not sum to 1
/// As papers print measured ones: points of the cumulative distribution, straight between them.
struct Interpolated {
  std::vector<double> values;  // not falling
  std::vector<double> shares;  // P(X <= value), not falling; the first is 0, the last 1
};

/// The value at which the line is `u`, in (0, 1).
double interpolated_quantile(const Interpolated& line, double u);

using DistributionSpec = std::variant<Constant, Uniform, Exponential, Lognormal, Gamma, Weibull,
                                      Pareto, Empirical, Interpolated>;

/// What is wrong with the parameters ("cv 200 is outside 0.001..100"); empty when nothing is.
/// cv = 0 stands for the constant `mean`.
std::string distribution_problem(const DistributionSpec& spec);

class Distribution {
 public:
  explicit Distribution(DistributionSpec spec);  // parameters were checked; else InvariantError
  ~Distribution();
  Distribution(Distribution&&) noexcept;
  Distribution& operator=(Distribution&&) noexcept;
  /// The variate of (entity, first_attribute); attributes first_attribute.. up to
  /// first_attribute + 1023 belong to it (rejection methods draw several).
  double draw(const RandomStream& stream, std::uint64_t entity,
              std::uint64_t first_attribute = 0) const;
  double mean() const;  // infinite for a Pareto of shape <= 1 without maximum
  double variance() const;

 private:
  struct Impl;
  std::unique_ptr<const Impl> impl_;
};

}  // namespace hyperdc
