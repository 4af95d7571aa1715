#include "model/queueing/gigc.hpp"

#include <algorithm>
#include <cmath>

#include <hyperdc/core/assert.hpp>

#include "core/erlang_real.hpp"
#include "core/math.hpp"

namespace hyperdc::queueing {
namespace {

void check(const GiGc& q) {
  HYPERDC_CHECK(q.servers >= 1 && q.load >= 0 && q.load < 1, "GI/G/c needs c >= 1 and load < 1");
  HYPERDC_CHECK(q.arrivals_cv2 >= 0, "GI/G/c needs a squared variation of arrivals >= 0");
}

/// Correlation time of max(1, (m + 1) / c) under M/M/c-PS, in service times, as a tagged request
/// sees it in units of its own attained service. There the others are a birth and death chain
/// with births rho c max(1, (m + 1) / c) and deaths m (each of them gets what the tagged one
/// gets), whose equilibrium is that of M/M/c; integral of its autocovariance = sum over m of
/// F(m)^2 / (p(m) birth(m)), F(m) = sum to m of p (f - mean). For c = 1 it is 1 / (1 - rho), as in
/// Ott's variance.
double slowdown_memory(double servers, double load) {
  const double c = servers;
  if (c <= 1 || load == 0) return 1 / (1 - load);
  // From c upwards p is geometric: p(c + i) = p(c) rho^i. Relative to p(c) = 1; `below` is
  // F(m) for m < c, where f = 1 and so F(m) = -(mean - 1) P(m).
  const double wait = erlang_c_real(c, c * load);
  if (wait <= 0) return 1;
  const double mean = wait / (c * (1 - load));
  const double variance = wait * (1 + load) / (c * c * (1 - load) * (1 - load)) - mean * mean;
  const double p_c = wait * (1 - load);
  const double excess = mean;
  double sum = 0;
  // Downwards from c - 1: the share P(m) of the states up to m by the ratio of Erlang B.
  double p = p_c / load;  // p(c - 1) = p(c) c / a
  double cumulative = 1 - wait;
  for (double m = c - 1; m >= 0 && cumulative > 1e-9 && p > 1e-12 * p_c; m -= 1) {
    const double f = excess * cumulative;
    sum += f * f / (p * c * load);
    cumulative = std::max(0.0, cumulative - p);
    p *= m / (c * load);
  }
  double above = excess * (1 - wait);  // -F(c - 1)
  p = p_c;
  for (double i = 0; p > 1e-12 * p_c && i < 1e5; i += 1) {
    above -= p * ((i + 1) / c - excess);
    sum += above * above / (p * load * (c + i + 1));
    p *= load;
  }
  return sum / variance;
}

}  // namespace

double queue_ratio(const GiGc& q) {
  check(q);
  if (q.load == 0) return 0;
  if (q.arrivals_cv2 == 1) return q.load;
  const double a = q.arrivals_cv2;
  const auto transform = [&](double sigma) {
    const double x = (1 - sigma) / q.load;
    // Towards Ca2 = 0 the gamma distribution is a constant.
    return a < 1e-9 ? math::exp(-x) : math::exp(-math::log1p(a * x) / a);
  };
  double low = 0;
  double high = 1;
  for (int i = 0; i < 52; ++i) {
    const double middle = 0.5 * (low + high);
    (transform(middle) > middle ? low : high) = middle;
  }
  return low;
}

double wait_probability(const GiGc& q) {
  check(q);
  if (q.load == 0) return 0;
  if (q.arrivals_cv2 == 1) return erlang_c_real(q.servers, q.servers * q.load);
  const double z = 0.5 * (1 + q.arrivals_cv2);
  const double many = erlang_c_real(q.servers / z, q.servers * q.load / z);
  const double one = erlang_c_real(1 / z, q.load / z);
  const double correction = math::pow(queue_ratio(q) / one, 1 / q.servers);
  return std::min(1.0, many * correction);
}

WaitShape wait_shape(const GiGc& q, const ServiceShape& service) {
  return wait_shape(q, service, service.first_end(q.servers));
}

WaitShape wait_shape(const GiGc& q, const ServiceShape& service, const Moments& first) {
  WaitShape shape;
  shape.probability = wait_probability(q);
  if (shape.probability == 0) return shape;
  const double c = q.servers;
  const double ca2 = q.arrivals_cv2;
  const double cs2 = service.cv2();
  // Mean and second moment of a residual of S / c.
  const double y = (1 + cs2) * service.mean_s() / (2 * c);
  const double y2 = service.third_s3() / (3 * service.mean_s() * c * c);
  const double poisson = first.mean + q.load / (1 - q.load) * y;
  const double sigma = queue_ratio(q);
  const double mean =
      poisson * (1 - q.load) / (1 - sigma) * 2 * (ca2 + cs2) / ((1 + ca2) * (1 + cs2));
  const double n = std::max(0.0, (mean - first.mean) / y);  // mean of N, geometric
  const double variance = first.variance + n * std::max(0.0, y2 - y * y) + n * (1 + n) * y * y;
  // Where arrivals are so even that the mean is below that of one first end, the shape stays.
  const double scale = mean < first.mean ? mean / first.mean : 1;
  shape.wait_s = {mean, variance * scale * scale};
  shape.geometric = n;
  shape.servers = c;
  return shape;
}

double wait_mean_s(const GiGc& q, const ServiceShape& service) {
  const WaitShape shape = wait_shape(q, service);
  return shape.probability * shape.wait_s.mean;
}

double allen_cunneen_wait_mean_s(const GiGc& q, double service_mean_s, double service_cv2) {
  check(q);
  const double c = erlang_c_real(q.servers, q.servers * q.load);
  return c * service_mean_s / (q.servers * (1 - q.load)) * 0.5 * (q.arrivals_cv2 + service_cv2);
}

SlowdownShape slowdown_shape(const GiGc& q, double service_mean_s, double service_cv2) {
  const double p = wait_probability(q);
  const double sigma = queue_ratio(q);
  const double c = q.servers;
  const double ca2 = q.arrivals_cv2;
  const double v = 2 * (ca2 + service_cv2) / ((1 + ca2) * (1 + service_cv2));
  // Who finds c + i present, i geometric, is slowed by (c + i + 1) / c.
  SlowdownShape shape;
  const double excess = p / (c * (1 - sigma));
  const double second = p * (1 + sigma) / (c * c * (1 - sigma) * (1 - sigma));
  const double variance = std::max(0.0, second - excess * excess);
  shape.excess_mean = v * excess;
  shape.excess_variance = v * v * variance;
  shape.memory_s = service_mean_s * slowdown_memory(c, q.load);
  return shape;
}

double ps_sojourn_mean_s(const GiGc& q, double service_mean_s, double service_cv2) {
  return service_mean_s * (1 + slowdown_shape(q, service_mean_s, service_cv2).excess_mean);
}

}  // namespace hyperdc::queueing
