// The public header from the outside, and objectives against the metrics of a scenario.
#include <catch2/catch.hpp>

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

TEST_CASE("an objective on a metric that does not exist is a problem with the nearest name") {
  const Scenario scenario = test::load_example(
      "batch-fcfs",
      {{"objectives", R"([{"metric": "workloads.pai.wait.maen", "at_most": "1 h"}])"}});
  const Issues issues = check_before_run(scenario);
  REQUIRE(issues.size() == 1);
  CHECK(issues[0].hint == "did you mean \"workloads.pai.wait.mean\"?");
}

}  // namespace
}  // namespace hyperdc
