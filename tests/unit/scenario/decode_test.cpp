// Every problem of a single value: its code, path, message and hint.
#include <catch2/catch.hpp>

#include "files.hpp"

using namespace hyperdc;
using test::has;
using test::issues_of_text;
using test::small_scenario;

namespace {

/// The one problem of the small scenario with these additions.
Issues one(const std::string& top, const std::string& pool = "") {
  return issues_of_text(small_scenario(top, pool));
}

Issues workload(const std::string& text) {
  return issues_of_text(small_scenario("", "", text));
}

constexpr const char* kEvery = R"(, "arrivals": {"every": "1 s"})";

}  // namespace

TEST_CASE("the small scenario of these tests is good") {
  const Issues issues = issues_of_text(small_scenario());
  CHECK(test::print(issues).empty());
}

TEST_CASE("all problems are reported at once, in the order of the file") {
  const Issues issues = issues_of_text(R"({
  "name": "Launch Week", "sed": 1, "duration": 7, "warmup": "2 parsecs",
  "regions": {"US": {}, "eu": {"facility": {"pue": 0.9}, "racks": {}}},
  "pools": {"p": {"scheduler": {"polcy": "fifo"}, "ties": "listd", "queue_limit": 1.5}},
  "objectives": [{"metric": 5, "at_most": "7 apples"}, {"metric": "x"}]
})");
  const std::string text = test::print(issues);
  INFO(text);
  CHECK(text == test::print({issues.begin(), issues.end()}));
  CHECK(issues.size() == 14);
  CHECK(has(issues, "E014", "name", "names are made of"));
  CHECK(has(issues, "E012", "sed", "unknown key; did you mean \"seed\"?"));
  CHECK(has(issues, "E020", "duration", "7 has no unit; write \"7 d\""));
  CHECK(has(issues, "E020", "warmup"));
  CHECK(has(issues, "E014", "regions.US", "is not a name"));
  CHECK(has(issues, "E021", "regions.eu.facility.pue", "0.9 is outside 1..10"));
  CHECK(has(issues, "E011", "regions.eu.racks", "is missing"));
  CHECK(has(issues, "E012", "pools.p.scheduler.polcy", "did you mean \"policy\"?"));
  CHECK(has(issues, "E013", "pools.p.ties", "did you mean \"listed\"?"));
  CHECK(has(issues, "E010", "pools.p.queue_limit", "1.5 is not a whole number"));
  CHECK(has(issues, "E010", "objectives.0.metric", "a number where a text is needed"));
  CHECK(has(issues, "E020", "objectives.0.at_most", "\"7 apples\""));
  CHECK(has(issues, "E015", "objectives.1", "at least one of \"at_most\", \"at_least\""));
  for (std::size_t i = 1; i < issues.size(); ++i) {
    CHECK(issues[i - 1].place.line <= issues[i].place.line);
  }
}

TEST_CASE("carets point at the key or the value that is wrong") {
  const Issues issues = issues_of_text("{\"name\": \"x\",\n  \"sed\":   1, \"seed\": -12}");
  REQUIRE(issues.size() >= 2);
  const auto place = [&](std::string_view path) {
    for (const Issue& issue : issues) {
      if (issue.path != path) continue;
      return std::vector{issue.place.line, issue.place.column, issue.place.length};
    }
    return std::vector<int>{};
  };
  CHECK(place("sed") == std::vector{2, 3, 5});
  CHECK(place("seed") == std::vector{2, 23, 3});
  CHECK(place("") == std::vector{1, 1, 1});
}

TEST_CASE("missing keys come with an example") {
  const Issues issues = issues_of_text("{}");
  CHECK(has(issues, "E011", "name", "is missing; add \"name\": \"launch-week\""));
  CHECK(has(issues, "E015", "", "at least one of \"regions\""));
  CHECK(has(issues, "E011", "pools", "is missing"));
  CHECK(issues.size() == 3);
}

TEST_CASE("wrong kinds") {
  CHECK(has(issues_of_text("[1]"), "E010", "", "a list where an object is needed"));
  CHECK(has(one(R"(, "seed": "1")"), "E010", "seed", "a text where a whole number is needed"));
  CHECK(has(one(R"(, "objectives": {})"), "E010", "objectives", "an object where a list"));
  CHECK(has(one(R"(, "objectives": [null])"), "E010", "objectives.0", "null where an object"));
  CHECK(has(one("", R"(, "demand_points": [0.5, "x"])"), "E010", "pools.p.demand_points.1"));
  CHECK(has(one("", R"(, "scheduler": "fifo")"), "E010", "pools.p.scheduler", "an object"));
  CHECK(has(one("", R"(, "scheduler": {"policy": 3})"), "E010", "pools.p.scheduler.policy"));
  CHECK(has(one(R"(, "warmup": true)"), "E010", "warmup", "a text with a unit is needed"));
}

TEST_CASE("ranges") {
  CHECK(has(one(R"(, "seed": 9007199254740993)"), "E021", "seed"));
  CHECK(has(one(R"(, "seed": 1.5)"), "E010", "seed"));
  CHECK(has(one(R"(, "warmup": "-1 s")"), "E021", "warmup", "\"-1 s\" is outside 0 s..100 y"));
  CHECK(has(one("", R"(, "demand_points": [1e300])"), "E021", "pools.p.demand_points.0"));
  const std::string percent = R"(, "utilization": {"cores": 60}, "generate": {"run": "1 s",
    "count": 1})" + std::string(kEvery);
  CHECK(has(workload(percent), "E021", "workloads.w.utilization.cores",
            "60 is outside 0..1; write 0.6 for 60 %"));
}

