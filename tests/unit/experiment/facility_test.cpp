// Power and cooling in whole runs, against arithmetic on paper.
#include <catch2/catch.hpp>
#include <cmath>

#include "support/load_example.hpp"

namespace hyperdc {
namespace {

using test::load_file;
using test::metric;
using test::run_seeds;

// tests/property/plant.json: 40 servers of 400 W, all busy from the start to 3000 s: 16 kW.
RunResult run(const std::vector<Override>& overrides = {}) {
  return run_seeds(load_file("tests/property/plant.json", overrides), 1).front();
}

const std::string kRegion = "regions.site.";

TEST_CASE("a utility outage is bridged by the battery until the generator carries the load") {
  // Lost at 600 s for 10 min; the generator is up 10 s later and the transfer takes 5 s: 15 s on a
  // battery of 300 kJ at 16 kW hold for 18.75 s. Nothing is dark. Then it recharges with 100 W.
  const RunResult result = run();
  CHECK(metric(result, kRegion + "racks.dark.max") == 0);
  CHECK(metric(result, kRegion + "devices.gen.load.max") == Approx(16.1 / 20));
  CHECK(metric(result, "workloads.work.interrupted") == 0);
}

TEST_CASE("a battery that is too small lets the racks go dark, and they come back") {
  // 160 kJ at 16 kW are 10 s; generator and transfer bring power back 15 s after the loss: 5 s
  // dark.
  const RunResult result =
      run({{"regions.site.facility.devices.ups.battery.energy", "\"160 kJ\""}});
  CHECK(metric(result, kRegion + "racks.dark.max") == 4);
  CHECK(metric(result, kRegion + "racks.dark.mean") == Approx(4 * 5.0 / 3600).epsilon(1e-6));
  CHECK(metric(result, "workloads.work.interrupted") == 40);
}

TEST_CASE("lost cooling warms the hall: slow at 35 degrees, cool again when it is back") {
  // Two units of 12 kW; one is out from 1200 s for 10 min: 16 kW of heat, 12 kW of cooling. K is
  // 10 s/K * 24 kW = 240 kJ/K: (16 - 12) / 240 = 1/60 K/s. From 25 to 35 degrees: 600 s, and there
  // the unit is back; the inlet reaches 35 degrees as it returns.
  const RunResult just = run({{"regions.site.facility.cooling.hall.units.crah-1.outages",
                               R"([{"at": "1200 s", "lasts": "590 s"}])"}});
  CHECK(metric(just, kRegion + "cooling.hall.inlet.max") == Approx(25 + 590.0 / 60));
  CHECK(metric(just, kRegion + "racks.slowed.max") == 0);
  const RunResult more = run({{"regions.site.facility.cooling.hall.units.crah-1.outages",
                               R"([{"at": "1200 s", "lasts": "700 s"}])"}});
  CHECK(metric(more, kRegion + "racks.slowed.max") == 4);
  // At half the clock 40 * (100 + 300 / 4) = 7 kW: 5 kW less than one unit takes away. 10 K down at
  // 5 kW / 240 kJ/K for 100 s (7.9167 K left), then at 17 kW: 7.9167 * 240 / 17 = 111.76 s.
  CHECK(metric(more, kRegion + "cooling.hall.throttled.mean") ==
        Approx((100 + (10 - 100 * 5.0 / 240) * 240 / 17) / 3600).epsilon(1e-6));
}

TEST_CASE("without any cooling the racks shut down at 45 degrees") {
  // 16 kW / 240 kJ/K = 1/15 K/s: 35 degrees after 150 s; then 7 kW: 10 K more in 342.86 s.
  const RunResult result =
      run({{"regions.site.facility.cooling.hall.units.crah-1.outages", R"([{"at": "1200 s"}])"},
           {"regions.site.facility.cooling.hall.units.crah-2.outages", R"([{"at": "1200 s"}])"}});
  CHECK(metric(result, kRegion + "cooling.hall.inlet.max") == Approx(45));
  CHECK(metric(result, "workloads.work.interrupted") == 40);
  CHECK(metric(result, kRegion + "cooling.hall.throttled.mean") ==
        Approx((3600 - 1350) / 3600.0).epsilon(1e-6));
}

TEST_CASE("PUE follows load and weather") {
  // All servers busy for 3000 of 3600 s. Losses: 20 kW * 2 % fixed + 5 % of the load + 1 % a degree
  // above 18; the weather of an hour is that at its begin, 22 degrees: 4 %. IT: 16 kW * 3000 s +
  // 4 kW * 600 s = 50.4 MJ; losses 0.4 kW * 3600 s + 9 % of it.
  const RunResult result =
      run({{"regions.site.facility.pue",
            R"({"losses": {"design": "20 kW", "fixed": 0.02, "proportional": 0.05,
                       "per_kelvin": 0.01}})"},
           {"regions.site.facility.weather", R"({"points": [{"time": "0 s", "celsius": 22}]})"}});
  const double it_j = 16e3 * 3000 + 4e3 * 600;
  CHECK(metric(result, kRegion + "it_power.mean") == Approx(it_j / 3600));
  CHECK(metric(result, kRegion + "pue") == Approx(1.09 + 0.4e3 * 3600 / it_j));
}

