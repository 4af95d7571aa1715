// The WAN between regions in a run, on paper: times with latencies by distance, and ways around.
#include <catch2/catch.hpp>

#include "model/region_latency.hpp"
#include "support/load_example.hpp"
#include "world/flow_log.hpp"
#include "world/simulate.hpp"

namespace hyperdc {
namespace {

struct WanRows final : FlowLog {
  void ended(const FlowRow& row) override { rows.push_back(row); }
  std::vector<FlowRow> rows;
};

/// A ring of the four regions of the base with 1 GB/s each, and the three transfers of wan.csv.
const std::vector<Override> kRing = {
    {"wan.links", R"([{"from": "east", "to": "ireland", "bandwidth": "1 GB/s", "name": "atlantic"},
                      {"from": "ireland", "to": "tokyo", "bandwidth": "1 GB/s",
                       "latency": "120 ms"},
                      {"from": "tokyo", "to": "west", "bandwidth": "1 GB/s", "latency": "50 ms"},
                      {"from": "west", "to": "east", "bandwidth": "1 GB/s", "latency": "30 ms"}])"},
    {"workloads.copies", R"({"kind": "transfers", "generate": null,
                             "trace": {"file": "wan.csv"}})"}};

/// East is 5,463.836 km from Ireland (haversine by hand): 0.5 ms + 1.6 x 4.9 us/km.
constexpr double kAtlantic_ns = 43'336'471;

Simulation run_ring(const std::vector<Override>& more, WanRows& log) {
  std::vector<Override> overrides = kRing;
  overrides.insert(overrides.end(), more.begin(), more.end());
  const Scenario scenario = test::load_file("tests/property/wan.json", overrides);
  SimulateOptions options;
  options.flow_log = &log;
  Simulation run = simulate(scenario, options);
  for (FlowRow& row : log.rows) row.names = {};  // they are of the scenario
  return run;
}

double wan_metric(const Simulation& run, const std::string& name) {
  for (const MetricValue& metric : run.metrics) {
    if (metric.name == name) return metric.value.value_or(-1);
  }
  FAIL("no metric is called " << name);
  return 0;
}

}  // namespace

TEST_CASE("two flows share a cable between regions, and take its length", "[wan]") {
  WanRows log;
  const Simulation run = run_ring({}, log);
  REQUIRE(log.rows.size() == 3);
  // 1 GB each over 1 GB/s is 2 s.
  for (const std::size_t i : {0, 1}) {
    CHECK(log.rows[i].from == 0);
    CHECK(log.rows[i].to == 2);
    CHECK(static_cast<double>(log.rows[i].end->ns) == Approx(2e9 + kAtlantic_ns).margin(2));
    CHECK(static_cast<double>(log.rows[i].alone.ns) == Approx(1e9 + kAtlantic_ns).margin(2));
  }
  // The third is held by its cap: 4 s from 10 s on, by way of the east or of Tokyo.
  const double third = static_cast<double>(log.rows[2].end->ns) - 14e9;
  const bool by_east = third == Approx(kAtlantic_ns + 30e6).margin(2);
  CHECK((by_east || third == Approx(170e6).margin(2)));
  CHECK(wan_metric(run, "fabrics.wan.delivered") == 3e9);
  // 3 GB over 1 and 2 cables of the 8 directed ones, in 10 minutes.
  CHECK(wan_metric(run, "fabrics.wan.tiers.link.utilization.mean") == Approx(4.0 / 8 / 600));
}

TEST_CASE("a cut cable sends flows the longer way, and back when it is mended", "[wan]") {
  const std::string cut =
      R"({"kind": "network", "over": "wan", "of": "cable", "link": "atlantic", "at": "1 s",
          "for": ")";
  WanRows log;
  run_ring({{"failures.cut", cut + "5 s\"}"}}, log);
  // Half of each went by the Atlantic; the rest shares the other way, 200 ms long.
  REQUIRE(log.rows.size() == 3);
  CHECK(static_cast<double>(log.rows[0].end->ns) == Approx(2.2e9).margin(4));
  CHECK(static_cast<double>(log.rows[1].end->ns) == Approx(2.2e9).margin(4));

  WanRows mended;
  const Simulation run = run_ring({{"failures.cut", cut + "0.5 s\"}"}}, mended);
  CHECK(static_cast<double>(mended.rows[0].end->ns) == Approx(2e9 + kAtlantic_ns).margin(6));
  CHECK(wan_metric(run, "failures.cut.count") == 1);
}

TEST_CASE("where all cables of a region are cut its flows wait", "[wan]") {
  WanRows log;
  const Simulation run = run_ring(
      {{"failures.cut", R"({"kind": "network", "over": "wan", "of": "cable", "link": "atlantic",
                            "items": 2, "at": "1 s", "for": "3 s"})"}},
      log);
  CHECK(static_cast<double>(log.rows[0].end->ns) == Approx(5e9 + kAtlantic_ns).margin(6));
  CHECK(wan_metric(run, "fabrics.wan.waiting.max") == 2);
}

TEST_CASE("the latency by distance is near what is measured", "[wan]") {
  // Dallas to London: 113 ms there and back (IBM Cloud docs, mean of August 2024).
  const Scenario scenario = test::load_file(
      "tests/property/wan.json",
      {{"regions.east.location", R"({"latitude": 32.7767, "longitude": -96.7970})"},
       {"regions.ireland.location", R"({"latitude": 51.5074, "longitude": -0.1278})"}});
  const Topology& wan = *scenario.fabrics.back().topology;
  CHECK(2e3 * to_seconds(wan.link({2}).latency) == Approx(113).epsilon(0.1));
  CHECK(wan.link({2}).latency == *scenario.latency.one_way(0, 2));
}

}  // namespace hyperdc
