#include "results/statistics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include <hyperdc/core/assert.hpp>

#include "core/math.hpp"
#include "core/normal.hpp"
#include "core/rng.hpp"

namespace hyperdc {
namespace {

constexpr double kSqrtPi = 1.7724538509055160;
constexpr std::size_t kExpansionFrom = 1000;  // degrees of freedom

/// Gamma(a + 1/2) / Gamma(a). Far out the series in 1/a, where lgamma would cancel: its next term
/// is below 2e-13 of the whole at a = 100.
double gamma_half_step(double a) {
  if (a < 100) return math::exp(math::lgamma(a + 0.5) - math::lgamma(a));
  const double x = 1 / a;
  const double series =
      1 + x * (-1.0 / 8 + x * (1.0 / 128 + x * (5.0 / 1024 + x * (-21.0 / 32768))));
  return std::sqrt(a) * series;
}

/// The continued fraction of the incomplete beta function, DLMF 8.17.22, by Lentz's method.
double beta_fraction(double a, double b, double x) {
  constexpr double kTiny = 1e-300;
  const auto kept = [](double value) { return std::fabs(value) < kTiny ? kTiny : value; };
  double c = 1;
  double d = 1 / kept(1 - (a + b) * x / (a + 1));
  double fraction = d;
  for (int k = 1; k < 100'000; ++k) {
    const double m = k;
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / kept(1 + even * d);
    c = kept(1 + even / c);
    fraction *= d * c;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / kept(1 + odd * d);
    c = kept(1 + odd / c);
    fraction *= d * c;
    if (std::fabs(d * c - 1) < 1e-15) break;
  }
  return fraction;
}

/// Of sorted values, at the place (count + 1) p - 1, straight in between.
double sorted_quantile(const std::vector<double>& sorted, double p) {
  const double last = static_cast<double>(sorted.size() - 1);
  const double place = std::clamp((last + 2) * p - 1, 0.0, last);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (place - std::floor(place)) * (sorted[above] - sorted[below]);
}

/// The least n from 2 on with sum_of_quantiles(n - 1) s / sqrt(n) <= goal. `bound` is what that sum
/// falls to: no n below the one for it can do.
template <class Quantiles>
std::optional<std::size_t> least_replications(double deviation, double goal, double bound,
                                              Quantiles quantiles) {
  if (deviation <= 0) return 2;
  const double root = bound * deviation / goal;
  if (!(root * root < static_cast<double>(kMostReplications))) return std::nullopt;
  auto n = std::max<std::size_t>(2, static_cast<std::size_t>(root * root));
  for (; n <= kMostReplications; ++n) {
    if (quantiles(n - 1) * deviation <= goal * std::sqrt(static_cast<double>(n))) return n;
  }
  return std::nullopt;
}

double normal_two_sided(double confidence) {
  return math::normal_quantile(0.5 + confidence / 2);
}

struct SkewedPoint {
  double skewness;  // median of |g1|
  double coverage;  // of 95 % t intervals
};
struct SkewedRow {
  double n;
  std::array<SkewedPoint, 6> points;  // normal, lognormal with cv 0.5, 1, 2, 3 and 10
};
/// Measured over 10,000 (n = 500) to 100,000 (n <= 50) samples each.
constexpr auto kSkewed = std::to_array<SkewedRow>({
    {10,
     {{{0.37, 0.950}, {0.66, 0.925}, {1.05, 0.873}, {1.42, 0.777}, {1.58, 0.711}, {1.95, 0.525}}}},
    {15,
     {{{0.33, 0.950}, {0.80, 0.930}, {1.30, 0.883}, {1.79, 0.801}, {2.01, 0.739}, {2.44, 0.558}}}},
    {20,
     {{{0.30, 0.950}, {0.90, 0.933}, {1.48, 0.893}, {2.06, 0.815}, {2.33, 0.756}, {2.81, 0.581}}}},
    {30,
     {{{0.26, 0.950}, {1.02, 0.938}, {1.71, 0.904}, {2.43, 0.834}, {2.78, 0.782}, {3.42, 0.609}}}},
    {50,
     {{{0.21, 0.950}, {1.15, 0.940}, {2.00, 0.916}, {2.95, 0.859}, {3.40, 0.810}, {4.33, 0.650}}}},
    {100,
     {{{0.15, 0.950}, {1.30, 0.946}, {2.36, 0.928}, {3.67, 0.886}, {4.34, 0.846}, {5.77, 0.699}}}},
    {200,
     {{{0.11, 0.950}, {1.40, 0.949}, {2.68, 0.941}, {4.44, 0.911}, {5.43, 0.878}, {7.59, 0.748}}}},
    {500,
     {{{0.07, 0.950}, {1.50, 0.952}, {3.04, 0.947}, {5.50, 0.931}, {7.02, 0.901}, {10.69, 0.798}}}},
});

double covered(const SkewedRow& row, double size) {
  if (size <= row.points.front().skewness) return row.points.front().coverage;
  for (std::size_t i = 1; i < row.points.size(); ++i) {
    const SkewedPoint& a = row.points[i - 1];
    const SkewedPoint& b = row.points[i];
    if (size > b.skewness) continue;
    const double share = (size - a.skewness) / (b.skewness - a.skewness);
    return a.coverage + share * (b.coverage - a.coverage);
  }
  return row.points.back().coverage;
}

}  // namespace

double student_t_beyond(double t, std::size_t degrees) {
  HYPERDC_CHECK(degrees >= 1 && t >= 0, "Student's t needs a degree of freedom");
  if (t == 0) return 1;
  const double v = static_cast<double>(degrees);
  const double a = v / 2;
  const double ratio = t / std::sqrt(v);
  const double square = ratio * ratio;  // t^2 / v
  if (square == std::numeric_limits<double>::infinity()) return 0;
  const double x = 1 / (1 + square);
  const double y = square / (1 + square);
  // x^a y^(1/2) / B(a, 1/2)
  const double front =
      math::exp(-a * math::log1p(square)) * std::sqrt(y) * gamma_half_step(a) / kSqrtPi;
  if (x < (a + 1) / (a + 2.5)) return std::min(1.0, front / a * beta_fraction(a, 0.5, x));
  return std::max(0.0, 1 - front * 2 * beta_fraction(0.5, a, y));
}

double student_t_quantile(double confidence, std::size_t degrees) {
  HYPERDC_CHECK(degrees >= 1, "an interval needs at least two values");
  HYPERDC_CHECK(confidence > 0 && confidence < 1, "a confidence is between 0 and 1");
  if (degrees > kExpansionFrom)
    return math::expanded_student_quantile(normal_two_sided(confidence),
                                           static_cast<double>(degrees));
  const double beyond = 1 - confidence;
  double low = 0, high = 1;
  while (student_t_beyond(high, degrees) > beyond) {
    low = high;
    high *= 2;
  }
  while (true) {
    const double middle = low + (high - low) / 2;
    if (middle <= low || middle >= high || high - low < 1e-14 * high) return middle;
    (student_t_beyond(middle, degrees) > beyond ? low : high) = middle;
  }
}

Moments moments_of(std::span<const double> values) {
  HYPERDC_CHECK(!values.empty(), "a mean of no values");
  const double n = static_cast<double>(values.size());
  double shift = 0;
  for (const double value : values) shift += value - values.front();
  Moments moments{values.size(), values.front() + shift / n, 0, {}};
  double squares = 0;
  for (const double value : values) {
    const double deviation = value - moments.mean;
    squares += deviation * deviation;
  }
  if (values.size() < 2 || squares <= 0) return moments;
  moments.deviation = std::sqrt(squares / (n - 1));
  const double spread = std::sqrt(squares / n);
  double cubes = 0;
  for (const double value : values) {
    const double scaled = (value - moments.mean) / spread;
    cubes += scaled * scaled * scaled;
  }
  moments.skewness = cubes / n;
  return moments;
}

double half_width_of(const Moments& moments, double confidence) {
  HYPERDC_CHECK(moments.n >= 2, "an interval needs at least two values");
  return student_t_quantile(confidence, moments.n - 1) *
         std::sqrt(moments.deviation * moments.deviation / static_cast<double>(moments.n));
}

Interval t_interval(const Moments& moments, double confidence) {
  const double half = half_width_of(moments, confidence);
  return {moments.mean - half, moments.mean + half};
}

Bootstrap::Bootstrap(std::size_t values, std::size_t resamples, std::uint64_t seed)
    : values_(values), resamples_(resamples) {
  HYPERDC_CHECK(values >= 2 && resamples >= 1, "a bootstrap needs values to draw from");
  const RandomStream stream(seed, "statistics.bootstrap");
  index_.reserve(values * resamples);
  for (std::size_t sample = 0; sample < resamples; ++sample) {
    for (std::size_t i = 0; i < values; ++i) {
      index_.push_back(static_cast<std::uint32_t>(stream.below(values, sample, i)));
    }
  }
}

Interval Bootstrap::interval(std::span<const double> values, double confidence) const {
  HYPERDC_CHECK(values.size() == values_, "a bootstrap is of as many values as it was made for");
  HYPERDC_CHECK(confidence > 0 && confidence < 1, "a confidence is between 0 and 1");
  const Moments moments = moments_of(values);
  const double n = static_cast<double>(values_);
  if (!moments.skewness) return {moments.mean, moments.mean};
  std::vector<double> deviations(values_), means(resamples_);
  for (std::size_t i = 0; i < values_; ++i) deviations[i] = values[i] - moments.mean;
  for (std::size_t sample = 0; sample < resamples_; ++sample) {
    double sum = 0;
    for (std::size_t i = 0; i < values_; ++i) sum += deviations[index_[sample * values_ + i]];
    means[sample] = sum / n;
  }
  std::sort(means.begin(), means.end());
  // Equal to the mean but for rounding.
  const double tie = 1e-12 * moments.deviation;
  const auto first = std::lower_bound(means.begin(), means.end(), -tie);
  const auto last = std::upper_bound(means.begin(), means.end(), tie);
  const double count = static_cast<double>(resamples_);
  const double below = static_cast<double>((first - means.begin()) + (last - means.begin())) / 2;
  // Kept off 0 and 1, where the quantile is infinite.
  const double z0 = math::normal_quantile(std::clamp(below / count, 0.5 / count, 1 - 0.5 / count));
  const double a = *moments.skewness / (6 * std::sqrt(n));
  const auto end = [&](double z) {
    const double at = z0 + (z0 + z) / (1 - a * (z0 + z));
    return moments.mean + sorted_quantile(means, math::normal_probability(at));
  };
  const double z = normal_two_sided(confidence);
  return {end(-z), end(z)};
}

PairedStatistics paired_statistics(std::span<const double> a, std::span<const double> b) {
  HYPERDC_CHECK(a.size() == b.size() && a.size() >= 2, "pairs need two values or more of both");
  std::vector<double> differences(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) differences[i] = b[i] - a[i];
  PairedStatistics out{moments_of(a), moments_of(b), moments_of(differences), 1, {}, {}};
  const double mean = std::fabs(out.difference.mean);
  const double deviation = out.difference.deviation;
  const double n = static_cast<double>(a.size());
  if (deviation > 0) {
    out.p = student_t_beyond(mean * std::sqrt(n) / deviation, a.size() - 1);
    out.effect = out.difference.mean / deviation;
  } else if (mean > 0) {
    out.p = 0;
  }
  const double apart = out.a.deviation * out.a.deviation + out.b.deviation * out.b.deviation;
  if (apart > 0) out.variance_ratio = deviation * deviation / apart;
  return out;
}

std::vector<double> holm_adjusted(std::span<const double> p) {
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t i, std::size_t j) { return p[i] < p[j]; });
  std::vector<double> adjusted(p.size());
  double highest = 0;
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    const double factor = static_cast<double>(order.size() - rank);
    highest = std::max(highest, std::min(1.0, factor * p[order[rank]]));
    adjusted[order[rank]] = highest;
  }
  return adjusted;
}

