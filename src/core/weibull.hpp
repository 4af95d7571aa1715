// The shape of a Weibull distribution by its coefficient of variation.
#pragma once

namespace hyperdc {

/// By bisection to the last bit (cv 0.001 has shape 1282, cv 100 has 0.18).
double weibull_shape(double cv);

}  // namespace hyperdc
