#include "scenario/merge.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "files.hpp"
#include "scenario/description.hpp"
#include "scenario/json_text.hpp"

using namespace hyperdc;
using test::Files;
using test::has;

namespace {

std::string merged(std::string_view base, std::string_view patch, const Type* type = nullptr) {
  Json target = parse_builtin(base);
  merge(target, parse_builtin(patch), type);
  return print_short(target, 1000);
}

}  // namespace

TEST_CASE("merging is RFC 7396, with its own examples") {
  CHECK(merged(R"({"a":"b"})", R"({"a":"c"})") == R"({"a": "c"})");
  CHECK(merged(R"({"a":"b"})", R"({"b":"c"})") == R"({"a": "b", "b": "c"})");
  CHECK(merged(R"({"a":"b"})", R"({"a":null})") == "{}");
  CHECK(merged(R"({"a":"b","b":"c"})", R"({"a":null})") == R"({"b": "c"})");
  CHECK(merged(R"({"a":["b"]})", R"({"a":"c"})") == R"({"a": "c"})");
  CHECK(merged(R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})") == R"({"a": {"b": "d"}})");
  CHECK(merged(R"({"a":[{"b":"c"}]})", R"({"a":[1]})") == R"({"a": [1]})");
  CHECK(merged(R"(["a","b"])", R"(["c","d"])") == R"(["c", "d"])");
  CHECK(merged(R"({"a":"foo"})", R"("bar")") == R"("bar")");
  CHECK(merged("{}", R"({"a":{"bb":{"ccc":null}}})") == R"({"a": {"bb": {}}})");
}

TEST_CASE("an object whose variant changes is replaced whole") {
  const TypeRef pool = pool_type();
  CHECK(merged(R"({"scheduler": {"policy": "fifo", "depth": 3}})",
               R"({"scheduler": {"policy": "sjf"}})",
               pool.get()) == R"({"scheduler": {"policy": "sjf"}})");
  CHECK(merged(R"({"scheduler": {"policy": "fifo", "depth": 3}})",
               R"({"scheduler": {"policy": "fifo", "skip": true}})",
               pool.get()) == R"({"scheduler": {"policy": "fifo", "depth": 3, "skip": true}})");
  CHECK(merged(R"({"scheduler": {"policy": "fifo", "depth": 3}})", R"({"scheduler": {"depth": 4}})",
               pool.get()) == R"({"scheduler": {"policy": "fifo", "depth": 4}})");

  const TypeRef workload = workload_type();
  CHECK(merged(R"({"kind": "jobs", "generate": {"run": {"lognormal": {"mean": "1 s", "cv": 2}}}})",
               R"({"generate": {"run": {"exponential": {"mean": "2 s"}}}})", workload.get()) ==
        R"({"kind": "jobs", "generate": {"run": {"exponential": {"mean": "2 s"}}}})");
  CHECK(merged(R"({"kind": "jobs", "generate": {"run": {"lognormal": {"mean": "1 s", "cv": 2}}}})",
               R"({"generate": {"run": {"lognormal": {"cv": 3}}}})", workload.get()) ==
        R"({"kind": "jobs", "generate": {"run": {"lognormal": {"mean": "1 s", "cv": 3}}}})");
  // A map is not a variant: another name is added, not exchanged.
  CHECK(merged(R"({"pools": {"a": {}}})", R"({"pools": {"b": {}}})", scenario_type().get()) ==
        R"({"pools": {"a": {}, "b": {}}})");
}

TEST_CASE("a scenario extends another, and problems name the file they are in") {
  const Files files;
  files.write("base.json", test::small_scenario(R"(, "seed": 7, "warmup": 3)"));
  const std::string top = files.write("top.json", "{\n \"extends\": \"base.json\",\n \"sed\": 1}");
  const Issues issues = test::issues_of(top);
  INFO(test::print(issues));
  CHECK(has(issues, "E012", "sed", "did you mean \"seed\"?"));
  CHECK(has(issues, "E020", "warmup", "3 has no unit; write \"3 h\""));
  REQUIRE(issues.size() == 2);
  CHECK(issues[0].place.file == top);
  CHECK(issues[0].place.line == 3);
  CHECK(issues[0].note.empty());
  CHECK(issues[1].place.file == files.path("base.json"));
  CHECK(issues[1].note == "extended from " + top + ":2");

  files.write("base.json", test::small_scenario(R"(, "seed": 7)"));
  files.write("top.json", R"({"extends": "base.json", "name": "top", "pools": {"p": {"racks": null,
    "scheduler": {"policy": "sjf"}}}})");
  const Loaded loaded = test::load(top);
  CHECK(loaded.scenario.name == "top");
  CHECK(loaded.scenario.seed == 7);
  CHECK(loaded.scenario.pools[0].scheduler.policy == "sjf");
  REQUIRE(loaded.scenario.files.size() == 2);
  CHECK(loaded.scenario.files[0].path == "top.json");
  CHECK(loaded.scenario.files[1].path == "base.json");
  CHECK(loaded.scenario.resolved_json.find("extends") == std::string::npos);
}

