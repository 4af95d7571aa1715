// The example scenarios ups-loss and ups-loss-uncapped against arithmetic on paper.
#include <catch2/catch.hpp>
#include <cmath>

#include "support/load_example.hpp"

namespace hyperdc {
namespace {

using test::load_example;
using test::metric;
using test::run_seeds;

// 3840 servers of 950 W (350 W idle) are 3648 kW: 912 kW on each of four lineups of 960 kW, 95 %.
// Lineup a is lost at 602 s: 1216 kW on each of three, 126.7 %, held for 27.7 s.

TEST_CASE("a lost lineup, capped: nothing trips, and jobs end later by what the clock lost") {
  // Measured at 605 s, caps at 610 s, to 98 %: 950 W * 0.98 / 1.266667 = 735 W a server. The clock
  // is sqrt((735 - 350) / 600) = 0.801041. The lineup is back at 1502 s; the measurement of 1505 s
  // takes the caps off at 1510 s. 900 s at 0.801041 lose 179.063 s: 2400 s of work take 2579.063 s.
  const RunResult run = run_seeds(load_example("ups-loss"), 1).front();
  const std::string region = "regions.east.";
  CHECK(metric(run, region + "devices.ups-b.load.max") == Approx(0.95 * 4 / 3));
  CHECK(metric(run, region + "groups.block.load.max") == Approx(0.95 * 4 / 3));
  for (const char* lineup : {"a", "b", "c", "d"}) {
    CHECK(metric(run, region + "devices.ups-" + lineup + ".trips") == 0);
  }
  CHECK(metric(run, region + "racks.dark.max") == 0);
  CHECK(metric(run, region + "racks.slowed.max") == 192);
  CHECK(metric(run, region + "racks.slowed.mean") == Approx(192 * 900.0 / 3600));
  const double clock = std::sqrt(385.0 / 600);
  const double expected_s = 2400 + 900 * (1 - clock);
  CHECK(metric(run, "workloads.work.completion.max") == Approx(expected_s).epsilon(1e-9));
  CHECK(metric(run, "workloads.work.completion.mean") == Approx(expected_s).epsilon(1e-9));
  CHECK(metric(run, "workloads.work.finished") == 3840);
  // Energy: 350 W for an hour each, and 600 W for the full clock, 385 W for 900 s of the slow one.
  const double busy_j = 600 * (expected_s - 900) + 385 * 900;
  CHECK(metric(run, region + "energy") == Approx(3840 * (350 * 3600 + busy_j)).epsilon(1e-9));
}

TEST_CASE("a lost lineup, not capped: all of the block is dark 27.7 s later") {
  const RunResult run = run_seeds(load_example("ups-loss-uncapped"), 1).front();
  const std::string region = "regions.east.";
  for (const char* lineup : {"b", "c", "d"}) {
    CHECK(metric(run, region + "devices.ups-" + lineup + ".trips") >= 1);
  }
  CHECK(metric(run, region + "racks.dark.max") == 192);
  CHECK(metric(run, "workloads.work.interrupted") >= 3840);
  CHECK(metric(run, region + "racks.slowed.max") == 0);
}

TEST_CASE("the trip comes at 629.7 s: a run that ends before has lost nothing") {
  // 602 s + 30 s * (1.266667 / 1.25) ^ (ln(1/3) / ln(1.2)) = 629.6987 s.
  const auto dark = [](const std::string& duration) {
    const Scenario scenario =
        load_example("ups-loss-uncapped", {{"duration", "\"" + duration + "\""}});
    return metric(run_seeds(scenario, 1).front(), "regions.east.racks.dark.max");
  };
  CHECK(dark("629.69 s") == 0);
  CHECK(dark("629.71 s") == 192);
}

TEST_CASE("low priority racks are slowed first") {
  // Below each lineup that is left: a-x (608 kW), and half of two others (608 kW). 1216 kW must
  // become 0.98 * 960 = 940.8 kW. With priority for b-c, b-d and c-d the racks of a-x give first:
  // they can give at most 608 * 600 * (1 - 0.25) / 950 = 288 kW, and 275.2 kW are enough.
  const Scenario scenario = load_example(
      "ups-loss", {{"regions.east.facility.capping.priority", R"({"bc": 1, "bd": 1, "cd": 1})"}});
  const RunResult run = run_seeds(scenario, 1).front();
  CHECK(metric(run, "regions.east.racks.slowed.max") == 96);
  CHECK(metric(run, "regions.east.devices.ups-b.trips") == 0);
}

}  // namespace
}  // namespace hyperdc
