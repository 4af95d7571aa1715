// Accounts: exact integer integrals over simulated time, kept beside the metrics so that the
// checkers at the end of a run compare two independent sums and not two readings of one.
//
// Computes: the integral of an integer level over time, in (unit * ns), in 128 bits.
// Valid range: |level| < 2^63, time < 2^63 ns; the product sums stay far below 2^127.
#pragma once

#include <cstdint>

#include <hyperdc/core/time.hpp>

namespace hyperdc {

__extension__ using Int128 = __int128;

/// level * ns, summed. set() tells that the level is `level` from `at` on.
class LevelAccount {
 public:
  void set(SimTime at, std::int64_t level) {
    sum_ += Int128{level_} * (at - since_).ns;
    since_ = at;
    level_ = level;
  }
  void change(SimTime at, std::int64_t delta) { set(at, level_ + delta); }
  std::int64_t level() const { return level_; }
  /// The integral up to `end`, in level * ns.
  Int128 until(SimTime end) const { return sum_ + Int128{level_} * (end - since_).ns; }

 private:
  Int128 sum_ = 0;
  SimTime since_;
  std::int64_t level_ = 0;
};

/// (unit * ns) to (unit * s).
inline double per_second(Int128 unit_ns) {
  return static_cast<double>(unit_ns) / static_cast<double>(kNsPerSecond);
}

}  // namespace hyperdc
