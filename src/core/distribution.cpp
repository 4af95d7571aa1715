// Random variates of the distributions of distribution.hpp.
//
//   exponential  -mean log u
//   lognormal    exp(mu + sigma Phi^-1(u)); sigma^2 = log(1 + cv^2), mu = log mean - sigma^2/2
//   gamma        Marsaglia and Tsang, "A simple method for generating gamma variables", ACM TOMS 26
//                (2000); shape 1/cv^2; below shape 1 the variate of shape + 1 times u^(1/shape)
//   Weibull      scale (-log u)^(1/k); k from 1 + cv^2 = Gamma(1 + 2/k) / Gamma(1 + 1/k)^2
//   Pareto       minimum w^(-1/shape), w = u, or r + u (1 - r) with r = (minimum/maximum)^shape
//   empirical    value of the first cumulative weight above u * total
//   interpolated the value at which the broken line through (value, share) is u
// u is uniform in (0, 1). Units are those of the parameters. Valid for the ranges that
// distribution_problem() accepts; variates carry the errors of core/math (a few ulps). Leaves out
// correlation between variates.
#include "core/distribution.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <type_traits>
#include <utility>

#include <hyperdc/core/assert.hpp>

#include "core/math.hpp"
#include "core/weibull.hpp"

namespace hyperdc {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kLargest = 1e100;  // of a parameter: keeps squares and products finite
constexpr std::uint64_t kAttributes = 1024;

bool within(double value, double low, double high) {
  return value >= low && value <= high;
}

std::string outside(const char* name, double value, const char* range) {
  return fmt::format("{} {} is outside {}", name, value, range);
}

std::string mean_and_cv_problem(double mean, double cv, double cv_max, const char* range) {
  if (!(mean > 0 && mean <= kLargest)) return fmt::format("mean {} is not above 0", mean);
  if (cv != 0 && !within(cv, 0.001, cv_max)) return outside("cv", cv, range);
  return {};
}

struct Problem {
  std::string operator()(const Constant& c) const {
    return within(c.value, -kLargest, kLargest) ? "" : fmt::format("{} is not finite", c.value);
  }
  std::string operator()(const Uniform& u) const {
    if (!within(u.low, -kLargest, kLargest)) return fmt::format("low {} is not finite", u.low);
    if (!within(u.high, -kLargest, kLargest)) return fmt::format("high {} is not finite", u.high);
    if (u.low > u.high) return fmt::format("low {} is above high {}", u.low, u.high);
    return {};
  }
  std::string operator()(const Exponential& e) const {
    return mean_and_cv_problem(e.mean, 0, 0, "");
  }
  std::string operator()(const Lognormal& l) const {
    return mean_and_cv_problem(l.mean, l.cv, 1e6, "0.001..1e6");
  }
  std::string operator()(const Gamma& g) const {
    return mean_and_cv_problem(g.mean, g.cv, 100, "0.001..100");
  }
  std::string operator()(const Weibull& w) const {
    return mean_and_cv_problem(w.mean, w.cv, 100, "0.001..100");
  }
  std::string operator()(const Pareto& p) const {
    if (!(p.minimum > 0 && p.minimum <= kLargest)) {
      return fmt::format("minimum {} is not above 0", p.minimum);
    }
    if (!within(p.shape, 0.01, 1000)) return outside("shape", p.shape, "0.01..1000");
    if (p.maximum == 0) return {};
    if (!(p.maximum > p.minimum && p.maximum <= kLargest)) {
      return fmt::format("maximum {} is not above minimum {}", p.maximum, p.minimum);
    }
    return {};
  }
  std::string operator()(const Empirical& e) const {
    if (e.values.empty()) return "there are no values";
    if (e.values.size() != e.weights.size()) {
      return fmt::format("{} values but {} weights", e.values.size(), e.weights.size());
    }
    double total = 0;
    for (const double value : e.values) {
      if (!within(value, -kLargest, kLargest)) return fmt::format("value {} is not finite", value);
    }
    for (const double weight : e.weights) {
      if (!within(weight, 0, kLargest)) return fmt::format("weight {} is below 0", weight);
      total += weight;
    }
    return total > 0 ? "" : "all weights are 0";
  }
  std::string operator()(const Interpolated& i) const {
    if (i.values.size() != i.shares.size()) {
      return fmt::format("{} values but {} shares", i.values.size(), i.shares.size());
    }
    if (i.values.size() < 2) return "a line needs two points";
    for (std::size_t k = 0; k < i.values.size(); ++k) {
      if (!within(i.values[k], -kLargest, kLargest)) {
        return fmt::format("value {} is not finite", i.values[k]);
      }
      if (k > 0 && i.values[k] < i.values[k - 1]) return "the values fall";
      if (k > 0 && i.shares[k] < i.shares[k - 1]) return "the shares fall";
    }
    if (i.shares.front() != 0) return "the first share is not 0";
    return i.shares.back() == 1 ? "" : "the last share is not 1";
  }
};

/// log(1 + cv^2) of a Weibull distribution of this shape; falls as the shape grows.
double weibull_log_moments(double shape) {
  return math::lgamma(1 + 2 / shape) - 2 * math::lgamma(1 + 1 / shape);
}

}  // namespace

