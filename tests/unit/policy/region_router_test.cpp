// Region routers: decisions by hand, shares by chi-square, and what holds for every entry.
#include <catch2/catch.hpp>

#include "core/rng.hpp"
#include "unit/policy/fake_deployment.hpp"

namespace hyperdc {
namespace {

std::unique_ptr<RegionRouter> make_region_router(std::string_view name, const Params& set = {}) {
  return testing::make_policy(region_routers(), name, set, RouterContext{1});
}

DeploymentView at(std::int64_t ms, std::uint32_t slots, std::uint64_t in_system, bool up = true) {
  return {Duration{ms * 1'000'000}, slots, slots, in_system, up};
}

using Views = std::vector<DeploymentView>;

TEST_CASE("every region router picks a deployment that is up, or the nearest") {
  const RandomStream chance(2, "views");
  for (const RegionRouterEntry& entry : region_routers()) {
    CAPTURE(entry.name);
    CHECK(entry.doc.back() == '.');
    const auto router = make_region_router(entry.name);
    for (std::uint64_t step = 0; step < 3000; ++step) {
      Views views;
      bool any = false;
      const std::uint64_t n = 1 + chance.below(6, step, 0);
      for (std::uint64_t i = 0; i < n; ++i) {
        const bool up = chance.below(3, step, 4 * i + 1) > 0;
        const auto slots =
            static_cast<std::uint32_t>(up ? 1 + chance.below(20, step, 4 * i + 2) : 0);
        views.push_back(at(static_cast<std::int64_t>(chance.below(90, step, 4 * i + 3)), slots,
                           chance.below(40, step, 4 * i + 4), up));
        any = any || up;
      }
      const std::uint32_t pick = router->pick({step, 0}, views);
      REQUIRE(pick < n);
      if (any) {
        REQUIRE(views[pick].up);
      } else {
        for (const DeploymentView& other : views) REQUIRE(views[pick].one_way <= other.one_way);
      }
      REQUIRE(pick == make_region_router(entry.name)->pick({step, 0}, views));  // no hidden state
    }
  }
}

TEST_CASE("nearest goes by latency alone, and passes by what is down") {
  const auto router = make_region_router("nearest");
  CHECK(router->pick({}, Views{at(40, 10, 0), at(5, 10, 500), at(5, 10, 0)}) == 1);
  CHECK(router->pick({}, Views{at(40, 10, 0), at(5, 10, 0, false), at(70, 10, 0)}) == 0);
  CHECK(router->pick({}, Views{at(40, 0, 0, false), at(5, 0, 0, false)}) == 1);
}

TEST_CASE(
    "spill-over fills the nearest up to the threshold, then the next, then the least loaded") {
  const auto router = make_region_router("spill-over");
  CHECK(router->pick({}, Views{at(40, 10, 0), at(5, 10, 9)}) == 1);    // 0.9 < 1
  CHECK(router->pick({}, Views{at(40, 10, 9), at(5, 10, 10)}) == 0);   // the near one is full
  CHECK(router->pick({}, Views{at(40, 10, 12), at(5, 10, 13)}) == 0);  // 1.2 against 1.3
  CHECK(router->pick({}, Views{at(40, 20, 24), at(5, 10, 12)}) == 1);  // both 1.2: the nearer
  CHECK(router->pick({}, Views{at(40, 10, 90), at(5, 10, 0, false)}) == 0);
  Params set;
  set.set("threshold", 0.7);
  const auto early = make_region_router("spill-over", set);
  CHECK(early->pick({}, Views{at(40, 10, 0), at(5, 10, 6)}) == 1);
  CHECK(early->pick({}, Views{at(40, 10, 0), at(5, 10, 7)}) == 0);
}

TEST_CASE("weighted splits requests by slots") {
  const auto router = make_region_router("weighted");
  const Views views{at(40, 10, 0), at(5, 30, 0), at(1, 50, 0, false), at(90, 60, 0)};
  std::array<double, 4> n{};
  for (std::uint64_t request = 0; request < 10'000; ++request)
    ++n[router->pick({request, 0}, views)];
  CHECK(n[2] == 0);
  double chi2 = 0;
  for (const std::size_t i : {0U, 1U, 3U}) {
    const double expected = 10'000.0 * views[i].slots / 100;
    chi2 += (n[i] - expected) * (n[i] - expected) / expected;
  }
  CHECK(chi2 < 13.8);  // 2 degrees of freedom, 0.999
}

TEST_CASE("lowest-carbon goes to the cleanest region that is near and has room") {
  const auto router = make_region_router("lowest-carbon");
  CHECK(router->needs_carbon());
  Views views = {at(5, 10, 9), at(60, 10, 2), at(140, 10, 0), at(400, 10, 0)};
  views[0].carbon_g_per_j = 4e-4;
  views[1].carbon_g_per_j = 2e-4;
  views[2].carbon_g_per_j = 1e-4;
  views[3].carbon_g_per_j = 1e-5;  // too far
  CHECK(router->pick({1, 0}, views) == 2);
  views[2].in_system = 10;  // full
  CHECK(router->pick({1, 0}, views) == 1);
  views[1].up = false;
  CHECK(router->pick({1, 0}, views) == 0);
  views[0].in_system = 30;  // full: one that is far is better than waiting
  CHECK(router->pick({1, 0}, views) == 3);
  views[3].in_system = 50;  // all are full: the least loaded, as spill-over
  CHECK(router->pick({1, 0}, views) == 2);
  views[2].in_system = 30;  // as loaded as the nearest
  CHECK(router->pick({1, 0}, views) == 0);
}

TEST_CASE("of equally clean regions lowest-carbon takes the nearer") {
  const auto router = make_region_router("lowest-carbon");
  Views views = {at(50, 10, 0), at(20, 10, 0), at(20, 10, 0)};
  CHECK(router->pick({1, 0}, views) == 1);
}

}  // namespace
}  // namespace hyperdc
