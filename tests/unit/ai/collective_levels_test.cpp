// Levels read off topologies.
#include <algorithm>
#include <catch2/catch.hpp>

#include "ai/collective/levels.hpp"
#include "network/topology/clos.hpp"
#include "support/collective_topologies.hpp"
#include "support/run_plan.hpp"

namespace hyperdc {
namespace {

using Found = std::variant<std::vector<CollectiveLevel>, std::string>;

TEST_CASE("levels of a folded Clos: the leaf, and what is above it") {
  ClosSpec spec;
  spec.pods = 2;
  spec.leaves = 2;
  spec.hosts = 4;
  spec.spines = 2;
  spec.cores = 1;
  spec.host = {100e9, {10}};
  spec.leaf = {100e9, {20}};   // 2:1 at the leaf
  spec.core = {100e9, {300}};  // 2:1 above: 4 hosts a core link of 2 that a pod has
  const Clos clos(spec);
  const Found found = levels_of(clos, test::first_endpoints(16), {1000});
  const auto& levels = std::get<0>(found);
  REQUIRE(levels.size() == 2);
  CHECK(levels[0].ranks == 4);
  CHECK(levels[0].kind == LevelKind::network);
  CHECK(levels[0].bandwidth_Bps == Approx(100e9));
  CHECK(levels[0].alpha == Duration{1020});
  CHECK(levels[1].ranks == 4);
  CHECK(levels[1].bandwidth_Bps == Approx(25e9));  // 8 hosts of a pod over 2 core links
  CHECK(levels[1].alone_Bps == 100e9);
  CHECK(levels[1].alpha == Duration{1000 + 20 + 40 + 600});
  CHECK_FALSE(levels[1].own_port);
  // One pod only: 4 hosts over 2 spines.
  const Found pod = levels_of(clos, test::first_endpoints(8), {});
  CHECK(std::get<0>(pod)[1].bandwidth_Bps == Approx(50e9));
  CHECK(std::get<0>(pod)[1].alpha == Duration{60});
  // One rank a leaf has no level inside.
  const Found sparse = levels_of(clos, std::vector<EndpointId>{{0}, {5}, {9}, {14}}, {});
  REQUIRE(std::get<0>(sparse).size() == 1);
  CHECK(std::get<0>(sparse)[0].bandwidth_Bps == Approx(100e9));
}

TEST_CASE("levels of islands: a scale-up domain, and NICs of their own") {
  const test::Islands islands({3, 8, 400e9, 50e9});
  const Found found = levels_of(islands, test::first_endpoints(24), {});
  const auto& levels = std::get<0>(found);
  REQUIRE(levels.size() == 2);
  CHECK(levels[0].kind == LevelKind::scale_up);
  CHECK(levels[0].ranks == 8);
  CHECK(levels[0].bandwidth_Bps == 400e9);
  CHECK(levels[1].kind == LevelKind::network);
  CHECK(levels[1].ranks == 3);
  CHECK(levels[1].bandwidth_Bps == 50e9);
  CHECK(levels[1].own_port);
  const Found one = levels_of(islands, std::vector<EndpointId>{{7}}, {});
  CHECK(std::get<0>(one).empty());
}

TEST_CASE("ranks out of order or uneven have no levels") {
  const test::Islands islands({3, 4, 400e9, 50e9});
  const std::string uneven = "the ranks are not spread evenly and in order over servers and racks";
  const auto why = [&](std::vector<EndpointId> ranks) {
    return std::get<1>(levels_of(islands, ranks, {}));
  };
  CHECK(why({{0}, {1}, {4}}) == uneven);
  CHECK(why({{0}, {4}, {1}, {5}}) == uneven);
  CHECK(why({{0}, {1}, {4}, {8}}) == uneven);
  CHECK(why({}) == "a collective has no ranks");
  CHECK(why({{3}, {3}}) == "two ranks are on one endpoint");
}

}  // namespace
}  // namespace hyperdc