TEST_CASE("problems of the file itself are told although its base cannot be read") {
  const Files files;
  files.write("broken.json", "{");
  for (const std::string base : {"absent.json", "broken.json", "top.json"}) {
    const Issues issues = test::issues_of(
        files.write("top.json", "{\"extends\": \"" + base + R"(", "sed": 1, "duration": "5 parsecs",
          "pools": {"p": {"scheduler": {"depth": 4}, "ties": "some"}},
          "workloads": {"w": {"shuffle": true, "generate": {"cores": "many"}}}})"));
    INFO(test::print(issues));
    CHECK(has(issues, "E012", "sed"));
    CHECK(has(issues, "E020", "duration"));
    CHECK(has(issues, "E013", "pools.p.ties"));
    // What the base may have said is not missed: names, kinds, policies, the trace to shuffle.
    for (const Issue& issue : issues) CHECK((issue.code != "E011" && issue.code != "E015"));
    CHECK(issues.size() == 4);
  }
}

TEST_CASE("chains of extends end") {
  const Files files;
  files.write("a.json", R"({"extends": "b.json"})");
  files.write("b.json", R"({"extends": "./sub/../a.json"})");
  files.write("sub/x.json", "{}");
  CHECK(has(test::issues_of(files.path("a.json")), "E007", "extends", "extends itself"));
  files.write("self.json", R"({"extends": "self.json"})");
  CHECK(has(test::issues_of(files.path("self.json")), "E007", "extends", "extends itself"));

  files.write("c0.json", test::small_scenario());
  for (int i = 1; i <= 18; ++i) {
    files.write(fmt::format("c{}.json", i), fmt::format(R"({{"extends": "c{}.json"}})", i - 1));
  }
  CHECK(test::issues_of(files.path("c16.json")).empty());
  CHECK(has(test::issues_of(files.path("c17.json")), "E007", "extends", "more than 16"));
  files.write("missing.json", R"({"extends": "c01.json"})");
  CHECK(has(test::issues_of(files.path("missing.json")), "E001", "extends",
            "did you mean \"c0.json\"?"));
  files.write("kind.json", R"({"extends": ["c0.json"]})");
  CHECK(has(test::issues_of(files.path("kind.json")), "E010", "extends"));
}

TEST_CASE("the option --set takes dotted paths and pointers, JSON and bare texts") {
  const Files files;
  const std::string file = files.write(
      "s.json", test::small_scenario(
                    R"(, "objectives": [{"metric": "workloads.w.wait.p95", "at_most": 5}])"));
  LoadOptions options;
  options.overrides = {{"seed", "12"},
                       {"/pools/p/scheduler/policy", "sjf"},
                       {"duration", "2 h"},
                       {"description", "17"},
                       {"workloads.w.generate.run", R"({"exponential": {"mean": "5 s"}})"},
                       {"workloads.w.generate.run.exponential.mean", "6 s"},
                       {"objectives.0.at_most", "\"50 ms\""},
                       {"regions.here.racks.a.count", "3"}};
  const Scenario scenario = test::load(file, options).scenario;
  CHECK(scenario.seed == 12);
  CHECK(scenario.pools[0].scheduler.policy == "sjf");
  CHECK(scenario.duration == whole_seconds(7200));
  CHECK(scenario.description == "17");
  CHECK(std::get<Exponential>(scenario.workloads[0].jobs.generate->run_s).mean == 6);
  CHECK(scenario.objectives[0].at_most == 0.05);
  CHECK(scenario.racks[0].racks == 3);
}

TEST_CASE("the option --set cannot name a base, which would have been read before") {
  const Files files;
  files.write("base.json", test::small_scenario());
  LoadOptions options;
  options.overrides = {{"extends", "base.json"}};
  CHECK(has(test::issues_of(files.write("s.json", test::small_scenario()), options), "E009",
            "extends"));
}

TEST_CASE("the option --set says what is wrong with a path or a value") {
  const Files files;
  const std::string file = files.write("s.json", test::small_scenario());
  LoadOptions options;
  options.overrides = {{"pools.p.scheduler.polcy", "sjf"},
                       {"pools.q.ties", "listed"},
                       {"", "1"},
                       {"a..b", "1"},
                       {"objectives.0.at_most", "3"},
                       {"name.x", "1"},
                       {"workloads.w.generate", "{\"a\":"},
                       {"seed", "many"},
                       {"pools.p.queue_limit", "1e999"},
                       {"duration", "\xff"}};
  const Issues issues = test::issues_of(file, options);
  INFO(test::print(issues));
  CHECK(has(issues, "E009", "pools.p.scheduler.polcy", "did you mean \"policy\"?"));
  CHECK(has(issues, "E009", "pools.q.ties", "there is no \"q\"; known are \"p\""));
  CHECK(has(issues, "E009", "", "is not a path"));
  CHECK(has(issues, "E009", "a..b", "is not a path"));
  CHECK(has(issues, "E009", "objectives.0.at_most", "no entry"));
  CHECK(has(issues, "E009", "name.x", "there is no \"x\""));
  CHECK(has(issues, "E002", "workloads.w.generate", "ends too early"));
  CHECK(has(issues, "E010", "seed", "a text where a whole number is needed"));
  CHECK(has(issues, "E010", "pools.p.queue_limit"));
  CHECK(has(issues, "E009", "duration", "not UTF-8"));
  for (const Issue& issue : issues) {
    CHECK(issue.place.file == "--set");
    CHECK(issue.place.line == 0);
  }
}
