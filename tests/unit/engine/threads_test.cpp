// Two engines in one program do not know of each other.
#include <array>
#include <catch2/catch.hpp>
#include <thread>

#include "engine/engine.hpp"
#include "unit/engine/processes.hpp"

using namespace hyperdc;

namespace {

test::Trail run(std::uint64_t seed) {
  Engine engine;
  test::Network network(seed, 200 + seed * 100);
  network.begin(engine.add(network), engine);
  engine.run(SimTime{} + whole_seconds(3 * 3600));
  return test::trail_of(engine);
}

}  // namespace

TEST_CASE("engine: two runs on two threads leave the trail that each leaves alone", "[engine]") {
  const std::array<test::Trail, 2> alone = {run(1), run(2)};
  REQUIRE(alone[0].hourly.size() == 3);
  REQUIRE_FALSE(alone[0] == alone[1]);
  for (int round = 0; round < 3; ++round) {
    std::array<test::Trail, 2> together;
    {
      std::jthread first([&] { together[0] = run(1); });
      std::jthread second([&] { together[1] = run(2); });
    }
    REQUIRE(together[0] == alone[0]);
    REQUIRE(together[1] == alone[1]);
  }
}
