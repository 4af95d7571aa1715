// Maps of racks and links, on paper; and that recording them changes nothing else.
#include "world/places.hpp"

#include <catch2/catch.hpp>

#include "support/load_example.hpp"
#include "unit/world/small_scenario.hpp"
#include "world/simulate.hpp"

namespace hyperdc {
namespace {

Simulation watched(const Scenario& scenario) {
  SimulateOptions options;
  options.places = true;
  return simulate(scenario, options);
}

float at(const PlaceMap& map, std::size_t quantity, std::size_t moment, std::size_t row,
         bool greatest = false) {
  const PlaceQuantity& of = map.quantities[quantity];
  return (greatest ? of.greatest : of.mean)[moment * map.rows.size() + row];
}

/// Two racks of two servers of 10 cores; a step a minute.
Scenario two_racks() {
  Scenario scenario = test::one_pool(4, 10);
  scenario.racks[0].servers_per_rack = 2;
  scenario.racks[0].racks = 2;
  scenario.duration = whole_seconds(180);
  scenario.step = whole_seconds(60);
  return scenario;
}

TEST_CASE("shares of two racks, worked out by hand", "[places]") {
  // First fit: 10 cores on server 0 until 90 s, 5 on server 1 from 30 s on, and 8, which do not fit
  // there, on server 2 in the second rack from 59 s to 90 s. Of 20 cores a rack:
  //    60 s   15 and 8
  //   120 s   5 and 0
  Scenario scenario = two_racks();
  test::TraceFile file("racks", "submit_s,run_s,cores\n0,90,10\n30,200,5\n59,31,8\n");
  test::add_trace(scenario, file);
  const Simulation run = watched(scenario);
  REQUIRE(run.places);
  const PlaceMap& racks = run.places->racks;
  CHECK(racks.rows == std::vector<PlaceRow>{{{"lab.boxes", "lab.a", "cores"}, 0, 1},
                                            {{"lab.boxes", "lab.a", "cores"}, 1, 1}});
  CHECK(racks.from_s == std::vector<double>{0, 60, 120});
  CHECK(racks.to_s == std::vector<double>{60, 120, 180});
  CHECK(racks.quantities[0].mean == std::vector<float>{0.75F, 0.4F, 0.25F, 0, 0.25F, 0});
  CHECK(racks.quantities[0].greatest == racks.quantities[0].mean);
  CHECK(racks.quantities[1].mean == std::vector<float>(6, 0));
  // 100 W idle each, and 10 W for each busy core.
  CHECK(racks.quantities[2].name == "power");
  CHECK(racks.quantities[2].mean == std::vector<float>{350, 280, 250, 200, 250, 200});
  CHECK(racks.holder_kind.empty());  // one workload and one tenant: nobody else could hold a rack
  CHECK(run.places->links.rows.empty());
}

TEST_CASE("racks are held by the workload that has most of them", "[places]") {
  // Of `jobs` 10 cores in rack 0 until 100 s; of `other` 4 beside them, and 10 and 7 in rack 1.
  Scenario scenario = two_racks();
  test::TraceFile first("first", "submit_s,run_s,cores\n0,100,10\n");
  test::TraceFile second("second", "submit_s,run_s,cores\n1,500,4\n2,500,10\n3,500,7\n");
  test::add_trace(scenario, first);
  test::add_trace(scenario, second);
  scenario.workloads[1].name = scenario.workloads[1].jobs.workload = "other";
  const PlaceMap racks = watched(scenario).places->racks;
  CHECK(racks.holder_kind == "workload");
  CHECK(racks.holders == std::vector<std::string>{"jobs", "other"});
  CHECK(racks.holder == std::vector<std::uint32_t>{0, 1, 1, 1, 1, 1});
}

TEST_CASE("a rack that nothing runs in is held by nobody", "[places]") {
  Scenario scenario = two_racks();
  test::TraceFile first("first", "submit_s,run_s,cores\n0,70,10\n");
  test::TraceFile second("second", "submit_s,run_s,cores\n130,500,4\n");
  test::add_trace(scenario, first);
  test::add_trace(scenario, second);
  scenario.workloads[1].name = scenario.workloads[1].jobs.workload = "other";
  const PlaceMap racks = watched(scenario).places->racks;
  CHECK(racks.holder == std::vector<std::uint32_t>{0, kNobody, kNobody, kNobody, 1, kNobody});
}

TEST_CASE("recording places changes nothing else", "[places]") {
  for (const char* name : {"tests/property/network.json", "tests/property/lab.json",
                           "scenarios/examples/spine-loss.json"}) {
    const Scenario scenario = test::load_file(name, {});
    const Simulation plain = simulate(scenario, {});
    const Simulation other = watched(scenario);
    INFO(name);
    CHECK_FALSE(plain.places);
    CHECK(other.places);
    CHECK(plain.fingerprint == other.fingerprint);
    CHECK(plain.hourly_fingerprints == other.hourly_fingerprints);
    CHECK(plain.events == other.events);
    CHECK(plain.series_rows == other.series_rows);
    REQUIRE(plain.metrics.size() == other.metrics.size());
    for (std::size_t i = 0; i < plain.metrics.size(); ++i) {
      CHECK(plain.metrics[i].value == other.metrics[i].value);
    }
  }
}

TEST_CASE("one flow, worked out by hand", "[places]") {
  // Links of 1.25 GB/s, steps of 1 ms. Two flows of 1 MB to one host get 0.625 GB/s each until
  // 1.6 ms: half of the link of each for 1 ms, then half for 0.6 ms. A third, from 1 ms on, has
  // 0.1 GB/s.
  const Scenario scenario = test::load_file("tests/property/network.json",
                                            {{"workloads.mix.generate", "null"},
                                             {"workloads.mix.trace", R"({"file": "network.csv"})"},
                                             {"duration", "\"4 ms\""},
                                             {"series_step", "\"1 ms\""}});
  const Simulation run = watched(scenario);
  const PlaceMap& links = run.places->links;
  REQUIRE(links.moments() == 4);
  const auto row_of = [&](const std::string& from, const std::string& to) {
    for (std::size_t row = 0; row < links.rows.size(); ++row) {
      if (links.rows[row].keys[3] == from && links.rows[row].keys[4] == to) return row;
    }
    FAIL("no link leads from " << from << " to " << to);
    return std::size_t{0};
  };
  const std::size_t up = row_of("endpoint 0", "leaf 0");
  CHECK(links.rows[up].keys[0] == "lab");
  CHECK(links.rows[up].keys[1] == "host-leaf");
  CHECK(links.rows[up].keys[2] == "up");
  CHECK(at(links, 0, 0, up) == Approx(0.5));
  CHECK(at(links, 0, 1, up) == Approx(0.3));  // until 1.6 ms
  CHECK(at(links, 0, 2, up) == 0);
  CHECK(at(links, 0, 0, row_of("leaf 7", "endpoint 31")) == Approx(1));
  CHECK(at(links, 0, 3, row_of("endpoint 5", "leaf 1")) == Approx(0.08));
  double bytes = 0;  // down to hosts: all that was sent
  for (std::size_t row = 0; row < links.rows.size(); ++row) {
    if (links.rows[row].keys[1] != "host-leaf" || links.rows[row].keys[2] != "down") continue;
    for (std::size_t moment = 0; moment < 4; ++moment) {
      bytes += at(links, 0, moment, row) * 1.25e9 * 0.001;
    }
  }
  CHECK(bytes == Approx(2e6 + 0.1e9 * 0.003).epsilon(1e-5));
  REQUIRE(run.places->fabrics.size() == 1);
  const FabricPlan& plan = run.places->fabrics[0];
  CHECK(plan.layers[0].name == "endpoints");
  CHECK(plan.layers[0].size == 32);
  CHECK(plan.layers[1].name == "leaf");
  CHECK(plan.cables[0].tier == "host-leaf");
  CHECK(plan.cables[0].low == 0);
  CHECK(plan.cables[0].high == 1);
  CHECK(plan.cables[0].links == 64);
  CHECK(plan.cables[0].most_Bps == 1.25e9);
}

TEST_CASE("a run of many steps has few moments, and one of unknown length too", "[places]") {
  Scenario scenario = two_racks();
  test::TraceFile file("long", "submit_s,run_s,cores\n0,5000,10\n");
  test::add_trace(scenario, file);
  scenario.step = whole_seconds(1);
  scenario.duration = whole_seconds(5000);
  PlaceMap racks = watched(scenario).places->racks;
  CHECK(racks.moments() == 455);  // 11 steps each
  CHECK(racks.to_s.front() == 11);
  CHECK(racks.to_s.back() == 5000);
  scenario.duration.reset();
  racks = watched(scenario).places->racks;
  CHECK(racks.moments() <= kMostMoments);
  CHECK(racks.moments() >= kMostMoments / 2);
  CHECK(racks.to_s.back() == 5000);
  for (std::size_t i = 1; i < racks.moments(); ++i) CHECK(racks.from_s[i] == racks.to_s[i - 1]);
}

TEST_CASE("more racks than rows share them, and the greatest stays", "[places]") {
  // 1,300 racks of one server: three to a row. A job fills the server of rack 4, of row 1.
  Scenario scenario = test::one_pool(1300, 10);
  scenario.racks[0].servers_per_rack = 1;
  scenario.racks[0].racks = 1300;
  scenario.duration = whole_seconds(60);
  scenario.step = whole_seconds(60);
  test::TraceFile file("wide",
                       "submit_s,run_s,cores\n0,500,5\n0,500,6\n0,500,7\n0,500,8\n0,500,9\n");
  test::add_trace(scenario, file);
  const PlaceMap racks = watched(scenario).places->racks;
  REQUIRE(racks.rows.size() == 434);
  CHECK(racks.rows[1].first == 3);
  CHECK(racks.rows[1].count == 3);
  CHECK(racks.rows[433].count == 1);
  CHECK(at(racks, 0, 0, 0) == Approx((0.5 + 0.6 + 0.7) / 3));
  CHECK(at(racks, 0, 0, 0, true) == 0.7F);
  CHECK(at(racks, 0, 0, 1) == Approx((0.8 + 0.9) / 3));
  CHECK(at(racks, 0, 0, 1, true) == 0.9F);
}

TEST_CASE("places share rows within the bound, those of large groups first", "[places]") {
  using Each = std::vector<std::uint32_t>;
  const auto rows = [](const Each& sizes, std::size_t most) { return places_per_row(sizes, most); };
  CHECK(rows({512}, 512) == Each{1});
  CHECK(rows({513}, 512) == Each{2});
  CHECK(rows({300, 300}, 512) == Each{2, 2});
  CHECK(rows({256, 256, 64, 64}, 512) == Each{2, 2, 1, 1});
  CHECK(rows({20'000, 11'250}, 512) == Each{79, 44});
  CHECK(rows({5, 3}, 1) == Each{5, 3});  // a group has a row at least
  for (std::uint32_t size = 1; size < 3'000; size += 7) {
    const Each each = rows({size, 40, 2 * size}, 512);
    CHECK((size + each[0] - 1) / each[0] + 40 / each[1] + (2 * size + each[2] - 1) / each[2] <=
          512);
  }
}

}  // namespace
}  // namespace hyperdc
