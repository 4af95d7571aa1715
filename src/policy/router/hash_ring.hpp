// HashRing: points on a circle, each owned by a replica; finds the first point at or after a hash.
//
// The points are kept sorted in a table with gaps (ordered linear probing): the home of a point is
// its hash scaled to the table, and it stands there or a little behind. So a look-up reads one or
// two cache lines whatever the number of points; coming and going of a point moves a few
// neighbours. A point is (32-bit hash, replica): equal hashes are ordered by replica, and the ring
// depends on who is in it, not on the order in which they came.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "core/large_pages.hpp"

namespace hyperdc {

class HashRing {
 public:
  HashRing();
  void insert(std::uint32_t hash, std::uint32_t replica);
  /// The point must be there.
  void erase(std::uint32_t hash, std::uint32_t replica);
  std::size_t points() const { return points_; }

  /// Where the first point at or after `hash` stands, going round at the end. Not when empty.
  std::size_t find(std::uint32_t hash) const {
    const std::uint64_t least = std::uint64_t{hash} << 32;
    std::size_t place = hash >> shift_;
    while (place < table_.size() && (table_[place] == kGap || table_[place] < least)) ++place;
    return place < table_.size() ? place : first();
  }
  /// The next point, going round.
  std::size_t after(std::size_t place) const {
    do {
      if (++place == table_.size()) place = 0;
    } while (table_[place] == kGap);
    return place;
  }
  std::uint32_t owner(std::size_t place) const { return static_cast<std::uint32_t>(table_[place]); }

 private:
  static constexpr std::uint64_t kGap = ~std::uint64_t{0};
  std::size_t first() const {
    std::size_t place = 0;
    while (table_[place] == kGap) ++place;
    return place;
  }
  std::size_t home(std::uint64_t point) const { return (point >> 32) >> shift_; }
  void put(std::uint64_t point);
  void grow();

  unsigned bits_;   // of a home; points have 2^bits_ homes and some room behind the last
  unsigned shift_;  // 32 - bits_
  LargeVector<std::uint64_t> table_;
  std::size_t points_ = 0;
};

}  // namespace hyperdc
