#include "model/queueing/mmc.hpp"

#include <cmath>

#include <hyperdc/core/assert.hpp>

#include "core/erlang_real.hpp"
#include "core/math.hpp"

namespace hyperdc::queueing {
namespace {

void check(const Mmc& q) {
  HYPERDC_CHECK(q.servers >= 1 && q.load >= 0 && q.load < 1, "M/M/c needs c >= 1 and load < 1");
  HYPERDC_CHECK(q.service_mean_s > 0, "M/M/c needs a service time above 0");
}

struct GeometricSums {
  double count = 0;     // sum of r^i, i = 0..n-1
  double weighted = 0;  // sum of (i + 1) r^i
};

GeometricSums geometric_sums(double r, std::uint64_t n) {
  GeometricSums sums;
  double term = 1;
  for (std::uint64_t i = 0; i < n; ++i) {
    sums.count += term;
    sums.weighted += static_cast<double>(i + 1) * term;
    term *= r;
    if (r < 1 && static_cast<double>(i + 2) * term < 1e-18 * sums.count * (1 - r)) break;
  }
  return sums;
}

/// Weights of the states relative to "all servers busy, nobody waits". For loads above 1 the
/// scale is that of the full station, so that nothing overflows.
struct Weights {
  double below = 0;     // some server is free
  double waiting = 0;   // sum over i = 0..K-1: whoever finds these is admitted and waits
  double weighted = 0;  // the same times (i + 1)
  double full = 0;
};

Weights weights(const Mmck& q) {
  HYPERDC_CHECK(q.servers >= 1 && q.load >= 0, "M/M/c/K needs c >= 1 and load >= 0");
  HYPERDC_CHECK(q.waiting_places <= 1'000'000, "M/M/c/K has at most 1e6 waiting places here");
  const double b = erlang_b_real(q.servers, q.servers * q.load);
  const std::uint64_t k = q.waiting_places;
  Weights w;
  if (q.load <= 1) {
    const GeometricSums sums = geometric_sums(q.load, k);
    w = {1 / b - 1, sums.count, sums.weighted, math::pow(q.load, static_cast<double>(k))};
    if (b == 0) w = {1, 0, 0, 0};
  } else {
    // Divided by rho^K: i waiting has weight r^(K - i), r = 1 / rho.
    const double r = 1 / q.load;
    double term = r;
    for (std::uint64_t i = k; i > 0 && term > 1e-300; --i) {
      w.waiting += term;
      w.weighted += static_cast<double>(i) * term;
      term *= r;
    }
    w.full = 1;
    w.below = (1 / b - 1) * math::pow(r, static_cast<double>(k));
  }
  return w;
}

}  // namespace

double wait_probability(const Mmc& q) {
  check(q);
  return erlang_c_real(q.servers, q.servers * q.load);
}

double wait_mean_s(const Mmc& q) {
  return wait_probability(q) * q.service_mean_s / (q.servers * (1 - q.load));
}

double wait_beyond(const Mmc& q, double t_s) {
  const double c = wait_probability(q);
  return c * math::exp(-q.servers * (1 - q.load) * t_s / q.service_mean_s);
}

double wait_quantile_s(const Mmc& q, double p) {
  HYPERDC_CHECK(p >= 0 && p < 1, "a quantile of a wait needs p in [0, 1)");
  const double c = wait_probability(q);
  if (1 - p >= c) return 0;
  return math::log(c / (1 - p)) * q.service_mean_s / (q.servers * (1 - q.load));
}

double sojourn_beyond(const Mmc& q, double t_s) {
  const double c = wait_probability(q);
  const double t = t_s / q.service_mean_s;
  const double d = q.servers * (1 - q.load) - 1;
  // Near d = 0 the quotient is t; expm1 keeps it exact on both sides.
  const double quotient = std::fabs(d * t) < 1e-12 ? t : -math::expm1(-d * t) / d;
  return math::exp(-t) * (1 + c * quotient);
}

double sojourn_quantile_s(const Mmc& q, double p) {
  HYPERDC_CHECK(p >= 0 && p < 1, "a quantile of a sojourn needs p in [0, 1)");
  double high = q.service_mean_s;
  while (sojourn_beyond(q, high) > 1 - p) high *= 2;
  double low = 0;
  for (int i = 0; i < 60; ++i) {
    const double middle = 0.5 * (low + high);
    (sojourn_beyond(q, middle) > 1 - p ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

MmckState equilibrium(const Mmck& q) {
  const Weights w = weights(q);
  const double all = w.below + w.waiting + w.full;
  const double admitted = all - w.full;
  MmckState state;
  state.loss = w.full / all;
  // With no server free and no waiting place left of any weight nobody is admitted.
  if (admitted > 0) {
    state.wait_probability = w.waiting / admitted;
    state.wait_mean_s = w.weighted / admitted * q.service_mean_s / q.servers;
  }
  state.busy = q.servers * q.load * (1 - state.loss);
  state.waiting = q.servers * q.load * (1 - state.loss) * state.wait_mean_s / q.service_mean_s;
  return state;
}

double wait_beyond(const Mmck& q, double t_s) {
  const Weights w = weights(q);
  const double admitted = w.below + w.waiting;
  if (admitted <= 0) return 0;
  // P(Erlang(i + 1, c/S) > t) is the Poisson sum of 0..i at x = c t / S.
  const double x = q.servers * t_s / q.service_mean_s;
  const double log_x = x > 0 ? math::log(x) : 0;
  const auto k = q.waiting_places;
  const double log_load = q.load > 0 ? math::log(q.load) : -1e9;
  double poisson = 0;
  double sum = 0;
  for (std::uint64_t i = 0; i < k; ++i) {
    const auto n = static_cast<double>(i);
    poisson += x > 0 ? math::exp(n * log_x - x - math::lgamma(n + 1)) : (i == 0 ? 1 : 0);
    const double exponent = q.load <= 1 ? n : n - static_cast<double>(k);
    sum += math::exp(exponent * log_load) * poisson;
  }
  return sum / admitted;
}

}  // namespace hyperdc::queueing
