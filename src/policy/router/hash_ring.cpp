#include "policy/router/hash_ring.hpp"

#include <algorithm>
#include <utility>

#include <hyperdc/core/assert.hpp>

namespace hyperdc {
namespace {

constexpr unsigned kLeastBits = 6;
constexpr unsigned kMostBits = 28;  // 2 GiB of table; points are limited by the caller
constexpr std::size_t kSpare = 64;  // room behind the last home; grows when it runs out

}  // namespace

HashRing::HashRing()
    : bits_(kLeastBits),
      shift_(32 - kLeastBits),
      table_((std::size_t{1} << bits_) + kSpare, kGap) {}

void HashRing::insert(std::uint32_t hash, std::uint32_t replica) {
  HYPERDC_CHECK(replica != ~std::uint32_t{0}, "a replica beyond the last number");
  // At most three quarters full: a look-up then probes 2.5 neighbouring places on average.
  if (4 * (points_ + 1) > 3 * (std::size_t{1} << bits_) && bits_ < kMostBits) grow();
  put((std::uint64_t{hash} << 32) | replica);
  ++points_;
}

void HashRing::put(std::uint64_t point) {
  std::size_t place = home(point);
  while (table_[place] != kGap && table_[place] < point) {
    if (++place == table_.size()) table_.resize(table_.size() + kSpare, kGap);
  }
  while (point != kGap) {  // the rest of the run moves up by one
    std::swap(point, table_[place]);
    if (++place == table_.size() && point != kGap) table_.resize(table_.size() + kSpare, kGap);
  }
}

void HashRing::erase(std::uint32_t hash, std::uint32_t replica) {
  const std::uint64_t point = (std::uint64_t{hash} << 32) | replica;
  std::size_t place = home(point);
  while (place < table_.size() && table_[place] != point) ++place;
  HYPERDC_CHECK(place < table_.size(), "a point that is not on the ring");
  // Those behind move back until one stands at its home already.
  for (std::size_t next = place + 1; next < table_.size(); place = next++) {
    if (table_[next] == kGap || home(table_[next]) == next) break;
    table_[place] = table_[next];
  }
  table_[place] = kGap;
  --points_;
}

void HashRing::grow() {
  const LargeVector<std::uint64_t> old = std::move(table_);
  ++bits_;
  --shift_;
  table_.assign((std::size_t{1} << bits_) + kSpare, kGap);
  for (const std::uint64_t point : old) {
    if (point != kGap) put(point);
  }
}

}  // namespace hyperdc