TEST_CASE("devices that fail by themselves are repaired, and differ from seed to seed") {
  const Scenario scenario = load_file("tests/property/plant.json",
                                      {{"regions.site.facility.devices.row.time_to_failure",
                                        R"({"exponential": {"mean": "5 min"}})"},
                                       {"regions.site.facility.devices.row.repair", "\"30 s\""}});
  const std::vector<RunResult> runs = run_seeds(scenario, 2);
  const double first = metric(runs[0], kRegion + "racks.dark.mean");
  CHECK(first > 0);
  CHECK(first < 2);
  CHECK(first != metric(runs[1], kRegion + "racks.dark.mean"));
}

// 16 kW on a row of 14 kW: measured at 3 s, the cap acts at 6 s and stays.
const std::vector<Override> kCapped = {
    {"duration", R"("2000 s")"},
    {"regions.site.facility.devices.grid.outages", "[]"},
    {"regions.site.facility.devices.row.capacity", R"("14 kW")"},
    {"regions.site.facility.capping", R"({"every": "3 s", "delay": "1 s", "actuate": "2 s"})"}};

std::vector<Override> capped_with(const std::string& key, const std::string& value) {
  std::vector<Override> out = kCapped;
  out.push_back({"regions.site.facility.capping." + key, value});
  return out;
}

TEST_CASE("each lost command costs one measurement until the racks hear a cap") {
  const Scenario scenario = load_file("tests/property/plant.json", capped_with("lost", "0.8"));
  double lost = 0;
  for (const RunResult& result : run_seeds(scenario, 4)) {
    const double commands = metric(result, kRegion + "capping.lost");
    CHECK(metric(result, kRegion + "racks.slowed.mean") ==
          Approx(4 * (2000 - 6 - 3 * commands) / 2000).epsilon(1e-9));
    lost += commands;
  }
  CHECK(lost > 0);
}

TEST_CASE("meters with noise cap racks below the limit and miss some above it") {
  // 16 kW on 16.2 kW are 98.8 %, below the limit of 99 %.
  std::vector<Override> below = capped_with("noise", "0");
  below[2].value = R"("16.2 kW")";
  CHECK(metric(run(below), kRegion + "racks.slowed.max") == 0);
  below.back().value = "0.01";
  const RunResult noisy = run(below);
  CHECK(metric(noisy, kRegion + "racks.slowed.max") == 4);
  CHECK(metric(noisy, kRegion + "capping.misread") > 0);
}

TEST_CASE("a controller that is out of order caps nothing, and what is capped stays so") {
  // Out until 50 s: measured at 51 s, capped at 54 s.
  const RunResult late = run(capped_with("outages", R"([{"at": "0 s", "lasts": "50 s"}])"));
  CHECK(metric(late, kRegion + "racks.slowed.mean") == Approx(4 * (2000 - 54) / 2000.0));
  CHECK(metric(late, kRegion + "capping.down.mean") == Approx(50 / 2000.0));
  const RunResult stays = run(capped_with("outages", R"([{"at": "100 s"}])"));
  CHECK(metric(stays, kRegion + "racks.slowed.mean") == Approx(4 * (2000 - 6) / 2000.0));
  // At 95 % of 14 kW: 2.7 kW less than the 16 kW that they ask for.
  CHECK(metric(stays, kRegion + "capping.shaved.max") == Approx(16e3 - 0.95 * 14e3));
  CHECK(metric(stays, kRegion + "capping.shaved.mean") == Approx(2.7e3 * (2000 - 6) / 2000));
  const RunResult fails =
      run(capped_with("time_to_failure", R"({"exponential": {"mean": "5 min"}})"));
  CHECK(metric(fails, kRegion + "capping.down.mean") > 0);
}

TEST_CASE("racks at a stated risk, as worked out on paper in oversubscription_test.cpp") {
  // 10 kW +- 2 kW on 500 kW that trips at 110 % within a minute: 47 racks, 27 by a peak of 18 kW.
  const RunResult result = run_seeds(test::load_example("more-racks"), 1).front();
  CHECK(metric(result, "regions.hall.devices.row.racks.allowed") == 47);
  CHECK(metric(result, "regions.hall.devices.row.racks.extra") == 20);
  CHECK(metric(result, "regions.hall.devices.row.load.max") == Approx(47 * 10.2 / 500));
}

}  // namespace
}  // namespace hyperdc
