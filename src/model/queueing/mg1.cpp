#include "model/queueing/mg1.hpp"

#include <hyperdc/core/assert.hpp>

#include "core/math.hpp"

namespace hyperdc::queueing {
namespace {

void check_load(double load) {
  HYPERDC_CHECK(load >= 0 && load < 1, "M/G/1 needs a load in [0, 1)");
}

}  // namespace

double wait_mean_s(const Mg1& q) {
  check_load(q.load);
  return q.load * q.service_mean_s * (1 + q.service_cv * q.service_cv) / (2 * (1 - q.load));
}

double wait_second_moment_s2(const Mg1& q, double service_third_s3) {
  const double mean = wait_mean_s(q);
  const double rate = q.load / q.service_mean_s;
  return 2 * mean * mean + rate * service_third_s3 / (3 * (1 - q.load));
}

double ps_sojourn_mean_s(double load, double service_mean_s) {
  check_load(load);
  return service_mean_s / (1 - load);
}

double ps_sojourn_mean_of_size_s(double load, double size_s) {
  check_load(load);
  return size_s / (1 - load);
}

double ps_sojourn_variance_of_size_s2(double load, double service_mean_s, double size_s) {
  check_load(load);
  const double rest = 1 - load;
  const double u = rest * size_s / service_mean_s;
  // u - 1 + e^-u = u + expm1(-u), whose terms cancel for small u: there the series.
  const double decay = u < 1e-3 ? u * u * (0.5 - u / 6 + u * u / 24) : u + math::expm1(-u);
  return 2 * load * service_mean_s * service_mean_s * decay / (rest * rest * rest * rest);
}

}  // namespace hyperdc::queueing
