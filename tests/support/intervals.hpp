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

/// The same with a control variate: a second value of each run, whose mean is known. By how much it
/// is off explains a part of how much the values are off, which regression takes out of both the
/// mean and the width (S. S. Lavenberg, P. D. Welch 1981, Management Science 27(3); A. M. Law,
/// Simulation Modeling and Analysis, section 11.4). Exact for normal values; at least three.
Interval interval_999(const std::vector<double>& values, const std::vector<double>& controls,
                      double known_mean);

}  // namespace hyperdc::test