double weibull_shape(double cv) {
  const double target = math::log1p(cv * cv);
  double low = 0.1;
  double high = 2000;
  for (;;) {
    const double middle = 0.5 * (low + high);
    if (middle <= low || middle >= high) return middle;
    (weibull_log_moments(middle) > target ? low : high) = middle;
  }
}

namespace {

/// The n-th moment of a Pareto distribution with maximum; expm1 keeps it exact as shape nears n.
double bounded_pareto_moment(const Pareto& p, double n) {
  const double log_ratio = math::log(p.minimum / p.maximum);
  const double mass = -math::expm1(p.shape * log_ratio);
  const double d = p.shape - n;
  const double part = d == 0 ? -log_ratio : -math::expm1(d * log_ratio) / d;
  return p.shape * math::pow(p.minimum, n) * part / mass;
}

}  // namespace

std::string distribution_problem(const DistributionSpec& spec) {
  return std::visit(Problem{}, spec);
}

double interpolated_quantile(const Interpolated& line, double u) {
  const auto it = std::upper_bound(line.shares.begin(), line.shares.end() - 1, u);
  const auto k = static_cast<std::size_t>(it - line.shares.begin());  // in the piece k - 1 .. k
  const double part = (u - line.shares[k - 1]) / (line.shares[k] - line.shares[k - 1]);
  return line.values[k - 1] + part * (line.values[k] - line.values[k - 1]);
}

struct Distribution::Impl {
  DistributionSpec spec;
  double mean = 0;
  double variance = 0;
  double shape = 0;     // gamma, Weibull
  double scale = 0;     // gamma, Weibull; sigma of the lognormal
  double location = 0;  // mu of the lognormal; 1/shape of Weibull and Pareto; r = tail of Pareto
  double tail = 0;
  std::vector<double> cumulative;

  explicit Impl(DistributionSpec s) : spec(std::move(s)) {
    std::visit([this](const auto& d) { prepare(d); }, spec);
  }

  void prepare(const Constant& c) { mean = c.value; }
  void prepare(const Uniform& u) {
    mean = 0.5 * (u.low + u.high);
    variance = (u.high - u.low) * (u.high - u.low) / 12;
  }
  void prepare(const Exponential& e) {
    mean = e.mean;
    variance = e.mean * e.mean;
  }
  void prepare(const Lognormal& l) {
    set_moments(l.mean, l.cv);
    const double sigma_square = math::log1p(l.cv * l.cv);
    location = math::log(l.mean) - 0.5 * sigma_square;
    scale = std::sqrt(sigma_square);
  }
  void prepare(const Gamma& g) {
    set_moments(g.mean, g.cv);
    if (g.cv == 0) return;
    shape = 1 / (g.cv * g.cv);
    scale = g.mean * g.cv * g.cv;
  }
  void prepare(const Weibull& w) {
    set_moments(w.mean, w.cv);
    if (w.cv == 0) return;
    shape = weibull_shape(w.cv);
    scale = w.mean * math::exp(-math::lgamma(1 + 1 / shape));
    location = 1 / shape;
  }
  void prepare(const Pareto& p) {
    location = 1 / p.shape;
    if (p.maximum == 0) {
      const double a = p.shape;
      mean = a > 1 ? a * p.minimum / (a - 1) : kInfinity;
      variance = a > 2 ? mean * mean / (a * (a - 2)) : kInfinity;
      return;
    }
    tail = math::pow(p.minimum / p.maximum, p.shape);
    mean = bounded_pareto_moment(p, 1);
    variance = std::max(0.0, bounded_pareto_moment(p, 2) - mean * mean);
  }
  void prepare(const Empirical& e) {
    double total = 0;
    for (const double weight : e.weights) cumulative.push_back(total += weight);
    for (std::size_t i = 0; i < e.values.size(); ++i) mean += e.values[i] * (e.weights[i] / total);
    for (std::size_t i = 0; i < e.values.size(); ++i) {
      const double distance = e.values[i] - mean;
      variance += distance * distance * (e.weights[i] / total);
    }
  }
  /// Of the uniform pieces between the points.
  void prepare(const Interpolated& i) {
    double second = 0;
    for (std::size_t k = 1; k < i.values.size(); ++k) {
      const double mass = i.shares[k] - i.shares[k - 1];
      const double a = i.values[k - 1];
      const double b = i.values[k];
      mean += mass * 0.5 * (a + b);
      second += mass * (a * a + a * b + b * b) / 3;
    }
    variance = i.values.front() == i.values.back() ? 0 : std::max(0.0, second - mean * mean);
  }
  void set_moments(double m, double cv) {
    mean = m;
    variance = (m * cv) * (m * cv);
  }

