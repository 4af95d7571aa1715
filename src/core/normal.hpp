// The normal distribution, and Student's far from few degrees, the same bits on every machine.
#pragma once

namespace hyperdc::math {

/// P(X <= x) of the standard normal distribution, within 2e-15; below -3 within 1e-14 + 3e-16 x^2
/// of itself.
double normal_probability(double x);

/// Student's quantile where that of the normal distribution is z, by Fisher's expansion of three
/// terms (Abramowitz, Stegun, 26.7.5): for some 30 degrees of freedom and more.
double expanded_student_quantile(double z, double degrees);

}  // namespace hyperdc::math
