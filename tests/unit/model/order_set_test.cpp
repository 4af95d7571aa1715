#include "model/order_set.hpp"

#include <catch2/catch.hpp>
#include <map>

#include <hyperdc/core/assert.hpp>

#include "support/random_pool.hpp"

using namespace hyperdc;
using hyperdc::test::Dice;

namespace {

std::uint32_t slow_first_with(const std::map<std::uint32_t, std::int64_t>& slow,
                              std::int64_t memory) {
  for (const auto& [order, has] : slow) {
    if (has >= memory) return order;
  }
  return OrderSet::kNone;
}

/// A few thousand members come and go, so that chunks split, join and empty.
void compare_with_map(std::uint64_t seed, std::uint32_t places, std::uint32_t keep) {
  Dice dice(seed);
  OrderSet set;
  std::map<std::uint32_t, std::int64_t> slow;
  for (int step = 0; step < 20000; ++step) {
    const std::uint32_t order = dice.below(places);
    const auto it = slow.find(order);
    // Grows to `keep` members, then shrinks to none, then grows again.
    const bool shrink = (step / static_cast<int>(keep)) % 2 == 1;
    if (it != slow.end() && (shrink || dice.below(4) == 0)) {
      set.erase(order);
      slow.erase(it);
    } else if (shrink && !slow.empty()) {
      set.erase(slow.begin()->first);
      slow.erase(slow.begin());
    } else if (it == slow.end()) {
      const std::int64_t memory = dice.below(100);
      set.insert(order, memory);
      slow[order] = memory;
    }
    REQUIRE(set.size() == slow.size());
    REQUIRE(set.first() == (slow.empty() ? OrderSet::kNone : slow.begin()->first));
    const std::int64_t memory = dice.below(110);
    REQUIRE(set.first_with(memory) == slow_first_with(slow, memory));
  }
}

}  // namespace

TEST_CASE("the first member with enough memory") {
  OrderSet set;
  CHECK(set.first() == OrderSet::kNone);
  CHECK(set.first_with(0) == OrderSet::kNone);
  set.insert(7, 10);
  set.insert(3, 5);
  set.insert(9, 20);
  CHECK(set.first() == 3);
  CHECK(set.first_with(5) == 3);
  CHECK(set.first_with(6) == 7);
  CHECK(set.first_with(11) == 9);
  CHECK(set.first_with(21) == OrderSet::kNone);
  set.erase(3);
  CHECK(set.first() == 7);
  CHECK_THROWS_AS(set.erase(3), InvariantError);
  std::vector<std::uint32_t> members;
  set.for_each([&](std::uint32_t order, std::int64_t) { members.push_back(order); });
  CHECK(members == std::vector<std::uint32_t>{9, 7});
}

TEST_CASE("an order set agrees with a map") {
  compare_with_map(1, 20, 15);
  compare_with_map(2, 3000, 2500);
  compare_with_map(3, 100000, 5000);
}
