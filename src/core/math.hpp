// Transcendental functions whose bits do not depend on the C library, the processor or the
// compiler: only IEEE +, -, *, /, sqrt and integer operations, without fused multiply-add.
// Errors are below 1 ulp + 2^-10 ulp unless stated (docs/models/math.md).
#pragma once

namespace hyperdc::math {

double exp(double x);
double expm1(double x);
double log(double x);
double log1p(double x);
double pow(double x, double y);
double sin(double x);
double cos(double x);
double lgamma(double x);           // x > 0; within 1e-15 of itself
double normal_quantile(double p);  // inverse of the standard normal distribution, 0 < p < 1; 1e-15

}  // namespace hyperdc::math