  /// Gamma variate of scale 1. One block of random bits an attempt; more than 95 % are accepted.
  double draw_gamma(const RandomStream& stream, std::uint64_t entity, std::uint64_t first) const {
    const bool boost = shape < 1;
    const double d = (boost ? shape + 1 : shape) - 1.0 / 3;
    const double c = 1 / std::sqrt(9 * d);
    for (std::uint64_t attempt = 1; attempt < kAttributes; ++attempt) {
      const auto bits = stream.bits(entity, first + attempt);
      const double x = math::normal_quantile(unit(bits[0]));
      const double t = 1 + c * x;
      if (t <= 0) continue;
      const double v = t * t * t;
      if (math::log(unit(bits[1])) >= 0.5 * x * x + d - d * v + d * math::log(v)) continue;
      if (!boost) return d * v;
      return d * v * math::pow(stream.uniform(entity, first), 1 / shape);
    }
    HYPERDC_CHECK(false, "no gamma variate in 1023 attempts");
  }
  static double unit(std::uint64_t word) {  // as RandomStream::uniform
    return (static_cast<double>(word >> 12) + 0.5) * 0x1p-52;
  }
};

Distribution::Distribution(DistributionSpec spec) {
  const std::string problem = distribution_problem(spec);
  HYPERDC_CHECK(problem.empty(), problem);
  impl_ = std::make_unique<const Impl>(std::move(spec));
}

Distribution::~Distribution() = default;
Distribution::Distribution(Distribution&&) noexcept = default;
Distribution& Distribution::operator=(Distribution&&) noexcept = default;

double Distribution::mean() const {
  return impl_->mean;
}
double Distribution::variance() const {
  return impl_->variance;
}

double Distribution::draw(const RandomStream& stream, std::uint64_t entity,
                          std::uint64_t first_attribute) const {
  const Impl& d = *impl_;
  if (d.variance == 0) return d.mean;  // constants, cv = 0
  const auto u = [&] { return stream.uniform(entity, first_attribute); };
  return std::visit(
      [&](const auto& spec) -> double {
        using Spec = std::decay_t<decltype(spec)>;
        if constexpr (std::is_same_v<Spec, Constant>) {
          return spec.value;
        } else if constexpr (std::is_same_v<Spec, Uniform>) {
          return spec.low + (spec.high - spec.low) * u();
        } else if constexpr (std::is_same_v<Spec, Exponential>) {
          return -spec.mean * math::log(u());
        } else if constexpr (std::is_same_v<Spec, Lognormal>) {
          return math::exp(d.location + d.scale * math::normal_quantile(u()));
        } else if constexpr (std::is_same_v<Spec, Gamma>) {
          return d.scale * d.draw_gamma(stream, entity, first_attribute);
        } else if constexpr (std::is_same_v<Spec, Weibull>) {
          return d.scale * math::pow(-math::log(u()), d.location);
        } else if constexpr (std::is_same_v<Spec, Pareto>) {
          const double w = d.tail + u() * (1 - d.tail);
          const double value = spec.minimum * math::pow(w, -d.location);
          return spec.maximum > 0 ? std::clamp(value, spec.minimum, spec.maximum) : value;
        } else if constexpr (std::is_same_v<Spec, Interpolated>) {
          return interpolated_quantile(spec, u());
        } else {
          static_assert(std::is_same_v<Spec, Empirical>);
          const double target = u() * d.cumulative.back();
          auto it = std::upper_bound(d.cumulative.begin(), d.cumulative.end(), target);
          // u * total may round up to the total: the value of the last weight that is not 0.
          if (it == d.cumulative.end()) {
            it = std::lower_bound(d.cumulative.begin(), d.cumulative.end(), target);
          }
          return spec.values[static_cast<std::size_t>(it - d.cumulative.begin())];
        }
      },
      d.spec);
}

}  // namespace hyperdc
