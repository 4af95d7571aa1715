// Whole bytes of a part, and whole ns of bytes: what closed forms and plans round alike.
#pragma once

#include <cmath>
#include <cstdint>

#include <hyperdc/core/assert.hpp>
#include <hyperdc/core/time.hpp>

namespace hyperdc::shares {

inline constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 50;

/// bytes * part / whole, rounded up.
inline std::uint64_t of(std::uint64_t bytes, std::uint64_t part, std::uint64_t whole) {
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::uint64_t>((Wide{bytes} * part + whole - 1) / whole);
}

/// The first whole ns at which `bytes` are sent, up to the rounding of a double.
inline Duration sending(std::uint64_t bytes, double rate_Bps) {
  const double ns = static_cast<double>(bytes) * 1e9 / rate_Bps;
  HYPERDC_CHECK(ns < 9.2e18, "a collective of more than 292 years");
  return {static_cast<std::int64_t>(std::ceil(ns - ns * 0x1p-50))};
}

}  // namespace hyperdc::shares
