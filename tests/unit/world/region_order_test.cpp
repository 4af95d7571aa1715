// Jobs that go where energy emits least, on paper.
#include <catch2/catch.hpp>

#include "support/load_example.hpp"
#include "unit/world/metric_value.hpp"
#include "world/simulate.hpp"

namespace hyperdc {
namespace {

Simulation run_sun(const std::vector<Override>& overrides) {
  return simulate(test::load_example("follow-the-sun", overrides), {});
}

double emitted_kg(const Simulation& run, const std::string& region) {
  return test::value(run, "regions." + region + ".carbon.average");
}

Override placement(const std::string& more) {
  return {"pools.batch.placement", R"({"policy": )" + more + "}"};
}

TEST_CASE("jobs follow the sun at their start", "[region_order]") {
  // Idle: 0.8 kW a region; two days of 24 h * mean intensity. Jobs: 0.5 kWh each above that. In a
  // day 12 start in arizona by night and all emit 500 g/kWh; 32 start in the sun of rajasthan, the
  // last three of which stay there 1.5 h after sunset; 16 in arizona before its sun, which three
  // see for 1.5 h; 32 in its sun, of which three are 1.5 h in the dark; 4 after it.
  const double idle_arizona = 0.8 * 2 * (16 * 500 + 8 * 200) / 1000;
  const double idle_rajasthan = 0.8 * 2 * (16 * 700 + 8 * 300) / 1000;
  const double rajasthan = 2 * (32 * 0.5 * 300 + 1.5 * 0.5 * 400) / 1000;
  const double arizona = 2 *
                         (12 * 0.5 * 500 + 16 * 0.5 * 500 - 1.5 * 0.5 * 300 + 32 * 0.5 * 200 +
                          1.5 * 0.5 * 300 + 4 * 0.5 * 500) /
                         1000;
  const double missing = 4 * 0.5 * 500 / 1000.0;  // 188 jobs, not 192
  const Simulation run = run_sun({});
  CHECK(emitted_kg(run, "arizona") == Approx(idle_arizona + arizona - missing));
  CHECK(emitted_kg(run, "rajasthan") == Approx(idle_rajasthan + rajasthan));
  CHECK(test::value(run, "carbon.average") == Approx(68.72));
}

TEST_CASE("other placements, and other signals, leave jobs where they stand first",
          "[region_order]") {
  CHECK(test::value(run_sun({placement(R"("first-fit")")}), "carbon.average") == Approx(74.52));
  const Simulation caused = run_sun({placement(R"("lowest-carbon", "signal": "marginal")")});
  CHECK(test::value(caused, "carbon.average") == Approx(74.52));
  const Simulation cheap = run_sun({placement(R"("lowest-carbon", "signal": "price")")});
  CHECK(test::value(cheap, "carbon.average") == Approx(74.57));
}

TEST_CASE("jobs that may not follow the sun stay, and what is full is passed over",
          "[region_order]") {
  const Simulation bound = run_sun({{"workloads.batch.residency", R"(["arizona"])"}});
  CHECK(test::value(bound, "carbon.average") == Approx(74.52));
  // One server each: three jobs of an hour at the begin, all by night; arizona takes one, rajasthan
  // the second, and the third waits for the first of them.
  const Simulation few = run_sun({{"regions.arizona.racks.batch.servers_per_rack", "1"},
                                  {"regions.rajasthan.racks.batch.servers_per_rack", "1"},
                                  {"duration", "\"2 h\""},
                                  {"workloads.batch.generate.count", "3"},
                                  {"workloads.batch.arrivals", R"({"every": "1 min"})"}});
  CHECK(emitted_kg(few, "arizona") == Approx((0.2 * 2 + 0.5 * 2) * 0.5));
  CHECK(emitted_kg(few, "rajasthan") == Approx((0.2 * 2 + 0.5) * 0.7));
}

TEST_CASE("a gang goes whole into one region, and over several where none holds it",
          "[region_order]") {
  const auto gangs = [](const char* count, const char* members) {
    return run_sun({{"duration", "\"2 h\""},
                    {"workloads.batch.generate.count", count},
                    {"workloads.batch.generate.members", members},
                    {"workloads.batch.arrivals", R"({"every": "1 s"})"}});
  };
  const auto by_night_kg = [](double idle, double jobs, double intensity) {
    return (idle + jobs * 0.5) * intensity;
  };
  const Simulation whole = gangs("2", "3");  // one server of arizona stays free
  CHECK(emitted_kg(whole, "arizona") == Approx(by_night_kg(1.6, 3, 0.5)));
  CHECK(emitted_kg(whole, "rajasthan") == Approx(by_night_kg(1.6, 3, 0.7)));
  const Simulation apart = gangs("1", "6");
  CHECK(emitted_kg(apart, "arizona") == Approx(by_night_kg(1.6, 4, 0.5)));
  CHECK(emitted_kg(apart, "rajasthan") == Approx(by_night_kg(1.6, 2, 0.7)));
}

}  // namespace
}  // namespace hyperdc
