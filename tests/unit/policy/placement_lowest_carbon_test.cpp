// lowest-carbon: the order of regions, by hand.
#include <catch2/catch.hpp>

#include "unit/policy/placement_cases.hpp"

namespace hyperdc {
namespace {

TEST_CASE("lowest-carbon tries regions by what a joule emits there now, equal ones as listed") {
  const auto policy = test::make_placement("lowest-carbon");
  CHECK(policy->choice() == Placement::Choice::first_in_order);
  REQUIRE(policy->follows());
  CHECK(*policy->follows() == EnergySignal::average);
  std::vector<std::uint32_t> order{0, 1, 2, 3};
  policy->order_regions(std::vector<double>{4e-4, 1e-4, 4e-4, -1e-6}, order);
  CHECK(order == std::vector<std::uint32_t>{3, 1, 0, 2});
}

TEST_CASE("the signal of lowest-carbon is a parameter, and other placements follow none") {
  for (const PlacementEntry& entry : placements()) {
    if (entry.name != "lowest-carbon") {
      CHECK(!test::make_placement(entry.name)->follows());
      continue;
    }
    Params params;
    params.set("signal", "price");
    CHECK(*entry.make(params, {})->follows() == EnergySignal::price);
    params.set("signal", "marginal");
    CHECK(*entry.make(params, {})->follows() == EnergySignal::marginal);
  }
}

}  // namespace
}  // namespace hyperdc
