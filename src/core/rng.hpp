// Counter-based random numbers: attribute `a` of entity `k` of stream `s` is a pure function of
// (seed, s, k, a). Nobody advances anybody else's stream, so two policies meet the same demand.
// Philox4x32-10 from Random123 (Salmon et al., SC'11).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace hyperdc {

/// A named stream of one run. 8 bytes of state: the key.
class RandomStream {
 public:
  RandomStream(std::uint64_t seed, std::string_view name);

  /// 128 random bits for (entity, attribute).
  std::array<std::uint64_t, 2> bits(std::uint64_t entity, std::uint64_t attribute) const;
  /// 64 random bits.
  std::uint64_t u64(std::uint64_t entity, std::uint64_t attribute = 0) const {
    return bits(entity, attribute)[0];
  }
  /// Uniform in the open interval (0, 1): (top 52 bits + 0.5) * 2^-52, which is exact.
  double uniform(std::uint64_t entity, std::uint64_t attribute = 0) const;
  /// Uniform integer in [0, n), without bias (Lemire); n > 0.
  std::uint64_t below(std::uint64_t n, std::uint64_t entity, std::uint64_t attribute = 0) const;

 private:
  std::uint64_t key_;
};

}  // namespace hyperdc
