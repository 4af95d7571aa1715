#include <array>
#include <catch2/catch.hpp>
#include <cmath>

#include <hyperdc/core/assert.hpp>

#include "core/rng.hpp"
#include "unit/policy/placement_cases.hpp"

using namespace hyperdc;
using namespace hyperdc::test;

TEST_CASE("whole devices are taken lowest index first") {
  const Node n = node(64, {1000, 999, 1000, 0, 1000});
  for (const PlacementEntry& entry : placements()) {
    const auto policy = make_placement(entry.name);
    CHECK(policy->devices(whole(1, 1), n.view(), 77) == 0b00001);
    CHECK(policy->devices(whole(1, 2), n.view(), 77) == 0b00101);
    CHECK(policy->devices(whole(1, 3), n.view(), 77) == 0b10101);
    CHECK_THROWS_AS(policy->devices(whole(1, 4), n.view(), 77), InvariantError);
  }
}

TEST_CASE("a shared device is the one with least left, lowest index among equals") {
  const auto policy = make_placement("best-fit");
  CHECK(policy->devices(part(1, 300), node(64, {1000, 500, 300, 299, 300}).view(), 0) == 0b00100);
  CHECK(policy->devices(part(1, 301), node(64, {1000, 500, 300, 299, 300}).view(), 0) == 0b00010);
  CHECK(policy->devices(part(1, 600), node(64, {1000, 500, 300, 1000}).view(), 0) == 0b0001);
  CHECK_THROWS_AS(policy->devices(part(1, 600), node(64, {500}).view(), 0), InvariantError);
}

TEST_CASE("random draws among the devices that have enough, each as likely") {
  const auto random = make_placement("random");
  const Node n = node(64, {300, 1000, 299, 500, 1000, 0, 400});
  const RandomStream draws(5, "test");
  std::array<int, 7> taken{};
  constexpr int kDraws = 50000;
  for (int i = 0; i < kDraws; ++i) {
    const std::uint32_t mask =
        random->devices(part(1, 300), n.view(), draws.u64(static_cast<std::uint64_t>(i)));
    REQUIRE(std::has_single_bit(mask));
    taken[static_cast<std::size_t>(std::countr_zero(mask))] += 1;
  }
  CHECK(taken[2] == 0);
  CHECK(taken[5] == 0);
  // Five devices: binomial with p = 1/5, sigma = sqrt(n p (1 - p)); 4.5 sigma.
  for (const std::size_t i : {0u, 1u, 3u, 4u, 6u}) {
    CHECK(std::abs(taken[i] - kDraws / 5) < 4.5 * std::sqrt(kDraws * 0.2 * 0.8));
  }
}
