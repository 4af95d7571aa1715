// Hashes: SHA-256 for what goes into results and can be checked by anybody (files, scenarios);
// a fast 64-bit mix for order-dependent hashes inside a run.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace hyperdc {

/// SHA-256 (FIPS 180-4) of bytes that arrive in pieces.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void update(std::string_view bytes);
  /// 64 lower-case hexadecimal digits. Once; a later update() or hex() is an InvariantError.
  std::string hex();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

std::string sha256_hex(std::string_view bytes);

/// A bijection of 64 bits in which every input bit changes each output bit with probability 1/2
/// (the finaliser of SplitMix64, Steele, Lea and Flood, OOPSLA'14, variant 13 of D. Stafford).
constexpr std::uint64_t mix64(std::uint64_t x) {
  x ^= x >> 30;
  x *= 0xBF58476D1CE4E5B9ULL;
  x ^= x >> 27;
  x *= 0x94D049BB133111EBULL;
  x ^= x >> 31;
  return x;
}

/// Adds `value` to a running hash; the order of the values matters.
constexpr std::uint64_t hash_combine(std::uint64_t hash, std::uint64_t value) {
  return mix64(hash + 0x9E3779B97F4A7C15ULL + mix64(value + 0x9E3779B97F4A7C15ULL));
}

/// 64-bit hash of bytes (XXH64). Not cryptographic; stable over versions and machines.
std::uint64_t hash_bytes(std::string_view bytes, std::uint64_t seed = 0);

}  // namespace hyperdc
