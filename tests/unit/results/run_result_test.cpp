#include "results/run_result.hpp"

#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>

#include <hyperdc/core/assert.hpp>

#include "results/resolved.hpp"
#include "results/schema.hpp"
#include "support/temporary_directory.hpp"

using namespace hyperdc;

namespace {

RunResult small(const std::string& scenario = "s", std::uint64_t seed = 7) {
  RunResult result;
  result.scenario = scenario;
  result.seed = seed;
  result.sha256 = std::string(64, 'a');
  result.resolved_json = "{\"name\":\"s\",\"duration\":\"3600 s\"}";
  result.fingerprint = 0x1f;
  result.hourly_fingerprints = {1, 0x1f};
  result.simulated_s = 3600;
  result.events = 12;
  result.metrics.push_back({"workloads.w.wait.mean", "s", 0.1, ""});
  result.metrics.push_back({"regions.r.energy", "J", {}, "power of G2 is not published"});
  result.objectives.push_back({"workloads.w.wait.mean", 0.05, {}, "s", 0.1, false});
  result.checks.push_back({"little", "L = 1, lambda W = 1", 0});
  result.assumptions.push_back({"a.b", "why"});
  result.files.push_back({"t.csv", std::string(64, 'b')});
  result.series.columns = {"time_s", "regions.r.power_W"};
  result.series.rows = {1800, 0.5, 3600, 1e6};
  return result;
}

std::string expected() {
  return R"({
  "schema": "hyperdc.result/1",
  "scenario": {
    "name": "s",
    "seed": 7,
    "sha256": ")" +
         std::string(64, 'a') + R"(",
    "resolved": {
      "name": "s",
      "duration": "3600 s"
    }
  },
  "fingerprint": "000000000000001f",
  "simulated": {"seconds": 3600, "events": 12},
  "complete": true,
  "metrics": {
    "workloads.w.wait.mean": {"value": 0.1, "unit": "s"},
    "regions.r.energy": {"value": null, "unit": "J", "reason": "power of G2 is not published"}
  },
  "objectives": [
    {"metric": "workloads.w.wait.mean", "at_most": 0.05, "unit": "s", "value": 0.1, "met": false}
  ],
  "checks": [
    {"name": "little", "text": "L = 1, lambda W = 1", "error": 0}
  ],
  "assumptions": [
    {"path": "a.b", "text": "why"}
  ],
  "files": [
    {"path": "t.csv", "sha256": ")" +
         std::string(64, 'b') + R"("}
  ],
  "hourly_fingerprints": ["0000000000000001", "000000000000001f"]
}
)";
}

/// Exit code of the system's Python validating files against a schema, as both drafts.
int validate(const test::TemporaryDirectory& dir, const std::string& file) {
  dir.write("validate.py", R"(
import json, sys, jsonschema
schema = json.load(open(sys.argv[1]))
for cls in (jsonschema.Draft7Validator, jsonschema.Draft202012Validator):
    cls.check_schema(schema)
    if not cls(schema).is_valid(json.load(open(sys.argv[2]))): sys.exit(9)
)");
  dir.write("schema.json", result_schema());
  const std::string command = "/usr/bin/python3 " + dir.path("validate.py") + " " +
                              dir.path("schema.json") + " " + dir.path(file);
  return WEXITSTATUS(std::system(command.c_str()));
}

}  // namespace

TEST_CASE("result.json has these bytes") {
  CHECK(to_json(small()) == expected());
}

TEST_CASE("several results carry a summary and the differences from the first scenario") {
  std::vector<RunResult> results = {small("a", 1), small("a", 2), small("b", 1), small("b", 2)};
  results[2].metrics[0].value = 0.3;
  results[3].metrics[0].value = 0.3;
  const std::string json = to_json(results);
  CHECK(json.find("\"schema\": \"hyperdc.results/1\"") == 4);
  CHECK(json.find("{\"scenario\": \"a\", \"metric\": \"workloads.w.wait.mean\", \"unit\": \"s\", "
                  "\"n\": 2, \"mean\": 0.1, \"half_width\": 0, \"min\": 0.1, \"max\": 0.1}") !=
        std::string::npos);
  CHECK(json.find("{\"scenario\": \"b\", \"against\": \"a\", \"metric\": "
                  "\"workloads.w.wait.mean\", \"unit\": \"s\", \"mean\": 0.19999999999999998, "
                  "\"half_width\": 0}") != std::string::npos);
}

TEST_CASE("the JSON Schema accepts what is written and nothing else") {
  const test::TemporaryDirectory dir;
  dir.write("one.json", to_json(small()));
  CHECK(validate(dir, "one.json") == 0);
  RunResult interrupted = small("b", 1);
  interrupted.complete = false;
  interrupted.objectives[0].value.reset();
  dir.write("several.json", to_json(std::vector<RunResult>{small("a", 1), interrupted}));
  CHECK(validate(dir, "several.json") == 0);

  std::string text = to_json(small());
  text.replace(text.find("\"complete\""), 10, "\"complet\"");
  dir.write("key.json", text);
  CHECK(validate(dir, "key.json") == 9);
  text = to_json(small());
  const std::string reason = ", \"reason\": \"power of G2 is not published\"";
  text.erase(text.find(reason), reason.size());  // a null must say why
  dir.write("reason.json", text);
  CHECK(validate(dir, "reason.json") == 9);
}

TEST_CASE("the time series is a table with a header") {
  CHECK(series_csv(small()) == "time_s,regions.r.power_W\n1800,0.5\n3600,1000000\n");
  RunResult none = small();
  none.series = {};
  CHECK(series_csv(none) == "time_s\n");
  RunResult torn = small();
  torn.series.rows.pop_back();
  CHECK_THROWS_AS(series_csv(torn), InvariantError);
}

TEST_CASE("metrics are found by name") {
  const RunResult result = small();
  REQUIRE(find_metric(result, "workloads.w.wait.mean") != nullptr);
  CHECK(find_metric(result, "workloads.w.wait.mean")->unit == "s");
  CHECK(find_metric(result, "workloads.w.wait") == nullptr);
}

TEST_CASE("an index finds what a walk finds, the first of equal names") {
  RunResult result;
  for (const char* name : {"b", "a", "c", "a"}) {
    result.metrics.push_back({name, "1", static_cast<double>(result.metrics.size()), {}});
  }
  const MetricIndex index(result);
  for (const char* name : {"a", "b", "c", "", "aa", "d"}) {
    CHECK(index.find(name) == find_metric(result, name));
  }
}

TEST_CASE("screens read the resolved scenario") {
  RunResult result = small();
  result.resolved_json =
      R"({"description": "d", "duration": "2 d", "warmup": "7200 s",
          "regions": {"west": {"facility": {"power": "5 MW"}}, "east": {}},
          "workloads": {"b": {}, "a": {}}})";
  const ResolvedFacts facts = resolved_facts(result);
  CHECK(facts.description == "d");
  CHECK(facts.duration_s == 172800.0);
  CHECK(facts.warmup_s == 7200);
  CHECK(facts.power_limit_w.at("west") == 5e6);
  CHECK(facts.regions == std::vector<std::string>{"west", "east"});
  CHECK(facts.workloads == std::vector<std::string>{"b", "a"});
  result.resolved_json = "not JSON";
  CHECK_FALSE(resolved_facts(result).duration_s);
}
