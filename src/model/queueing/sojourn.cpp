#include "model/queueing/sojourn.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

#include <hyperdc/core/assert.hpp>

#include "core/math.hpp"

namespace hyperdc::queueing {
namespace {

double middle_of(std::size_t k) {
  return 0.5 * (strata_bounds()[k] + strata_bounds()[k + 1]);
}

double width_of(std::size_t k) {
  return strata_bounds()[k + 1] - strata_bounds()[k];
}

/// Points of nearly the same value (1/128 of an octave) become one of their mean, in rising order:
/// much faster than sorting them all.
std::vector<Weighted> gathered(const std::vector<Weighted>& points) {
  constexpr int kShift = 52 - 7;
  std::uint64_t least = ~std::uint64_t{0};
  std::uint64_t most = 0;
  const auto bin_of = [](double value) { return std::bit_cast<std::uint64_t>(value) >> kShift; };
  for (const Weighted& p : points) {
    least = std::min(least, bin_of(p.value));
    most = std::max(most, bin_of(p.value));
  }
  // What is 2^-64 of the largest counts as 0.
  least = std::max(least, most > (64U << 7) ? most - (64U << 7) : 0);
  std::vector<Weighted> bins(most - least + 1, Weighted{0, 0});
  for (const Weighted& p : points) {
    const std::uint64_t bin = bin_of(p.value);
    Weighted& to = bins[bin > least ? bin - least : 0];
    to.value += p.value * p.weight;
    to.weight += p.weight;
  }
  std::size_t kept = 0;
  for (const Weighted& bin : bins) {
    if (bin.weight > 0) bins[kept++] = {bin.value / bin.weight, bin.weight};
  }
  bins.resize(kept);
  return bins;
}

/// Gamma of shape k >= 1 and this mean.
double gamma_like(double mean, double k, double p) {
  const double root = 1 - 1 / (9 * k) + math::normal_quantile(p) / (3 * std::sqrt(k));
  return root <= 0 ? 0 : mean * root * root * root;
}

/// Hyperexponential with balanced means, squared variation c2 > 1.
double hyperexponential(double mean, double c2, double p) {
  const double share = 0.5 * (1 + std::sqrt((c2 - 1) / (c2 + 1)));
  const double fast = mean / (2 * share);
  const double slow = mean / (2 * (1 - share));
  double low = 0;
  double high = -slow * math::log1p(-p);
  for (int i = 0; i < 40; ++i) {
    const double t = 0.5 * (low + high);
    const double beyond = share * math::exp(-t / fast) + (1 - share) * math::exp(-t / slow);
    (beyond > 1 - p ? low : high) = t;
  }
  return 0.5 * (low + high);
}

/// Nothing with probability 1 - b, else exponential; squared variation c2 > 1.
double nothing_or_exponential(double mean, double c2, double p) {
  const double b = 2 / (1 + c2);
  return 1 - p >= b ? 0 : -mean / b * math::log((1 - p) / b);
}

/// 2 (u - 1 + e^-u) / u^2: 1 at 0, 2/u far out.
double averaging(double u) {
  return u < 1e-3 ? 1 - u / 3 + u * u / 12 : 2 * (u + math::expm1(-u)) / (u * u);
}

/// Probabilities of the points 0, h, 2h, .. from P(X > i h): a cell goes half to either bound.
std::vector<double> on_grid(const std::vector<double>& beyond) {
  const std::size_t n = beyond.size() - 1;
  std::vector<double> mass(n, 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    const double half = 0.5 * (beyond[i] - beyond[i + 1]);
    mass[i] += half;
    if (i + 1 < n) mass[i + 1] += half;
  }
  return mass;
}

/// The strata of V = M + Y1 + .. + YN, N geometric.
Strata compound_waits(const ServiceShape& service, const WaitShape& wait) {
  constexpr std::size_t kGrid = 512;
  const double c = wait.servers;
  const double r = *wait.geometric / (1 + *wait.geometric);
  const double step = (wait.wait_s.mean + 12 * std::sqrt(wait.wait_s.variance)) / kGrid;
  std::vector<double> beyond = service.residual_beyond(step * c, kGrid + 1);
  const std::vector<double> y = on_grid(beyond);  // a residual of S / c
  // The least of c residuals, on the clock of the station: the same grid is c times finer.
  beyond = service.residual_beyond(step, kGrid + 1);
  for (double& b : beyond) b = math::pow(b, c);
  const std::vector<double> m = on_grid(beyond);
  std::vector<double> sum(kGrid);
  const double unit = 1 / (1 - r * y[0]);
  sum[0] = (1 - r) * unit;
  for (std::size_t k = 1; k < kGrid; ++k) {
    double total = 0;
    for (std::size_t j = 1; j <= k; ++j) total += y[j] * sum[k - j];
    sum[k] = r * unit * total;
  }
  std::vector<Weighted> points;
  points.reserve(kGrid);
  double left = 1;
  double mean = 0;
  for (std::size_t k = 0; k < kGrid; ++k) {
    double total = 0;
    for (std::size_t j = 0; j <= k; ++j) total += m[j] * sum[k - j];
    if (k + 1 == kGrid) total = std::max(0.0, left);
    left -= total;
    mean += total * static_cast<double>(k);
    points.push_back({static_cast<double>(k), total});
  }
  for (Weighted& p : points) p.value *= wait.wait_s.mean / mean;
  return strata_of(points);
}

}  // namespace

Strata strata_of(const std::vector<Weighted>& all) {
  const std::vector<Weighted> points = gathered(all);
  Strata strata{};
  std::size_t at = 0;
  double left = points[0].weight;
  for (std::size_t k = 0; k < kStrata; ++k) {
    double need = width_of(k);
    double sum = 0;
    while (need > 0) {
      const double take = std::min(need, left);
      sum += take * points[at].value;
      need -= take;
      left -= take;
      if (left > 0) break;
      if (at + 1 == points.size()) {  // rounding of the weights
        sum += need * points[at].value;
        left = 1;
        break;
      }
      left = points[++at].weight;
    }
    strata[k] = sum / width_of(k);
  }
  return strata;
}

double fitted_quantile(const Moments& moments, double p) {
  if (moments.mean <= 0) return 0;
  const double c2 = moments.variance / (moments.mean * moments.mean);
  if (c2 < 1e-9) return moments.mean;
  if (std::fabs(c2 - 1) < 1e-9) return -moments.mean * math::log1p(-p);
  return c2 < 1 ? gamma_like(moments.mean, 1 / c2, p) : hyperexponential(moments.mean, c2, p);
}

namespace {

/// The strata of V at the formula's mean: quantiles at the middles lose a little of it.
Strata waits_of_waiting(const ServiceShape& service, const WaitShape& wait) {
  // Exponential service makes the compound exponential, and the fit exact.
  const bool compound = wait.geometric && std::fabs(service.cv2() - 1) > 1e-9;
  Strata waits{};
  if (compound) waits = compound_waits(service, wait);
  double fitted_mean = 0;
  for (std::size_t k = 0; k < kStrata; ++k) {
    if (!compound) waits[k] = fitted_quantile(wait.wait_s, middle_of(k));
    fitted_mean += width_of(k) * waits[k];
  }
  for (double& w : waits) w = w * wait.wait_s.mean / fitted_mean;
  return waits;
}

bool nobody_waits(const WaitShape& wait) {
  return wait.probability <= 0 || wait.wait_s.mean <= 0;
}

}  // namespace

Strata sojourn_fcfs(const ServiceShape& service, const WaitShape& wait) {
  const Strata& sizes = service.strata_s();
  if (nobody_waits(wait)) return sizes;
  const Strata waits = waits_of_waiting(service, wait);
  std::vector<Weighted> points;
  points.reserve(kStrata * (kStrata + 1));
  for (std::size_t i = 0; i < kStrata; ++i) {
    if (wait.probability < 1) points.push_back({sizes[i], width_of(i) * (1 - wait.probability)});
    for (std::size_t k = 0; k < kStrata; ++k) {
      points.push_back({sizes[i] + waits[k], width_of(i) * width_of(k) * wait.probability});
    }
  }
  return strata_of(points);
}

Strata waits_fcfs(const ServiceShape& service, const WaitShape& wait) {
  if (nobody_waits(wait)) return Strata{};
  const Strata waits = waits_of_waiting(service, wait);
  std::vector<Weighted> points;
  points.reserve(kStrata + 1);
  if (wait.probability < 1) points.push_back({0, 1 - wait.probability});
  for (std::size_t k = 0; k < kStrata; ++k) {
    points.push_back({waits[k], width_of(k) * wait.probability});
  }
  return strata_of(points);
}

Strata sojourn_ps(const ServiceShape& service, const SlowdownShape& slowdown) {
  const Strata& sizes = service.strata_s();
  if (slowdown.excess_mean <= 0) return sizes;
  std::vector<Weighted> points;
  points.reserve(kStrata * kStrata);
  for (std::size_t i = 0; i < kStrata; ++i) {
    const double x = sizes[i];
    const double mean = x * slowdown.excess_mean;
    const double c2 = slowdown.excess_variance * averaging(x / slowdown.memory_s) /
                      (slowdown.excess_mean * slowdown.excess_mean);
    Strata excess{};
    double fitted_mean = 0;
    for (std::size_t k = 0; k < kStrata; ++k) {
      excess[k] = c2 > 1 ? nothing_or_exponential(mean, c2, middle_of(k))
                         : gamma_like(mean, 1 / c2, middle_of(k));
      fitted_mean += width_of(k) * excess[k];
    }
    const double scale = fitted_mean > 0 ? mean / fitted_mean : 0;
    for (std::size_t k = 0; k < kStrata; ++k) {
      points.push_back({x + excess[k] * scale, width_of(i) * width_of(k)});
    }
  }
  return strata_of(points);
}

double quantile(const Strata& strata, double p) {
  HYPERDC_CHECK(p > 0 && p < 1, "a quantile needs p in (0, 1)");
  if (p <= middle_of(0)) return strata[0];
  for (std::size_t k = 1; k < kStrata; ++k) {
    if (p > middle_of(k)) continue;
    const double f = (p - middle_of(k - 1)) / (middle_of(k) - middle_of(k - 1));
    return strata[k - 1] + f * (strata[k] - strata[k - 1]);
  }
  return strata[kStrata - 1];
}

Strata reach_of(const Strata& strata) {
  const auto bound_above = [&](std::size_t k) {
    const double a = width_of(k);
    const double b = width_of(k + 1);
    return (strata[k] * b + strata[k + 1] * a) / (a + b);
  };
  Strata reach{};
  double below = 0;
  for (std::size_t k = 0; k < kStrata; ++k) {
    const bool first = k == 0;
    const bool last = k + 1 == kStrata;
    const double above = last ? 2 * strata[k] - below : bound_above(k);
    if (first) below = 2 * strata[k] - above;
    // Evenly to both sides, so that the mean stays.
    reach[k] = std::min({above - below, 2 * strata[k]});
    below = above;
  }
  return reach;
}

double share_within(const Strata& strata, double value) {
  if (!std::is_sorted(strata.begin(), strata.end())) {
    double share = 0;
    for (std::size_t k = 0; k < kStrata; ++k) {
      if (strata[k] <= value) share += width_of(k);
    }
    return std::min(1.0, share);
  }
  if (value >= strata[kStrata - 1]) return 1;
  if (value < strata[0]) return value <= 0 ? 0 : middle_of(0) * value / strata[0];
  const auto above = std::upper_bound(strata.begin(), strata.end(), value);
  const auto k = static_cast<std::size_t>(above - strata.begin());
  const double f = (value - strata[k - 1]) / (strata[k] - strata[k - 1]);
  return middle_of(k - 1) + f * (middle_of(k) - middle_of(k - 1));
}

double mean(const Strata& strata) {
  double sum = 0;
  for (std::size_t k = 0; k < kStrata; ++k) sum += width_of(k) * strata[k];
  return sum;
}

}  // namespace hyperdc::queueing
