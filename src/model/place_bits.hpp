// PlaceBits: a set of places in the tie order, as bits.
//
// Computes: membership and the lowest member. Exact. Cost: one word a level, a level for each
// factor of 64 in the number of places; 1.02 bits a place.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "model/order_set.hpp"

namespace hyperdc {

class PlaceBits {
 public:
  explicit PlaceBits(std::size_t places) {
    do {
      places = places == 0 ? 1 : (places + 63) / 64;
      levels_.emplace_back(places, 0);
    } while (places > 1);
  }

  void set(std::uint32_t place) {
    for (std::vector<std::uint64_t>& level : levels_) {
      std::uint64_t& word = level[place / 64];
      const bool had_any = word != 0;
      word |= std::uint64_t{1} << (place % 64);
      if (had_any) return;
      place /= 64;
    }
  }
  void reset(std::uint32_t place) {
    for (std::vector<std::uint64_t>& level : levels_) {
      std::uint64_t& word = level[place / 64];
      word &= ~(std::uint64_t{1} << (place % 64));
      if (word != 0) return;
      place /= 64;
    }
  }
  /// The lowest member; OrderSet::kNone when empty.
  std::uint32_t first() const {
    if (levels_.back()[0] == 0) return OrderSet::kNone;
    std::uint32_t at = 0;
    for (std::size_t level = levels_.size(); level-- > 0;) {
      at = at * 64 + static_cast<std::uint32_t>(std::countr_zero(levels_[level][at]));
    }
    return at;
  }
  /// Members, rising.
  template <class F>
  void for_each(F&& f) const {
    for (std::size_t w = 0; w < levels_[0].size(); ++w) {
      for (std::uint64_t word = levels_[0][w]; word != 0; word &= word - 1) {
        f(static_cast<std::uint32_t>(w * 64) + static_cast<std::uint32_t>(std::countr_zero(word)));
      }
    }
  }
  std::size_t memory_used() const {
    std::size_t bytes = 0;
    for (const auto& level : levels_) bytes += level.capacity() * sizeof(level[0]);
    return bytes;
  }

 private:
  std::vector<std::vector<std::uint64_t>> levels_;  // [0]: a bit a place; the last: one word
};

}  // namespace hyperdc
