#include "world/score_board.hpp"

#include <catch2/catch.hpp>

#include "support/random_pool.hpp"
#include "unit/policy/placement_cases.hpp"

using namespace hyperdc;
using namespace hyperdc::test;

// placer_test.cpp compares decisions with a scoring of every server. Here: the bound on memory.

TEST_CASE("a board that may remember few scores decides as one that remembers all") {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    Dice dice(seed);
    const std::vector<FleetBlock> blocks = random_blocks(dice, 120);
    Fleet fleet(blocks, random_order(dice, blocks), false);
    ServerGroups groups(fleet);
    const auto policy = make_placement("best-fit");
    ScoreBoard all(groups, *policy);
    ScoreBoard few(groups, *policy, 5);
    std::vector<Request> requests;
    for (int i = 0; i < 4; ++i) requests.push_back(random_request(dice));
    struct Held {
      Request request;
      Share share;
    };
    std::vector<Held> held;
    for (int step = 0; step < 4000; ++step) {
      if (!held.empty() && dice.below(5) < 2) {
        std::swap(held[dice.below(static_cast<std::uint32_t>(held.size()))], held.back());
        fleet.give_back(held.back().request, held.back().share);
        groups.update(held.back().share.server);
        held.pop_back();
        continue;
      }
      const Request request = dice.one_of(requests);
      const std::uint32_t place = all.best(request);
      REQUIRE(few.best(request) == place);
      if (place == OrderSet::kNone) continue;
      Held h{request, {fleet.server_at(place), 0}};
      REQUIRE(usual_devices(request, fleet, h.share.server, h.share.devices));
      fleet.take(request, h.share);
      groups.update(h.share.server);
      held.push_back(h);
    }
    CHECK(held.size() > 100);
    CHECK(few.memory_used() < all.memory_used());
  }
}
