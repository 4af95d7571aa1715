#include "support/intervals.hpp"

#include <boost/math/distributions/students_t.hpp>
#include <cmath>

namespace hyperdc::test {

Interval interval_999(const std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  Interval interval;
  for (const double value : values) interval.mean += value / n;
  double variance = 0;
  for (const double value : values) {
    variance += (value - interval.mean) * (value - interval.mean) / (n - 1);
  }
  const boost::math::students_t t(n - 1);
  interval.half_width = boost::math::quantile(t, 1 - 0.0005) * std::sqrt(variance / n);
  return interval;
}

}  // namespace hyperdc::test
