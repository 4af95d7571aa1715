// The normal distribution, the same bits on every machine.
#pragma once

namespace hyperdc::math {

/// P(X <= x) of the standard normal distribution, within 2e-15; below -3 within 1e-14 + 3e-16 x^2
/// of itself.
double normal_probability(double x);

}  // namespace hyperdc::math
