#include "model/queueing/service_shape.hpp"

#include <algorithm>
#include <cmath>
#include <type_traits>

#include <hyperdc/core/assert.hpp>

#include "core/math.hpp"

namespace hyperdc::queueing {
namespace {

/// Lower incomplete gamma function over Gamma(k): series below k + 1, continued fraction above
/// (Abramowitz and Stegun 6.5.29, 6.5.31).
double gamma_below(double k, double x) {
  if (x <= 0) return 0;
  const double scale = math::exp(k * math::log(x) - x - math::lgamma(k));
  if (x < k + 1) {
    double term = 1 / k;
    double sum = term;
    for (int i = 1; i < 100000 && term > 1e-17 * sum; ++i) {
      term *= x / (k + i);
      sum += term;
    }
    return sum * scale;
  }
  double b = x + 1 - k;
  double c = 1e300;
  double d = 1 / b;
  double h = d;
  for (int i = 1; i < 100000; ++i) {
    const double an = -i * (i - k);
    b += 2;
    d = 1 / (an * d + b);
    c = b + an / c;
    h *= d * c;
    if (std::fabs(d * c - 1) < 1e-15) break;
  }
  return 1 - scale * h;
}

/// Of a gamma variate of scale 1, by bisection of its logarithm.
double gamma_quantile(double k, double p) {
  double low = -745;
  double high = math::log(k + 40 * std::sqrt(k) + 60);
  for (int i = 0; i < 60; ++i) {
    const double middle = 0.5 * (low + high);
    (gamma_below(k, math::exp(middle)) < p ? low : high) = middle;
  }
  return math::exp(0.5 * (low + high));
}

double weibull_quantile(const Weibull& w, double p) {
  if (w.cv == 0) return w.mean;
  const double target = math::log1p(w.cv * w.cv);
  double low = 0.1;  // of the shape; its logarithmic moment falls
  double high = 2000;
  for (int i = 0; i < 60; ++i) {
    const double k = 0.5 * (low + high);
    (math::lgamma(1 + 2 / k) - 2 * math::lgamma(1 + 1 / k) > target ? low : high) = k;
  }
  const double shape = 0.5 * (low + high);
  const double scale = w.mean * math::exp(-math::lgamma(1 + 1 / shape));
  return scale * math::pow(-math::log1p(-p), 1 / shape);
}

double pareto_quantile(const Pareto& d, double p) {
  const double tail = d.maximum > 0 ? math::pow(d.minimum / d.maximum, d.shape) : 0;
  return d.minimum * math::pow(1 - p * (1 - tail), -1 / d.shape);
}

double empirical_quantile(const Empirical& e, double p) {
  std::vector<std::size_t> order(e.values.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&e](std::size_t a, std::size_t b) { return e.values[a] < e.values[b]; });
  double total = 0;
  for (const double w : e.weights) total += w;
  double below = 0;
  for (const std::size_t i : order) {
    below += e.weights[i];
    if (below >= p * total) return e.values[i];
  }
  return e.values[order.back()];
}

struct QuantileOf {
  double p;
  double operator()(const Constant& c) const { return c.value; }
  double operator()(const Uniform& u) const { return u.low + p * (u.high - u.low); }
  double operator()(const Exponential& e) const { return -e.mean * math::log1p(-p); }
  double operator()(const Lognormal& l) const {
    const double sigma2 = math::log1p(l.cv * l.cv);
    const double mu = math::log(l.mean) - 0.5 * sigma2;
    return math::exp(mu + std::sqrt(sigma2) * math::normal_quantile(p));
  }
  double operator()(const Gamma& g) const {
    if (g.cv == 0) return g.mean;
    const double shape = 1 / (g.cv * g.cv);
    return g.mean / shape * gamma_quantile(shape, p);
  }
  double operator()(const Weibull& w) const { return weibull_quantile(w, p); }
  double operator()(const Pareto& d) const { return pareto_quantile(d, p); }
  double operator()(const Empirical& e) const { return empirical_quantile(e, p); }
  double operator()(const Interpolated& i) const { return interpolated_quantile(i, p); }
};

constexpr std::array<double, kStrata + 1> make_bounds() {
  std::array<double, kStrata + 1> bounds{};
  struct Part {
    double end;
    int cells;
  };
  constexpr Part kParts[] = {{0.8, 24}, {0.95, 12}, {0.99, 10}, {0.999, 9}, {0.9999, 6}};
  std::size_t at = 0;
  double from = 0;
  for (const Part& part : kParts) {
    for (int i = 1; i <= part.cells; ++i) bounds[++at] = from + (part.end - from) * i / part.cells;
    from = part.end;
  }
  bounds[++at] = 0.99997;
  bounds[++at] = 0.99999;
  bounds[++at] = 1;
  return bounds;
}

constexpr std::array<double, kStrata + 1> kBounds = make_bounds();

/// The integral of t^n y^c over a piece in which y falls from y0 to y1 as t rises from t0 by dt,
/// for n = 0 and n = 1.
std::array<double, 2> piece(double t0, double dt, double y0, double y1, double c) {
  const double drop = y0 - y1;
  const double mean_power =
      drop > 1e-9 * y0
          ? (y0 * math::pow(y0, c) - (y1 > 0 ? y1 * math::pow(y1, c) : 0)) / ((c + 1) * drop)
          : math::pow(y0, c);
  const double zeroth = dt * mean_power;
  if (t0 > 0) return {zeroth, zeroth * (t0 + 0.5 * dt)};
  // The piece from 0 carries the most: exactly, with y = y0 - s t.
  const double s = drop / dt;
  const double rest = y1 > 0 ? math::pow(y1, c + 2) : 0;
  const double second = (math::pow(y0, c + 2) - rest) / ((c + 2) * s * s);
  const double first = (math::pow(y0, c + 1) - (y1 > 0 ? math::pow(y1, c + 1) : 0)) * y0;
  return {zeroth, first / ((c + 1) * s * s) - second};
}

}  // namespace

