// Bit-level helpers of the math functions; private to src/core/math_*.cpp.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>

namespace hyperdc::math::detail {

inline constexpr double kInfinity = std::numeric_limits<double>::infinity();
inline constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
inline constexpr std::uint64_t kSignBit = 1ULL << 63;

inline std::uint64_t bits_of(double x) {
  return std::bit_cast<std::uint64_t>(x);
}
inline double from_bits(std::uint64_t bits) {
  return std::bit_cast<double>(bits);
}
inline double magnitude(double x) {
  return from_bits(bits_of(x) & ~kSignBit);
}
inline bool is_negative(double x) {
  return (bits_of(x) & kSignBit) != 0;
}
inline bool is_nan(double x) {
  return x != x;
}

/// The upper 32 bits: sign, exponent and 20 bits of the fraction.
inline std::uint32_t high_word(double x) {
  return static_cast<std::uint32_t>(bits_of(x) >> 32);
}
inline double with_high_word(double x, std::uint32_t high) {
  return from_bits((static_cast<std::uint64_t>(high) << 32) | (bits_of(x) & 0xFFFF'FFFFULL));
}
/// x with the lower 32 bits of its fraction cleared: products of two such numbers of 21 bits are
/// exact, which is what the splittings below rest on.
inline double upper_half(double x) {
  return from_bits(bits_of(x) & 0xFFFF'FFFF'0000'0000ULL);
}

/// 2^k, -1022 <= k <= 1023.
inline double power_of_two(int k) {
  return from_bits(static_cast<std::uint64_t>(1023 + k) << 52);
}

/// y * 2^k for 1/2 <= |y| < 4 and |k| < 1100, rounded once more where the result is subnormal.
inline double scaled(double y, int k) {
  if (k > 1022) return y * power_of_two(1022) * power_of_two(k - 1022);
  if (k < -1020) return y * power_of_two(k + 1000) * power_of_two(-1000);
  return y * power_of_two(k);
}

/// Nearest integer, ties to even, for |x| < 2^51: adding 1.5 * 2^52 leaves no room for a fraction.
inline double nearest_integer(double x) {
  return (x + 0x1.8p52) - 0x1.8p52;
}

inline constexpr double kLn2High = 6.93147180369123816490e-01;  // 33 bits: k * kLn2High is exact
inline constexpr double kLn2Low = 1.90821492927058770002e-10;

}  // namespace hyperdc::math::detail
