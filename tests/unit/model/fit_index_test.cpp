#include "model/fit_index.hpp"

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
  FitIndex index(fleet);
  CHECK(index.first({1000, 0, 0, 0, 0}) == OrderSet::kNone);
}

TEST_CASE("the first server in order that has all that is asked") {
  const std::array<FleetBlock, 2> blocks = {
      {{{16000, 64 * kGiB, 0, 0}, 20}, {{32000, 128 * kGiB, 4, 2}, 20}}};
  Fleet fleet(blocks, {}, false);
  FitIndex index(fleet);
  CHECK(index.first({1000, kGiB, 0, 0, 0}) == 0);
  CHECK(index.first({17000, kGiB, 0, 0, 0}) == 20);
  CHECK(index.first({1000, 65 * kGiB, 0, 0, 0}) == 20);
  CHECK(index.first({1000, kGiB, 1, 10, 0}) == 20);
  CHECK(index.first({1000, kGiB, 1, 10, 2}) == 20);
  CHECK(index.first({1000, kGiB, 1, 10, 1}) == OrderSet::kNone);
  CHECK(index.first({1000, kGiB, 5, 1000, 0}) == OrderSet::kNone);
  const Request part{1000, kGiB, 1, 600, 0};
  for (std::uint32_t device = 0; device < 4; ++device) {
    fleet.take(part, {ServerId{20}, std::uint32_t{1} << device});
    index.update(ServerId{20});
  }
  CHECK(index.first(part) == 21);
  CHECK(index.first({1000, kGiB, 1, 400, 0}) == 20);
  CHECK(index.first({1000, kGiB, 2, 1000, 0}) == 21);
  fleet.give_back(part, {ServerId{20}, 1});
  index.update(ServerId{20});
  CHECK(index.first(part) == 20);
}

namespace {

/// `kinds` requests that recur; few of them get sets, many compete for them.
void compare_with_scan(std::uint64_t seed, std::uint32_t servers, std::size_t kinds,
                       std::size_t& most_sets) {
  Dice dice(seed);
  const std::vector<FleetBlock> blocks = random_blocks(dice, servers);
  Fleet fleet(blocks, random_order(dice, blocks), false);
  FitIndex index(fleet);
  std::vector<Request> requests;
  for (std::size_t i = 0; i < kinds; ++i) requests.push_back(random_request(dice));
  struct Taken {
    Request request;
    Share share;
  };
  std::vector<Taken> held;
  for (int step = 0; step < 2000; ++step) {
    if (!held.empty() && dice.below(6) == 0) {
      std::swap(held[dice.below(static_cast<std::uint32_t>(held.size()))], held.back());
      fleet.give_back(held.back().request, held.back().share);
      index.update(held.back().share.server);
      held.pop_back();
      continue;
    }
    const Request request = dice.one_of(requests);
    const std::vector<std::uint32_t> expected = slow_all(fleet, request);
    std::vector<std::uint32_t> places;
    index.all(request, places);
    REQUIRE(places == expected);
    REQUIRE(index.first(request) == (expected.empty() ? OrderSet::kNone : expected.front()));
    most_sets = std::max(most_sets, index.sets());
    if (expected.empty()) continue;
    for (const std::uint32_t place : expected) REQUIRE(index.fits(request, place));
    Taken h{request, {fleet.server_at(dice.one_of(expected)), 0}};
    REQUIRE(usual_devices(request, fleet, h.share.server, h.share.devices));
    fleet.take(request, h.share);
    index.update(h.share.server);
    held.push_back(h);
  }
  REQUIRE(held.size() > 20);
}

}  // namespace

TEST_CASE("the index agrees with a scan of all servers") {
  std::size_t sets = 0;
  compare_with_scan(1, 40, 4, sets);
  compare_with_scan(2, 40, 60, sets);
  CHECK(sets > 0);
  sets = 0;
  compare_with_scan(3, 300, 5, sets);
  CHECK(sets > 0);
  sets = 0;
  compare_with_scan(4, 300, 200, sets);
  CHECK(sets == 64);  // no more than are allowed at once
}

TEST_CASE("a set is dropped when its request does not come any more") {
  const std::array<FleetBlock, 1> blocks = {{{{16000, 64 * kGiB, 0, 0}, 100}}};
  Fleet fleet(blocks, {}, false);
  FitIndex index(fleet);
  const Request asked{1000, kGiB, 0, 0, 0};
  for (int i = 0; i < 100; ++i) REQUIRE(index.first(asked) == 0);
  REQUIRE(index.sets() == 1);
  const Request other{2000, kGiB, 0, 0, 0};
  for (int i = 0; i < 4000; ++i) {
    const Share share{ServerId{static_cast<std::uint32_t>(i) % 100}, 0};
    fleet.take(other, share);
    index.update(share.server);
    fleet.give_back(other, share);
    index.update(share.server);
  }
  CHECK(index.sets() == 0);
  CHECK(index.first(asked) == 0);
}