std::optional<std::size_t> replications_for_width(double deviation, double half_width,
                                                  double confidence) {
  if (half_width <= 0) return std::nullopt;
  return least_replications(
      deviation, half_width, normal_two_sided(confidence),
      [&](std::size_t degrees) { return student_t_quantile(confidence, degrees); });
}

std::optional<std::size_t> replications_for_effect(double deviation, double effect,
                                                   double confidence, double power) {
  HYPERDC_CHECK(power >= 0.5 && power < 1, "a power is 0.5 or more and below 1");
  if (effect == 0) return std::nullopt;
  const double one_sided = 2 * power - 1;
  const auto quantiles = [&](std::size_t degrees) {
    return student_t_quantile(confidence, degrees) +
           (one_sided > 0 ? student_t_quantile(one_sided, degrees) : 0);
  };
  const double bound = normal_two_sided(confidence) + math::normal_quantile(power);
  return least_replications(deviation, std::fabs(effect), bound, quantiles);
}

std::optional<double> coverage_of_skewed(std::size_t n, double skewness) {
  if (n < kSkewnessFrom) return std::nullopt;
  const double size = std::fabs(skewness);
  const double count = static_cast<double>(n);
  if (count >= kSkewed.back().n) return covered(kSkewed.back(), size);
  std::size_t above = 1;
  while (kSkewed[above].n < count) ++above;
  // Straight in 1 / sqrt(n), by which skewness wears off.
  const auto place = [](double values) { return 1 / std::sqrt(values); };
  const double from = place(kSkewed[above - 1].n);
  const double share = (place(count) - from) / (place(kSkewed[above].n) - from);
  const double low = covered(kSkewed[above - 1], size);
  return low + share * (covered(kSkewed[above], size) - low);
}

}  // namespace hyperdc
