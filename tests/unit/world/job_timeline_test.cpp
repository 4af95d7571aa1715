#include "world/job_timeline.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "support/temporary_directory.hpp"
#include "unit/world/small_scenario.hpp"
#include "world/simulate.hpp"

namespace hyperdc {
namespace {

/// The bars of the timeline of a run: (name, start in us, length in us, lane).
nlohmann::json bars_of(const Scenario& scenario, std::optional<SimTime> until) {
  const test::TemporaryDirectory directory;
  JobTimeline timeline(directory.path("timeline.json"));
  SimulateOptions options;
  options.timeline = &timeline;
  options.until = until;
  simulate(scenario, options);
  REQUIRE(timeline.close().empty());
  const nlohmann::json trace = nlohmann::json::parse(directory.read("timeline.json"));
  nlohmann::json bars = nlohmann::json::array();
  for (const auto& event : trace["traceEvents"]) {
    if (event["ph"] == "X") bars.push_back(event);
  }
  return bars;
}

TEST_CASE("a bar a job, on the lowest free lane, at its times") {
  // 10 cores: A (6) from 0 to 60 s, B (4) from 10 to 40 s beside it, C (6) waits for A.
  Scenario scenario = test::one_pool(1, 10);
  test::TraceFile file("timeline", "submit_s,run_s,cores\n0,60,6\n10,30,4\n20,15,6\n");
  test::add_trace(scenario, file);
  const nlohmann::json bars = bars_of(scenario, std::nullopt);
  REQUIRE(bars.size() == 3);  // in the order in which they end: B, A, C
  CHECK(bars[0]["name"] == "jobs 1");
  CHECK(bars[0]["ts"] == 10e6);
  CHECK(bars[0]["dur"] == 30e6);
  CHECK(bars[1]["name"] == "jobs 0");
  CHECK(bars[1]["dur"] == 60e6);
  CHECK(bars[2]["ts"] == 60e6);
  CHECK(bars[0]["tid"] != bars[1]["tid"]);
  CHECK(bars[2]["tid"] == bars[1]["tid"]);
  CHECK(bars[0]["args"]["cores"] == 4.0);
}

TEST_CASE("jobs that still run are drawn up to the end") {
  Scenario scenario = test::one_pool(1, 10);
  test::TraceFile file("timeline-cut", "submit_s,run_s,cores\n0,60,6\n");
  test::add_trace(scenario, file);
  const nlohmann::json bars = bars_of(scenario, SimTime{} + whole_seconds(25));
  REQUIRE(bars.size() == 1);
  CHECK(bars[0]["dur"] == 25e6);
}

}  // namespace
}  // namespace hyperdc
