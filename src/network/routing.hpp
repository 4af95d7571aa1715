// Ecmp: which of the equal paths a flow takes.
//
// Computes choice = floor(h n / 2^64), h = hash(seed, from, to, label), n = number of paths: each
// equally likely, the same for the same flow at any time (equal-cost multi-path as switches do it,
// RFC 2992), so that flows collide as they do there. The bias is below n / 2^64.
// Leaves out: hashing anew at each switch with the same function (polarisation), packet spraying,
// adaptive routing.
#pragma once

#include <cstdint>

#include <hyperdc/network/fabric.hpp>

#include "core/hash.hpp"

namespace hyperdc {

class Ecmp {
 public:
  explicit Ecmp(std::uint64_t seed) : seed_(seed) {}

  std::uint64_t hash(const FlowSpec& flow) const {
    const std::uint64_t pair = std::uint64_t{flow.from.value} << 32 | flow.to.value;
    return hash_combine(hash_combine(seed_, pair), flow.label);
  }
  /// One of n paths, n > 0. `draw` tells draws of one flow apart.
  std::uint32_t choose(std::uint64_t hash, std::uint32_t n, std::uint64_t draw = 0) const {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint32_t>((Wide{hash_combine(hash, draw)} * n) >> 64);
  }

 private:
  std::uint64_t seed_;
};

}  // namespace hyperdc
