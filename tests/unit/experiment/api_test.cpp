// The public header from the outside, and objectives against the metrics of a scenario.
#include <catch2/catch.hpp>
#include <sys/resource.h>

#include <hyperdc/hyperdc.hpp>

#include "experiment/metric_check.hpp"
#include "support/load_example.hpp"

namespace hyperdc {
namespace {

const std::string kExample =
    std::string(HYPERDC_SOURCE_DIR) + "/scenarios/examples/batch-fcfs.json";

TEST_CASE("load, run and read through the public header") {
  const Result<ScenarioPtr> loaded = load(kExample);
  REQUIRE(ok(loaded));
  const ResultPtr result = run(*std::get<ScenarioPtr>(loaded), 1);
  CHECK(metric(*result, "workloads.pai.makespan") == 801680.0);
  CHECK_FALSE(metric(*result, "workloads.pai.nonsense"));
  CHECK(to_json(*result).find("\"hyperdc.result/1\"") != std::string::npos);
}

TEST_CASE("the public load reports problems and takes settings") {
  const Result<ScenarioPtr> missing = load("no-such-file.json");
  REQUIRE_FALSE(ok(missing));
  const Result<ScenarioPtr> wrong = load(kExample, {{"pools.batch.scheduler.policy", "fiffo"}});
  REQUIRE_FALSE(ok(wrong));
  CHECK(std::get<Issues>(wrong)[0].path == "pools.batch.scheduler.policy");
}

TEST_CASE("fgd on a pool whose jobs ask for no accelerators is a problem, not first fit") {
  const Scenario scenario =
      test::load_example("batch-fcfs", {{"pools.batch.placement", R"({"policy": "fgd"})"}});
  const Issues issues = check_before_run(scenario);
  REQUIRE(issues.size() == 1);
  CHECK(issues[0].path == "pools.batch.placement.policy");
}

TEST_CASE("pools are checked for fgd without building their servers") {
  // Twenty million servers with accelerators, forty pools of fgd without jobs. A world of them
  // takes gigabytes and minutes, once a pool.
  Scenario scenario;
  scenario.name = "large";
  ServerType type;
  type.name = "gpu";
  type.shape = {96'000, std::int64_t{1} << 40, 8, 1};
  scenario.server_types.push_back(type);
  scenario.regions.push_back({"lab", 1.0, std::nullopt});
  for (std::uint32_t i = 0; i < 40; ++i) {
    RackGroup rack;
    rack.name = "lab.r" + std::to_string(i);
    rack.servers_per_rack = 1;
    rack.racks = 500'000;
    rack.servers.push_back({0, 500'000});
    scenario.racks.push_back(rack);
    PoolSpec pool;
    pool.name = "p" + std::to_string(i);
    pool.racks = {i};
    pool.scheduler.policy = "fifo";
    pool.placement.policy = "fgd";
    scenario.pools.push_back(pool);
  }
  rusage before{}, after{};
  ::getrusage(RUSAGE_SELF, &before);
  CHECK(check_before_run(scenario).size() == 40);
  ::getrusage(RUSAGE_SELF, &after);
  CHECK(after.ru_maxrss - before.ru_maxrss < 100'000);  // KiB
}

TEST_CASE("a thousand objectives on nothing are listed, more are counted") {
  const Scenario scenario = test::load_example("batch-fcfs", {});
  Scenario wrong = scenario;
  for (int i = 0; i < 1500; ++i) wrong.objectives.push_back({"no.such.metric", 1.0, {}, {}});
  const Issues issues = check_before_run(wrong);
  REQUIRE(issues.size() == 1001);
  CHECK(issues.back().message == "and 500 more problems");
}

TEST_CASE("a series of too many steps is a problem before the run") {
  // The trace lasts 801,680 s and a bit.
  Scenario scenario = test::load_example("batch-fcfs", {});
  scenario.duration.reset();
  scenario.step = nanoseconds(1'000'000);
  const Issues issues = check_before_run(scenario);
  REQUIRE(issues.size() == 1);
  CHECK(issues[0].code == "E035");
  CHECK(issues[0].path == "series_step");
  CHECK(check_before_run(scenario, SimTime{} + whole_seconds(1000)).empty());
  CHECK(check_before_run(scenario, SimTime{} + whole_seconds(1001)).size() == 1);
  scenario.step = whole_seconds(10);
  CHECK(check_before_run(scenario).empty());
}

TEST_CASE("an objective on a metric that does not exist is a problem with the nearest name") {
  const Scenario scenario = test::load_example(
      "batch-fcfs",
      {{"objectives", R"([{"metric": "workloads.pai.wait.maen", "at_most": "1 h"}])"}});
  const Issues issues = check_before_run(scenario);
  REQUIRE(issues.size() == 1);
  CHECK(issues[0].hint == "did you mean \"workloads.pai.wait.mean\"?");
}

TEST_CASE("the bound of an objective is written as its metric is measured") {
  const auto hints = [](const std::string& metric, const std::string& bound) {
    const Scenario scenario = test::load_example(
        "batch-fcfs", {{"objectives", R"([{"metric": ")" + metric + R"(", "at_most": )" + bound +
                                          ", \"at_least\": " + bound + "}]"}});
    std::vector<std::string> found;
    for (const Issue& issue : check_before_run(scenario)) {
      CHECK(issue.code == "E020");
      found.push_back(issue.path + ": " + issue.hint);
    }
    return found;
  };
  CHECK(hints("workloads.pai.wait.p95", "\"1 h\"").empty());
  CHECK(hints("workloads.pai.finished", "5").empty());
  CHECK(hints("pools.batch.allocation.cores.mean", "0.5").empty());
  CHECK(hints("workloads.pai.wait.p95", "5") ==
        std::vector<std::string>{"objectives.0.at_most: write \"5 s\"",
                                 "objectives.0.at_least: write \"5 s\""});
  CHECK(hints("workloads.pai.finished", "\"5 s\"").size() == 2);
  CHECK(hints("pools.batch.allocation.cores.mean", "\"95 s\"").size() == 2);
}

}  // namespace
}  // namespace hyperdc
