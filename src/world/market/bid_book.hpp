// The bids for one product in one zone, in order, with sums: a treap.
//
// Computes: the lowest bid, the accelerators of all bids that are no lower than a price, and the
//   first bid from the highest down that does not fit whole beside those above it, in O(log n)
//   each; with bids that are not heard (for more accelerators than there are to have) in O(log n)
//   too unless they lie between many others. Bids of one price stand in the order in which they
//   came. Source: Seidel, Aragon, Randomized Search Trees, Algorithmica 1996; the priorities are a
//   hash of the order of a bid, so that runs repeat. Leaves out: nothing.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

namespace hyperdc {

struct StandingBid {
  double usd_per_s = 0;  // infinite: whatever it costs
  std::uint64_t order = 0;
  std::uint32_t rental = 0;
  std::uint64_t accelerators = 0;
  /// The highest first, of those the first that came.
  friend bool operator<(const StandingBid& a, const StandingBid& b) {
    if (a.usd_per_s != b.usd_per_s) return a.usd_per_s > b.usd_per_s;
    return a.order < b.order;
  }
};

class BidBook {
 public:
  static constexpr std::uint64_t kAll = std::numeric_limits<std::uint64_t>::max();

  void insert(const StandingBid& bid);
  /// It is there.
  void erase(double usd_per_s, std::uint64_t order);
  bool empty() const { return root_ == kNone; }
  std::uint64_t accelerators() const { return empty() ? 0 : nodes_[root_].sum; }
  /// The lowest bid, of those the last that came; there is one.
  const StandingBid& last() const;
  /// Of bids of at least that, of those for at most `heard` accelerators each.
  std::uint64_t at_least(double usd_per_s, std::uint64_t heard = kAll) const;
  /// The first that does not fit into the supply, of those for at most `heard` accelerators each.
  std::optional<double> first_beyond(std::uint64_t supply, std::uint64_t heard = kAll) const;

 private:
  using Index = std::uint32_t;
  static constexpr Index kNone = std::numeric_limits<Index>::max();
  struct Node {
    StandingBid bid;
    std::uint64_t priority = 0;
    Index left = kNone, right = kNone;
    std::uint64_t sum = 0, least = 0, most = 0;  // accelerators of the bids below and its own
  };

  void sum_up(Index at);
  Index merge(Index left, Index right);
  /// Those before the bid, and the others.
  void split(Index at, const StandingBid& bid, Index& left, Index& right);
  std::uint64_t sum_of(Index at, std::uint64_t heard) const;
  std::optional<double> search(Index at, std::uint64_t& room, std::uint64_t heard) const;

  std::vector<Node> nodes_;
  std::vector<Index> free_;
  Index root_ = kNone;
};

}  // namespace hyperdc