const std::array<double, kStrata + 1>& strata_bounds() {
  return kBounds;
}

double quantile(const DistributionSpec& spec, double p) {
  HYPERDC_CHECK(p > 0 && p < 1, "a quantile of a distribution needs p in (0, 1)");
  return std::visit(QuantileOf{p}, spec);
}

ServiceShape::ServiceShape(const DistributionSpec& spec) {
  constexpr int kPieces = 8;  // of each stratum
  std::array<std::size_t, kStrata + 1> first{};
  const auto add = [&](double from, double to) {
    values_.push_back(std::max(0.0, quantile(spec, 0.5 * (from + to))));
    weights_.push_back(to - from);
  };
  for (std::size_t k = 0; k + 1 < kStrata; ++k) {
    first[k] = values_.size();
    const double width = (kBounds[k + 1] - kBounds[k]) / kPieces;
    for (int i = 0; i < kPieces; ++i) add(kBounds[k] + i * width, kBounds[k] + (i + 1) * width);
  }
  first[kStrata - 1] = values_.size();
  double rest = 1e-5;
  for (; rest > 1e-12; rest /= 2) add(1 - rest, 1 - rest / 2);
  weights_.back() += rest;
  first[kStrata] = values_.size();

  double mean = 0;
  for (std::size_t i = 0; i < values_.size(); ++i) mean += weights_[i] * values_[i];
  const Distribution exact(spec);
  const bool finite_mean = exact.mean() < 1e300;
  mean_s_ = finite_mean ? exact.mean() : mean;
  HYPERDC_CHECK(mean_s_ > 0, "a service time needs a mean above 0");
  double second = 0;
  for (std::size_t i = 0; i < values_.size(); ++i) {
    values_[i] *= mean_s_ / mean;
    second += weights_[i] * values_[i] * values_[i];
    third_s3_ += weights_[i] * values_[i] * values_[i] * values_[i];
  }
  const bool finite_variance = finite_mean && exact.variance() < 1e300;
  cv2_ =
      finite_variance ? exact.variance() / (mean_s_ * mean_s_) : second / (mean_s_ * mean_s_) - 1;
  for (std::size_t k = 0; k < kStrata; ++k) {
    double weight = 0;
    for (std::size_t i = first[k]; i < first[k + 1]; ++i) {
      strata_[k] += weights_[i] * values_[i];
      weight += weights_[i];
    }
    strata_[k] /= weight;
  }
}

Moments ServiceShape::first_end(double servers) const {
  double t = 0;
  double survival = 1;  // P(S > t)
  double rest = 1;      // P(Se > t)
  double mean = 0;
  double half_second = 0;
  for (std::size_t i = 0; i < values_.size() && rest > 0; ++i) {
    const double dt = values_[i] - t;
    if (dt > 0) {
      const double next = std::max(0.0, rest - dt * survival / mean_s_);
      const std::array<double, 2> part = piece(t, dt, rest, next, servers);
      mean += part[0];
      half_second += part[1];
      if (part[0] < 1e-15 * mean) break;
      rest = next;
      t = values_[i];
    }
    survival -= weights_[i];
  }
  return {mean, std::max(0.0, 2 * half_second - mean * mean)};
}

std::vector<double> ServiceShape::residual_beyond(double step_s, std::size_t n) const {
  std::vector<double> beyond(n, 0.0);
  double t = 0;
  double survival = 1;
  double rest = 1;
  std::size_t i = 0;
  for (std::size_t k = 0; k < values_.size(); ++k) {
    for (; i < n && static_cast<double>(i) * step_s <= values_[k]; ++i) {
      beyond[i] = std::max(0.0, rest - (static_cast<double>(i) * step_s - t) * survival / mean_s_);
    }
    rest -= (values_[k] - t) * survival / mean_s_;
    t = values_[k];
    survival -= weights_[k];
  }
  return beyond;
}

}  // namespace hyperdc::queueing