TEST_CASE("policies: unknown names, parameters, and placements taken for schedulers") {
  CHECK(has(one("", R"(, "scheduler": {"policy": "fgd"})"), "E013", "pools.p.scheduler.policy",
            R"("fgd" is a placement; write "placement": {"policy": "fgd"})"));
  CHECK(has(one("", R"(, "placement": {"policy": "fifo"})"), "E013", "pools.p.placement.policy",
            R"("fifo" is a scheduler; write "scheduler": {"policy": "fifo"})"));
  CHECK(has(one("", R"(, "scheduler": {"policy": "fifi"})"), "E013", "pools.p.scheduler.policy",
            R"(no scheduler is called "fifi"; did you mean "fifo"?)"));
  CHECK(has(one("", R"(, "scheduler": {})"), "E011", "pools.p.scheduler.policy", "is missing"));
  CHECK(has(one("", R"(, "scheduler": {"policy": "fifo", "xyzzy": 1})"), "E012",
            "pools.p.scheduler.xyzzy", "unknown key"));
}

TEST_CASE("distributions and arrivals have exactly one key") {
  const auto run = [](const std::string& text) {
    return workload(R"(, "generate": {"count": 1, "run": )" + text + "}" + kEvery);
  };
  CHECK(run(R"("5 s")").empty());
  CHECK(run(R"({"empirical": {"values": ["1 s", "2 s"]}})").empty());
  const std::string path = "workloads.w.generate.run";
  CHECK(has(run("5"), "E020", path, "5 has no unit; write \"5 min\""));
  CHECK(has(run("{}"), "E015", path, "exactly one of \"uniform\""));
  CHECK(has(run(R"({"gamma": {}, "weibull": {}})"), "E015", path, "more than one key"));
  CHECK(has(run(R"({"lognorml": {}})"), "E012", path + ".lognorml", "did you mean \"lognormal\"?"));
  CHECK(has(run(R"({"lognormal": {"mean": "1 s"}})"), "E011", path + ".lognormal.cv"));
  CHECK(has(run(R"({"exponential": {"mean": "0 s"}})"), "E021", path + ".exponential.mean"));
  CHECK(has(run(R"({"uniform": {"low": "2 s", "high": "1 s"}})"), "E034", path + ".uniform.high"));
  CHECK(
      has(run(R"({"pareto": {"minimum": "0 s", "shape": 1}})"), "E021", path + ".pareto.minimum"));
  CHECK(has(run(R"({"pareto": {"minimum": "1 s", "shape": 1}})"), "E021", path + ".pareto.shape",
            "no mean"));
  CHECK(run(R"({"pareto": {"minimum": "1 s", "shape": 1, "maximum": "1 h"}})").empty());
  CHECK(has(run(R"({"pareto": {"minimum": "2 s", "shape": 1, "maximum": "1 s"}})"), "E034",
            path + ".pareto.maximum"));
  CHECK(has(run(R"({"empirical": {"values": []}})"), "E022", path + ".empirical.values"));
  CHECK(has(run(R"({"empirical": {"values": ["1 s"], "weights": [1, 2]}})"), "E022",
            path + ".empirical.weights", "2 weights for 1 values"));
  CHECK(has(run(R"({"empirical": {"values": ["1 s"], "weights": [0]}})"), "E021",
            path + ".empirical.weights", "all weights are zero"));

  const std::string generate = R"(, "generate": {"count": 1, "run": "1 s"}, "arrivals": )";
  CHECK(has(workload(generate + R"("1 s")"), "E010", "workloads.w.arrivals", "one key"));
  CHECK(has(workload(generate + R"({"poisson": {"rate": 5}})"), "E020",
            "workloads.w.arrivals.poisson.rate", "write \"5 /s\""));
  CHECK(has(workload(generate + R"({"poisson": {"rate": "0 /s"}})"), "E021",
            "workloads.w.arrivals.poisson.rate"));
}

TEST_CASE("keys that exclude each other or do not apply") {
  const std::string generate = R"(, "generate": {"count": 1, "run": "1 s"})";
  CHECK(has(workload(kEvery), "E015", "workloads.w", "exactly one of \"trace\", \"generate\""));
  CHECK(has(workload(generate), "E011", "workloads.w.arrivals", "generated jobs need it"));
  CHECK(has(workload(generate + kEvery + R"(, "shuffle": true)"), "E016", "workloads.w.shuffle",
            "applies only beside \"trace\""));
  const Issues both = workload(generate + kEvery + R"(, "trace": {"format": "csv", "file": "x",
    "time_unit": "1 h", "nodes": 1})");
  CHECK(has(both, "E015", "workloads.w", "exclude each other"));
  CHECK(has(both, "E016", "workloads.w.trace.time_unit", "it belongs to \"gaia\""));
  CHECK(has(both, "E012", "workloads.w.trace.nodes"));
  CHECK(
      has(issues_of_text(small_scenario(R"(, "workloads": {"x": {"kind": "job"}})")), "E005", ""));
}

TEST_CASE("null is the same as leaving a key out") {
  CHECK(one(R"(, "seed": null, "series_step": null, "files": null)", R"(, "queue_limit": null)")
            .empty());
  CHECK(has(one(R"(, "series_step": null, "sed": null)"), "E012", "sed"));
}

TEST_CASE("a thousand problems are listed and the others counted") {
  std::string keys;
  for (int i = 0; i < 1500; ++i) keys += ", \"k" + std::to_string(i) + "\": 1";
  const Issues issues = one(keys);
  REQUIRE(issues.size() == 1001);
  CHECK(issues.back().message == "and 500 more problems");
}
