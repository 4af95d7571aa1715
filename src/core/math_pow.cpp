// pow(x, y) = 2^(y log2 x).
//
// Computes log2 |x| as a sum of two doubles (about 68 bits), multiplies by y in two parts, and
// raises 2 to the sum. Polynomials and splitting: FDLIBM 5.3, e_pow.c (Sun Microsystems, 2004).
// Error: below 0.70 ulp by its authors' analysis; measured in docs/models/math.md. Valid for all
// doubles; special values as in C Annex F. Leaves out: errno, exceptions, other rounding modes.
//
// FDLIBM: "Copyright (C) 2004 by Sun Microsystems, Inc. All rights reserved. Permission to use,
// copy, modify, and distribute this software is freely granted, provided that this notice is
// preserved."
#include "core/math.hpp"
#include "core/math_bits.hpp"

namespace hyperdc::math {

using namespace detail;

namespace {

struct Sum {  // high + low, high with its lower 32 bits clear
  double high = 0;
  double low = 0;
};

enum class Parity { fraction, odd, even };

Parity parity_of(double y) {
  const double size = magnitude(y);
  if (size >= 0x1p53) return Parity::even;
  if (size < 1.0) return Parity::fraction;
  const int fraction_bits = 1075 - static_cast<int>(bits_of(size) >> 52);
  const std::uint64_t mantissa = bits_of(size) & 0x000F'FFFF'FFFF'FFFFULL;
  const std::uint64_t whole = mantissa | (1ULL << 52);
  if (fraction_bits > 0 && (whole & ((1ULL << fraction_bits) - 1)) != 0) return Parity::fraction;
  return ((whole >> fraction_bits) & 1) != 0 ? Parity::odd : Parity::even;
}

/// log2(x) for |x - 1| <= 2^-20.
Sum log2_near_one(double x) {
  constexpr double kLog2E = 1.44269504088896338700e+00;
  constexpr double kLog2EHigh = 1.44269502162933349609e+00;  // 24 bits
  constexpr double kLog2ELow = 1.92596299112661746887e-08;
  const double t = x - 1.0;
  const double w = (t * t) * (0.5 - t * (0.3333333333333333333333 - t * 0.25));
  // FDLIBM multiplies all of t here, whose 33 bits and the 24 of the constant do not fit into 53:
  // hundreds of ulps for |y| near 2^31. With the upper 21 bits the product is exact.
  const double t_high = upper_half(t);
  const double u = kLog2EHigh * t_high;
  const double v = (t * kLog2ELow + kLog2EHigh * (t - t_high)) - w * kLog2E;
  const double high = upper_half(u + v);
  return {high, v - (high - u)};
}

/// log2(x) for finite x > 0: x = 2^n * m with m near 1 or 3/2, and s = (m - b) / (m + b).
Sum log2_split(double x) {
  constexpr double kL1 = 5.99999999999994648725e-01;
  constexpr double kL2 = 4.28571428578550184252e-01;
  constexpr double kL3 = 3.33333329818377432918e-01;
  constexpr double kL4 = 2.72728123808534006489e-01;
  constexpr double kL5 = 2.30660745775561754067e-01;
  constexpr double kL6 = 2.06975017800338417784e-01;
  constexpr double kCp = 9.61796693925975554329e-01;  // 2 / (3 ln 2)
  constexpr double kCpHigh = 9.61796700954437255859e-01;
  constexpr double kCpLow = -7.02846165095275826516e-09;

  int n = 0;
  if (x < 0x1p-1022) {
    x *= 0x1p53;
    n = -53;
  }
  const std::uint32_t exponent_and_top = high_word(x);
  n += static_cast<int>(exponent_and_top >> 20) - 1023;
  const std::uint32_t top = exponent_and_top & 0xFFFFF;
  std::uint32_t high = top | 0x3FF00000;
  const bool near_three_halves = top > 0x3988E && top < 0xBB67A;
  if (top >= 0xBB67A) {
    ++n;
    high -= 0x00100000;
  }
  const double m = with_high_word(x, high);
  const double base = near_three_halves ? 1.5 : 1.0;
  const double base_log_high = near_three_halves ? 5.84962487220764160156e-01 : 0.0;
  const double base_log_low = near_three_halves ? 1.35003920212974897128e-08 : 0.0;

  const double u = m - base;
  const double v = 1.0 / (m + base);
  const double s = u * v;
  const double s_high = upper_half(s);
  // (m + base) to 21 bits, and the rest of it.
  const std::uint32_t sum_bits =
      ((high >> 1) | 0x20000000) + 0x00080000 + (near_three_halves ? 1U << 18 : 0U);
  const double sum_high = with_high_word(0.0, sum_bits);
  const double sum_low = m - (sum_high - base);
  const double s_low = v * ((u - s_high * sum_high) - s_high * sum_low);

  const double z = s * s;
  double r = z * z * (kL1 + z * (kL2 + z * (kL3 + z * (kL4 + z * (kL5 + z * kL6)))));
  r += s_low * (s_high + s);
  const double square = s_high * s_high;
  const double t_high = upper_half(3.0 + square + r);
  const double t_low = r - ((t_high - 3.0) - square);
  const double a = s_high * t_high;
  const double b = s_low * t_high + t_low * s;
  const double p_high = upper_half(a + b);
  const double p_low = b - (p_high - a);
  const double z_high = kCpHigh * p_high;
  const double z_low = kCpLow * p_high + p_low * kCp + base_log_low;
  const double whole = n;
  const double log_high = upper_half(((z_high + z_low) + base_log_high) + whole);
  return {log_high, z_low - (((log_high - whole) - base_log_high) - z_high)};
}

/// 2^(p.high + p.low).
double exp2_split(Sum p) {
  constexpr double kP1 = 1.66666666666666019037e-01;
  constexpr double kP2 = -2.77777777770155933842e-03;
  constexpr double kP3 = 6.61375632143793436117e-05;
  constexpr double kP4 = -1.65339022054652515390e-06;
  constexpr double kP5 = 4.13813679705723846039e-08;
  constexpr double kLn2 = 6.93147180559945286227e-01;
  constexpr double kLn2Upper = 6.93147182464599609375e-01;  // 24 bits
  constexpr double kLn2Lower = -1.90465429995776804525e-09;
  constexpr double kHalfUlpOf1024 = 8.0085662595372944372e-17;  // -(1024 - log2(overflow + ulp/2))

  double z = p.low + p.high;
  if (z >= 1024.0 && (z > 1024.0 || p.low + kHalfUlpOf1024 > z - p.high)) return kInfinity;
  if (z <= -1075.0 && (z < -1075.0 || p.low <= z - p.high)) return 0.0;
  const double n = magnitude(z) > 0.5 ? nearest_integer(z) : 0.0;
  const double high = p.high - n;
  const double t_upper = upper_half(p.low + high);
  const double u = t_upper * kLn2Upper;
  const double v = (p.low - (t_upper - high)) * kLn2 + t_upper * kLn2Lower;
  z = u + v;
  const double w = v - (z - u);
  const double t = z * z;
  const double c = z - t * (kP1 + t * (kP2 + t * (kP3 + t * (kP4 + t * kP5))));
  const double r = (z * c) / (c - 2.0) - (w + z * w);
  return scaled(1.0 - (r - z), static_cast<int>(n));
}

/// |x| in {0, inf} or y infinite; y is not 0 and x not 1.
double pow_special(double x, double y, Parity parity) {
  const double size = magnitude(x);
  if (magnitude(y) == kInfinity) {
    if (size == 1.0) return 1.0;  // (-1)^inf
    return (size > 1.0) == (y > 0) ? kInfinity : 0.0;
  }
  const bool to_infinity = (size == kInfinity) == (y > 0);
  const double result = to_infinity ? kInfinity : 0.0;
  return is_negative(x) && parity == Parity::odd ? -result : result;
}

}  // namespace

double pow(double x, double y) {
  if (y == 0 || x == 1.0) return 1.0;
  if (is_nan(x) || is_nan(y)) return kNaN;
  const double size = magnitude(x);
  const Parity parity = parity_of(y);
  if (size == 0 || size == kInfinity || magnitude(y) == kInfinity) {
    return pow_special(x, y, parity);
  }
  if (is_negative(x) && parity == Parity::fraction) return kNaN;
  const double sign = is_negative(x) && parity == Parity::odd ? -1.0 : 1.0;
  if (size == 1.0) return sign;
  if (y == 1.0) return x;

  Sum log2x;
  if (magnitude(y) > 0x1p31) {
    // Beyond 2^-20 of 1 the result is out of range by 2^11 binary orders.
    if (size < 1.0 - 0x1p-20 || size > 1.0 + 0x1p-20 || magnitude(y) > 0x1p64) {
      return sign * ((size > 1.0) == (y > 0) ? kInfinity : 0.0);
    }
    log2x = log2_near_one(size);
  } else {
    log2x = log2_split(size);
  }
  const double y_high = upper_half(y);
  const double low = (y - y_high) * log2x.high + y * log2x.low;
  return sign * exp2_split({y_high * log2x.high, low});
}

}  // namespace hyperdc::math
