#include "support/intervals.hpp"

#include <boost/math/distributions/students_t.hpp>
#include <cmath>

namespace hyperdc::test {
namespace {

double quantile_999(double degrees) {
  return boost::math::quantile(boost::math::students_t(degrees), 1 - 0.0005);
}

}  // namespace

Interval interval_999(const std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  Interval interval;
  for (const double value : values) interval.mean += value / n;
  double variance = 0;
  for (const double value : values) {
    variance += (value - interval.mean) * (value - interval.mean) / (n - 1);
  }
  interval.half_width = quantile_999(n - 1) * std::sqrt(variance / n);
  return interval;
}

Interval interval_999(const std::vector<double>& values, const std::vector<double>& controls,
                      double known_mean) {
  const auto n = static_cast<double>(values.size());
  double value_mean = 0;
  double control_mean = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    value_mean += values[i] / n;
    control_mean += controls[i] / n;
  }
  double both = 0;
  double of_controls = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    both += (values[i] - value_mean) * (controls[i] - control_mean);
    of_controls += (controls[i] - control_mean) * (controls[i] - control_mean);
  }
  const double slope = both / of_controls;
  const double off = control_mean - known_mean;
  double residuals = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double residual = values[i] - value_mean - slope * (controls[i] - control_mean);
    residuals += residual * residual;
  }
  const double variance = residuals / (n - 2);
  return {value_mean - slope * off,
          quantile_999(n - 2) * std::sqrt(variance * (1 / n + off * off / of_controls))};
}

}  // namespace hyperdc::test
