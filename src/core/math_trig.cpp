// sin, cos.
//
// Computes: x = q pi/2 + r with |r| <= pi/4, r as a sum of two doubles; then the minimax
// polynomials published with FDLIBM 5.3 (Sun Microsystems, 1993: k_sin.c, k_cos.c). Reduction below
// 2^20 pi/2 by Cody and Waite in up to three steps (constants of e_rem_pio2.c), above it by Payne
// and Hanek (ACM SIGNUM 18, 1983) in integers: 192 bits of 2/pi times the mantissa, of which the
// first two bits are the quadrant. No double comes nearer to a multiple of pi/2 than 2^-62, so that
// at least 66 bits of r remain. Error: below 1 ulp, measured in docs/models/math.md. Valid for all
// doubles; infinities and NaN give NaN.
//
// FDLIBM: "Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved. Permission to use,
// copy, modify, and distribute this software is freely granted, provided that this notice is
// preserved."
#include <array>

#include "core/math.hpp"
#include "core/math_bits.hpp"

namespace hyperdc::math {

using namespace detail;

namespace {

__extension__ using Wide = unsigned __int128;

struct Reduced {
  double high = 0;
  double low = 0;
  unsigned quadrant = 0;  // modulo 4
};

// The first 1280 bits of 2/pi after the point, with 64 zero bits before them.
constexpr std::array<std::uint64_t, 21> kTwoOverPi = {
    0x0000000000000000, 0xA2F9836E4E441529, 0xFC2757D1F534DDC0, 0xDB6295993C439041,
    0xFE5163ABDEBBC561, 0xB7246E3A424DD2E0, 0x06492EEA09D1921C, 0xFE1DEB1CB129A73E,
    0xE88235F52EBB4484, 0xE99C7026B45F7E41, 0x3991D639835339F4, 0x9C845F8BBDF9283B,
    0x1FF897FFDE05980F, 0xEF2F118B5A0A6D1F, 0x6D367ECF27CB09B7, 0x4F463F669E5FEA2D,
    0x7527BAC7EBE5F17B, 0x3D0739F78A5292EA, 0x6BFB5FB11F8D5D08, 0x56033046FC7B6BAB,
    0xF0CFBC209AF4361D};

/// 64 bits of the table from bit `offset` on.
std::uint64_t bits_at(unsigned offset) {
  const unsigned word = offset / 64;
  const unsigned shift = offset % 64;
  if (shift == 0) return kTwoOverPi[word];
  return (kTwoOverPi[word] << shift) | (kTwoOverPi[word + 1] >> (64 - shift));
}

/// a * b as a sum of two doubles (Dekker 1971, with Veltkamp's splitting), |a|, |b| < 2^900.
void exact_product(double a, double b, double* product, double* error) {
  constexpr double kSplit = 134217729.0;  // 2^27 + 1
  const double a_big = kSplit * a;
  const double a_high = a_big - (a_big - a);
  const double a_low = a - a_high;
  const double b_big = kSplit * b;
  const double b_high = b_big - (b_big - b);
  const double b_low = b - b_high;
  *product = a * b;
  *error = ((a_high * b_high - *product) + a_high * b_low + a_low * b_high) + a_low * b_low;
}

/// x >= 2^20: mantissa * 2^e with e >= -32.
Reduced reduce_large(double x) {
  const std::uint64_t mantissa = (bits_of(x) & 0x000F'FFFF'FFFF'FFFFULL) | (1ULL << 52);
  const int e = static_cast<int>(bits_of(x) >> 52) - 1075;
  // Bits of 2/pi whose product with x is a multiple of 4 are left out: the kept ones begin with
  // weight 2^(1 - e), that is at bit e - 2 after the point, and 64 zero bits are in front.
  const auto offset = static_cast<unsigned>(e - 2 + 64);
  const Wide low = static_cast<Wide>(bits_at(offset + 128)) * mantissa;
  const Wide middle = static_cast<Wide>(bits_at(offset + 64)) * mantissa + (low >> 64);
  const std::uint64_t top = bits_at(offset) * mantissa + static_cast<std::uint64_t>(middle >> 64);
  const Wide fixed =
      (static_cast<Wide>(top) << 64) | static_cast<std::uint64_t>(middle);  // units of 2^-126

  Reduced out;
  out.quadrant = static_cast<unsigned>(top >> 62);
  Wide fraction = (fixed << 2) | (static_cast<std::uint64_t>(low) >> 62);  // units of 2^-128
  const bool above_half = (fraction >> 127) != 0;
  if (above_half) {
    fraction = 0 - fraction;
    out.quadrant = (out.quadrant + 1) & 3;
  }
  if (fraction == 0) return out;
  int zeros = 0;
  while ((fraction >> 127) == 0) {
    fraction <<= 1;
    ++zeros;
  }
  // fraction = 0.1... * 2^-zeros: 53 bits, then the next 53.
  const double f_high =
      static_cast<double>(static_cast<std::uint64_t>(fraction >> 75)) * power_of_two(-53 - zeros);
  const double f_low =
      static_cast<double>(static_cast<std::uint64_t>(fraction >> 22) & ((1ULL << 53) - 1)) *
      power_of_two(-106 - zeros);
  constexpr double kHalfPi = 0x1.921fb54442d18p+0;
  constexpr double kHalfPiLow = 0x1.1a62633145c07p-54;
  double product = 0;
  double error = 0;
  exact_product(f_high, kHalfPi, &product, &error);
  error += f_high * kHalfPiLow + f_low * kHalfPi;
  out.high = product + error;
  out.low = (product - out.high) + error;
  if (above_half) {
    out.high = -out.high;
    out.low = -out.low;
  }
  return out;
}

int exponent_of(double x) {
  return static_cast<int>((bits_of(x) >> 52) & 0x7FF);
}

/// 0 <= x < 2^20 pi/2: multiples of pi/2 in pieces of 33 bits are exact.
Reduced reduce_small(double x) {
  constexpr double kTwoOverPiDouble = 6.36619772367581382433e-01;
  constexpr double kFirst = 1.57079632673412561417e+00;
  constexpr double kFirstTail = 6.07710050650619224932e-11;
  constexpr double kSecond = 6.07710050630396597660e-11;
  constexpr double kSecondTail = 2.02226624879595063154e-21;
  constexpr double kThird = 2.02226624871116645580e-21;
  constexpr double kThirdTail = 8.47842766036889956997e-32;
  const double n = nearest_integer(x * kTwoOverPiDouble);
  double r = x - n * kFirst;
  double w = n * kFirstTail;
  double y = r - w;
  const int before = exponent_of(x);
  if (before - exponent_of(y) > 16) {  // cancelled: take 33 bits more
    const double t = r;
    w = n * kSecond;
    r = t - w;
    w = n * kSecondTail - ((t - r) - w);
    y = r - w;
    if (before - exponent_of(y) > 49) {
      const double t2 = r;
      w = n * kThird;
      r = t2 - w;
      w = n * kThirdTail - ((t2 - r) - w);
      y = r - w;
    }
  }
  return {y, (r - y) - w, static_cast<unsigned>(static_cast<int>(n)) & 3};
}

Reduced reduce(double x) {
  if (x <= 0.78539816339744828) return {x, 0.0, 0};
  return x < 1647099.0 ? reduce_small(x) : reduce_large(x);
}

double sin_kernel(double x, double tail) {
  constexpr double kS1 = -1.66666666666666324348e-01;
  constexpr double kS2 = 8.33333333332248946124e-03;
  constexpr double kS3 = -1.98412698298579493134e-04;
  constexpr double kS4 = 2.75573137070700676789e-06;
  constexpr double kS5 = -2.50507602534068634195e-08;
  constexpr double kS6 = 1.58969099521155010221e-10;
  const double z = x * x;
  const double cube = z * x;
  const double r = kS2 + z * (kS3 + z * (kS4 + z * (kS5 + z * kS6)));
  return x - ((z * (0.5 * tail - cube * r) - tail) - cube * kS1);
}

double cos_kernel(double x, double tail) {
  constexpr double kC1 = 4.16666666666666019037e-02;
  constexpr double kC2 = -1.38888888888741095749e-03;
  constexpr double kC3 = 2.48015872894767294178e-05;
  constexpr double kC4 = -2.75573143513906633035e-07;
  constexpr double kC5 = 2.08757232129817482790e-09;
  constexpr double kC6 = -1.13596475577881948265e-11;
  const double z = x * x;
  const double r = z * (kC1 + z * (kC2 + z * (kC3 + z * (kC4 + z * (kC5 + z * kC6)))));
  const double half = 0.5 * z;
  const double w = 1.0 - half;
  return w + (((1.0 - w) - half) + (z * r - x * tail));
}

/// sin(x + quadrants * pi/2) for x >= 0.
double sin_shifted(double x, unsigned quadrants) {
  const Reduced r = reduce(x);
  const unsigned q = (r.quadrant + quadrants) & 3;
  const double value = (q & 1) != 0 ? cos_kernel(r.high, r.low) : sin_kernel(r.high, r.low);
  return (q & 2) != 0 ? -value : value;
}

}  // namespace

double sin(double x) {
  const double size = magnitude(x);
  if (!(size < kInfinity)) return kNaN;
  if (size < 0x1p-27) return x;
  const double value = sin_shifted(size, 0);
  return is_negative(x) ? -value : value;
}

double cos(double x) {
  const double size = magnitude(x);
  if (!(size < kInfinity)) return kNaN;
  return sin_shifted(size, 1);
}

}  // namespace hyperdc::math
