#include "model/order_tree.hpp"

#include <array>
#include <catch2/catch.hpp>

#include "support/random_pool.hpp"

using namespace hyperdc;
using namespace hyperdc::test;

namespace {

std::vector<std::uint32_t> slow_all(const Fleet& fleet, const Request& request) {
  std::vector<std::uint32_t> places;
  for (std::uint32_t place = 0; place < fleet.servers(); ++place) {
    const ServerId server = fleet.server_at(place);
    std::uint32_t mask = 0;
    const bool model = request.accelerators == 0 || request.models == 0 ||
                       (request.models & fleet.shape(server).model) != 0;
    if (model && fleet.cores_left_milli(server) >= request.cores_milli &&
        fleet.memory_left(server) >= request.memory_bytes &&
        usual_devices(request, fleet, server, mask)) {
      places.push_back(place);
    }
  }
  return places;
}

}  // namespace

TEST_CASE("a fleet without servers holds nothing") {
  const Fleet fleet({}, {}, false);
  const OrderTree tree(fleet);
  CHECK(tree.first({1000, 0, 0, 0, 0}) == OrderSet::kNone);
}

TEST_CASE("the first server in order that has all that is asked") {
  const std::array<FleetBlock, 2> blocks = {{{{16000, 64 * kGiB, 0, 0}, 20},
                                             {{32000, 128 * kGiB, 4, 2}, 20}}};
  Fleet fleet(blocks, {}, false);
  OrderTree tree(fleet);
  CHECK(tree.first({1000, kGiB, 0, 0, 0}) == 0);
  CHECK(tree.first({17000, kGiB, 0, 0, 0}) == 20);
  CHECK(tree.first({1000, 65 * kGiB, 0, 0, 0}) == 20);
  CHECK(tree.first({1000, kGiB, 1, 10, 0}) == 20);
  CHECK(tree.first({1000, kGiB, 1, 10, 2}) == 20);
  CHECK(tree.first({1000, kGiB, 1, 10, 1}) == OrderSet::kNone);
  CHECK(tree.first({1000, kGiB, 5, 1000, 0}) == OrderSet::kNone);
  const Request part{1000, kGiB, 1, 600, 0};
  for (std::uint32_t device = 0; device < 4; ++device) {
    fleet.take(part, {ServerId{20}, std::uint32_t{1} << device});
    tree.update(ServerId{20});
  }
  CHECK(tree.first(part) == 21);
  CHECK(tree.first({1000, kGiB, 1, 400, 0}) == 20);
  CHECK(tree.first({1000, kGiB, 2, 1000, 0}) == 21);
  fleet.give_back(part, {ServerId{20}, 1});
  tree.update(ServerId{20});
  CHECK(tree.first(part) == 20);
}

TEST_CASE("the tree agrees with a scan of all servers") {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    Dice dice(seed);
    const std::vector<FleetBlock> blocks = random_blocks(dice, seed == 4 ? 600 : 40);
    Fleet fleet(blocks, random_order(dice, blocks), false);
    OrderTree tree(fleet);
    struct Held { Request request; Share share; };
    std::vector<Held> held;
    for (int step = 0; step < 1500; ++step) {
      if (!held.empty() && dice.below(6) == 0) {
        std::swap(held[dice.below(static_cast<std::uint32_t>(held.size()))], held.back());
        fleet.give_back(held.back().request, held.back().share);
        tree.update(held.back().share.server);
        held.pop_back();
        continue;
      }
      const Request request = random_request(dice);
      const std::vector<std::uint32_t> expected = slow_all(fleet, request);
      std::vector<std::uint32_t> places;
      tree.all(request, places);
      REQUIRE(places == expected);
      REQUIRE(tree.first(request) == (expected.empty() ? OrderSet::kNone : expected.front()));
      if (expected.empty()) continue;
      for (const std::uint32_t place : expected) REQUIRE(tree.fits(request, place));
      Held h{request, {fleet.server_at(dice.one_of(expected)), 0}};
      REQUIRE(usual_devices(request, fleet, h.share.server, h.share.devices));
      fleet.take(request, h.share);
      tree.update(h.share.server);
      held.push_back(h);
    }
    REQUIRE(held.size() > 50);
  }
}
