// Packing with an index and a journal against the same rules written down without either: each ask
// walks over all bins, and what may have to be given back is copied.
#include <catch2/catch.hpp>

#include "core/rng.hpp"
#include "policy/node_autoscaler/packing.hpp"

namespace hyperdc::testing {
namespace {

using SlowBins = std::vector<NodeBin>;

std::uint32_t slow_take(const Request& each, std::uint32_t count, SlowBins& bins) {
  std::uint32_t taken = 0;
  for (NodeBin& bin : bins) {
    for (; taken < count && bin.fits(each); ++taken) bin.take(each);
  }
  return taken;
}

std::vector<NodeAsk> slow_pack(const std::vector<NodeAsk>& asks, SlowBins& bins) {
  std::vector<NodeAsk> left;
  for (const NodeAsk& ask : asks) {
    const SlowBins before = bins;
    const std::uint32_t taken = slow_take(ask.each, ask.count, bins);
    if (taken == ask.count) continue;
    if (ask.together) bins = before;
    left.push_back({ask.each, ask.together ? ask.count : ask.count - taken, ask.together});
  }
  return left;
}

std::vector<NodeAsk> slow_pack_new(const std::vector<NodeAsk>& asks, const ServerShape& shape,
                                   std::uint32_t limit, SlowBins& bins) {
  std::vector<NodeAsk> left;
  for (const NodeAsk& ask : asks) {
    const SlowBins before = bins;
    std::uint32_t taken = slow_take(ask.each, ask.count, bins);
    while (taken < ask.count && bins.size() < limit && empty_bin(shape).fits(ask.each)) {
      bins.push_back(empty_bin(shape));
      taken += slow_take(ask.each, ask.count - taken, bins);
    }
    if (taken == ask.count) continue;
    if (ask.together) bins = before;
    left.push_back({ask.each, ask.together ? ask.count : ask.count - taken, ask.together});
  }
  return left;
}

/// Numbers by lot, one after the other.
class Lot {
 public:
  explicit Lot(std::uint64_t seed) : draws_(seed, "packing") {}
  std::uint32_t below(std::uint64_t n) {
    return static_cast<std::uint32_t>(draws_.below(n, drawn_++));
  }

 private:
  RandomStream draws_;
  std::uint64_t drawn_ = 0;
};

ServerShape shape_by_lot(Lot& lot) {
  const std::uint32_t accelerators = 4 * lot.below(3);
  return {4000 + 4000 * std::int64_t{lot.below(4)}, 8 + 8 * std::int64_t{lot.below(4)},
          accelerators, accelerators > 0 ? ModelSet{1} << lot.below(2) : 0};
}

Request request_by_lot(Lot& lot) {
  Request each;
  each.cores_milli = 1000 * std::int64_t{lot.below(6)};
  each.memory_bytes = 1 + 2 * std::int64_t{lot.below(6)};
  if (lot.below(3) > 0) return each;
  each.accelerators = 1 + static_cast<std::int32_t>(lot.below(3));
  each.accelerator_milli = each.accelerators == 1 ? 300 * (1 + lot.below(3)) : kWholeAccelerator;
  each.models = lot.below(4);
  return each;
}

std::vector<NodeAsk> asks_by_lot(Lot& lot) {
  std::vector<NodeAsk> asks;
  for (std::uint32_t i = 0; i < 30; ++i) {
    const bool again = i > 0 && lot.below(3) == 0;
    const Request each = again ? asks.back().each : request_by_lot(lot);
    asks.push_back({each, 1 + lot.below(5), lot.below(3) == 0});
  }
  return asks;
}

void check_same(const NodeBins& bins, const SlowBins& slow) {
  REQUIRE(bins.size() == slow.size());
  for (std::size_t i = 0; i < slow.size(); ++i) REQUIRE(bins[i] == slow[i]);
}

void check_same(const std::vector<NodeAsk>& a, const std::vector<NodeAsk>& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    REQUIRE(a[i].each == b[i].each);
    REQUIRE(a[i].count == b[i].count);
    REQUIRE(a[i].together == b[i].together);
  }
}

}  // namespace

TEST_CASE("asks find the bins that a walk over all of them finds, and undo restores them") {
  std::size_t placed = 0;
  std::size_t refused = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Lot lot(seed);
    SlowBins slow;
    for (std::uint32_t i = lot.below(40) + 1; i > 0; --i) {
      slow.push_back(empty_bin(shape_by_lot(lot)));
    }
    NodeBins bins(slow);
    const SlowBins at_first = slow;
    for (int round = 0; round < 4; ++round) {
      const std::vector<NodeAsk> asks = asks_by_lot(lot);
      const std::size_t mark = bins.mark();
      const SlowBins before = slow;
      const std::vector<NodeAsk> left = pack(asks, bins);
      check_same(left, slow_pack(asks, slow));
      check_same(bins, slow);
      placed += members_of(asks) - members_of(left);
      refused += members_of(left);
      if (lot.below(2) == 0) continue;
      bins.undo(mark);
      slow = before;
      check_same(bins, slow);
    }
    bins.undo(0);
    check_same(bins, at_first);
  }
  CHECK(placed > 1000);
  CHECK(refused > 1000);
}

TEST_CASE("as few new servers are opened as a walk over all of them opens") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Lot lot(seed);
    const std::vector<NodeAsk> asks = asks_by_lot(lot);
    const ServerShape shape = shape_by_lot(lot);
    const std::uint32_t limit = lot.below(30);
    SlowBins slow;
    const std::vector<NodeAsk> left = slow_pack_new(asks, shape, limit, slow);
    const NewBins packed = pack_new(asks, shape, limit);
    check_same(packed.bins, slow);
    check_same(packed.left, left);
  }
}

TEST_CASE("a closed bin takes nothing until that is undone, however many are added") {
  NodeBins bins;
  const NodeBin one = empty_bin({1000, 1, 0, 0});
  const Request each{1000, 1, 0, 0, 0};
  bins.add(one);
  bins.add(one);
  const std::size_t mark = bins.mark();
  bins.close(0);
  for (int i = 0; i < 7; ++i) bins.add(one);
  std::size_t from = 0;
  CHECK(bins.take(each, 1, from) == 1);
  CHECK(from == 1);
  CHECK(bins.take(each, 100, from) == 7);
  CHECK(from == bins.size());
  bins.undo(mark);
  CHECK(bins.size() == 2);
  from = 0;
  CHECK(bins.take(each, 100, from) == 2);
  bins.undo(0);
  CHECK(bins.empty());
}

}  // namespace hyperdc::testing
