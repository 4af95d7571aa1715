// Fingerprint: one number that two runs share when, and only when for all practical purposes, the
// same events happened in the same order.
//
// Per event, on 64-bit words with wrap-around (equal on every compiler and processor):
//   a = (time ^ (phase << 61) ^ name) * K1;  a ^= a >> 32
//   b = (a ^ meaning) * K2;                  b ^= b >> 29
//   state = (rotl(state, 23) ^ b) * K3
// `name` is a hash of the process and kind names, `meaning` what the process says the argument
// stands for. The last step is one-to-one in `state` and in `b`, so a difference is never lost
// again, only, with probability 2^-64, undone. K1..K3 are odd (golden ratio and the constants of
// SplitMix64). Not a cryptographic hash. Cost: about 2 ns, of which four cycles are a chain.
#pragma once

#include <bit>
#include <cstdint>
#include <string_view>

#include <hyperdc/core/time.hpp>

namespace hyperdc {

class Fingerprint {
 public:
  /// Hash of a name, byte by byte, its length included.
  static constexpr std::uint64_t of_name(std::string_view name,
                                         std::uint64_t state = 0x243f6a8885a308d3) {
    for (const char c : name) {
      state = (state ^ static_cast<unsigned char>(c)) * kThird;
      state ^= state >> 32;
    }
    return (state ^ name.size()) * kFirst;
  }

  void add(SimTime at, std::uint8_t phase, std::uint64_t name, std::uint64_t meaning) {
    std::uint64_t a = static_cast<std::uint64_t>(at.ns) ^ (std::uint64_t{phase} << 61) ^ name;
    a *= kFirst;
    a ^= a >> 32;
    std::uint64_t b = (a ^ meaning) * kSecond;
    b ^= b >> 29;
    state_ = (std::rotl(state_, 23) ^ b) * kThird;
  }
  std::uint64_t value() const { return state_ ^ (state_ >> 31); }

 private:
  static constexpr std::uint64_t kFirst = 0x9e3779b97f4a7c15;
  static constexpr std::uint64_t kSecond = 0xbf58476d1ce4e5b9;
  static constexpr std::uint64_t kThird = 0x94d049bb133111eb;

  std::uint64_t state_ = 0x13198a2e03707344;
};

}  // namespace hyperdc
