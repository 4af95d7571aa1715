// Confidence intervals of validation tests.
#pragma once

#include <vector>

namespace hyperdc::test {

struct Interval {
  double mean = 0;
  double half_width = 0;
};

/// 99.9 % t interval of the mean of independent values; at least two of them.
Interval interval_999(const std::vector<double>& values);

}  // namespace hyperdc::test
