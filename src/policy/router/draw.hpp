// How routers turn random bits into one of n replicas.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/rng.hpp"

namespace hyperdc {

/// One stream for all routers: two policies that draw meet the same luck.
inline constexpr std::string_view kRouterStream = "router";

/// floor(bits * n / 2^64): in [0, n), uniform but for one part in 2^64 / n.
inline std::size_t place_of(std::uint64_t bits, std::size_t n) {
  __extension__ using Product = unsigned __int128;
  return static_cast<std::size_t>((static_cast<Product>(bits) * n) >> 64);
}

}  // namespace hyperdc
