#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include <hyperdc/core/assert.hpp>
#include <hyperdc/core/time.hpp>

namespace hyperdc {

void time_overflow() {
  invariant_failed("sum of times", __FILE__, __LINE__,
                   "simulated time left its range of 292 years (64-bit nanoseconds)");
}

Duration whole_ns_above(double ns) {
  constexpr double kMost_ns = 4e18;
  return {static_cast<std::int64_t>(std::min(kMost_ns, std::ceil(ns)))};
}

// The product s * 1e9 is formed exactly (53 + 30 bits) and rounded once: computed in doubles it
// would be rounded twice, and 0.0000000015 s could become 1 ns or 2 ns.
Duration seconds(double s) {
  __extension__ using Wide128 = unsigned __int128;
  constexpr double kLimit = 9223372036.0;  // s; below 2^63 ns
  HYPERDC_CHECK(s >= -kLimit && s <= kLimit, "seconds() needs a finite value within 292 years");

  const auto bits = std::bit_cast<std::uint64_t>(s);
  const auto biased = static_cast<int>((bits >> 52) & 0x7ff);
  if (biased == 0) return {0};  // zero or subnormal
  const std::uint64_t mantissa = (bits & 0xf'ffff'ffff'ffffULL) | (1ULL << 52);
  const int shift = 1075 - biased;  // |s| = mantissa * 2^-shift, and |s| < 2^34 makes it > 18
  if (shift > 90) return {0};       // the product is below 2^83

  const Wide128 product = static_cast<Wide128>(mantissa) * static_cast<std::uint64_t>(kNsPerSecond);
  auto whole = static_cast<std::int64_t>(product >> shift);
  const Wide128 rest = product & ((static_cast<Wide128>(1) << shift) - 1);
  const Wide128 half = static_cast<Wide128>(1) << (shift - 1);
  if (rest > half || (rest == half && (whole & 1) != 0)) ++whole;
  return {s < 0 ? -whole : whole};
}

}  // namespace hyperdc
