// exp, expm1, log, log1p.
//
// Computes: argument reduction to |r| <= ln2/2 (exp) or to [sqrt(2)/2, sqrt(2)) (log), then the
// minimax polynomials published with FDLIBM 5.3 (Sun Microsystems, 1993: e_exp.c, s_expm1.c,
// e_log.c, s_log1p.c), evaluated with + - * / alone in the order written here.
// Error: below 1 ulp (docs/models/math.md has the measured maxima). Valid for all doubles; special
// values as in C Annex F. Leaves out: errno, floating-point exceptions, rounding modes but nearest.
//
// FDLIBM: "Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved. Permission to use,
// copy, modify, and distribute this software is freely granted, provided that this notice is
// preserved."
#include "core/math.hpp"
#include "core/math_bits.hpp"

namespace hyperdc::math {

using namespace detail;

namespace {

constexpr double kInvLn2 = 1.44269504088896338700e+00;

/// R(s^2) of log((1 + s) / (1 - s)) = 2 s + s R(s^2), |s| <= 0.1716.
double log_tail(double s) {
  constexpr double kL1 = 6.666666666666735130e-01;
  constexpr double kL2 = 3.999999999940941908e-01;
  constexpr double kL3 = 2.857142874366239149e-01;
  constexpr double kL4 = 2.222219843214978396e-01;
  constexpr double kL5 = 1.818357216161805012e-01;
  constexpr double kL6 = 1.531383769920937332e-01;
  constexpr double kL7 = 1.479819860511658591e-01;
  const double z = s * s;
  const double w = z * z;
  const double odd = w * (kL2 + w * (kL4 + w * kL6));
  const double even = z * (kL1 + w * (kL3 + w * (kL5 + w * kL7)));
  return even + odd;
}

/// log((1 + f) * 2^k) + c for sqrt(2)/2 <= 1 + f < sqrt(2).
double log_reduced(double f, double k, double c) {
  const double half_square = 0.5 * f * f;
  const double s = f / (2.0 + f);
  const double tail = s * (half_square + log_tail(s));
  return k * kLn2High - ((half_square - (tail + (k * kLn2Low + c))) - f);
}

/// Splits a positive normal number into 2^k * m with sqrt(2)/2 <= m < sqrt(2) (about).
double split_power(double x, int* k) {
  const std::uint64_t offset = bits_of(x) + ((0x3FF0'0000ULL - 0x3FE6'A09EULL) << 32);
  *k = static_cast<int>(offset >> 52) - 1023;
  return from_bits((offset & 0x000F'FFFF'FFFF'FFFFULL) + (0x3FE6'A09EULL << 32));
}

/// R1 = 6/r ((e^r + 1) / (e^r - 1) - 2/r), as a polynomial in z = r^2 / 2.
double expm1_series(double z) {
  constexpr double kQ1 = -3.33333333333331316428e-02;
  constexpr double kQ2 = 1.58730158725481460165e-03;
  constexpr double kQ3 = -7.93650757867487942473e-05;
  constexpr double kQ4 = 4.00821782732936239552e-06;
  constexpr double kQ5 = -2.01099218183624371326e-07;
  return 1.0 + z * (kQ1 + z * (kQ2 + z * (kQ3 + z * (kQ4 + z * kQ5))));
}

}  // namespace

double exp(double x) {
  constexpr double kP1 = 1.66666666666666019037e-01;
  constexpr double kP2 = -2.77777777770155933842e-03;
  constexpr double kP3 = 6.61375632143793436117e-05;
  constexpr double kP4 = -1.65339022054652515390e-06;
  constexpr double kP5 = 4.13813679705723846039e-08;
  if (is_nan(x)) return x;
  if (x > 7.09782712893383973096e+02) return kInfinity;
  if (x < -7.45133219101941108420e+02) return 0.0;
  if (magnitude(x) < 0x1p-54) return 1.0 + x;

  const double k = nearest_integer(x * kInvLn2);
  const double high = x - k * kLn2High;
  const double low = k * kLn2Low;
  const double r = high - low;
  const double t = r * r;
  const double c = r - t * (kP1 + t * (kP2 + t * (kP3 + t * (kP4 + t * kP5))));
  const double y = 1.0 - ((low - (r * c) / (2.0 - c)) - high);
  return scaled(y, static_cast<int>(k));
}

double expm1(double x) {
  if (is_nan(x) || magnitude(x) < 0x1p-54) return x;
  if (x > 7.09782712893383973096e+02) return kInfinity;
  if (x < -40.0) return -1.0;  // e^-40 is far below half an ulp of 1

  const double k_real = magnitude(x) < 0.34657359027997264 ? 0.0 : nearest_integer(x * kInvLn2);
  const int k = static_cast<int>(k_real);
  const double high = x - k_real * kLn2High;
  const double low = k_real * kLn2Low;
  const double r = high - low;
  const double c = (high - r) - low;  // what r lost

  const double half = 0.5 * r;
  const double half_square = r * half;
  const double series = expm1_series(half_square);
  const double t = 3.0 - series * half;
  double e = half_square * ((series - t) / (6.0 - r * t));
  if (k == 0) return r - (r * e - half_square);
  e = (r * (e - c) - c) - half_square;
  if (k == -1) return 0.5 * (r - e) - 0.5;
  if (k == 1) return r < -0.25 ? -2.0 * (e - (r + 0.5)) : 1.0 + 2.0 * (r - e);
  if (k <= -2 || k > 56) return scaled(1.0 - (e - r), k) - 1.0;
  const double inverse = power_of_two(-k);
  if (k < 20) return scaled((1.0 - inverse) - (e - r), k);
  return scaled((r - (e + inverse)) + 1.0, k);
}

double log(double x) {
  if (is_nan(x)) return x;
  if (x == 0) return -kInfinity;
  if (is_negative(x)) return kNaN;
  if (x == kInfinity) return x;
  int shift = 0;
  if (x < 0x1p-1022) {
    x *= 0x1p54;
    shift = -54;
  }
  int k = 0;
  const double m = split_power(x, &k);
  return log_reduced(m - 1.0, k + shift, 0.0);
}

double log1p(double x) {
  if (is_nan(x) || x == kInfinity) return x;
  if (x <= -1.0) return x == -1.0 ? -kInfinity : kNaN;
  const double size = magnitude(x);
  if (size < 0x1p-54) return x;
  if (size < 0x1p-29) return x - x * x * 0.5;
  if (x > -0.29289321881345254 && x < 0.41421356237309503) return log_reduced(x, 0, 0.0);

  const double u = 1.0 + x;
  int k = 0;
  const double m = split_power(u, &k);
  // What the addition lost, relative to u: each difference is exact in its range.
  const double lost = (x < 1.0 ? x - (u - 1.0) : 1.0 - (u - x)) / u;
  return log_reduced(m - 1.0, k, lost);
}

}  // namespace hyperdc::math
