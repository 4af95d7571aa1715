// check as a CI calls it: exit codes, what it catches and what not, and the files that it writes.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/command_line.hpp"
#include "support/temporary_directory.hpp"

using namespace hyperdc;

namespace {

struct CheckAnswer {
  int code = 0;
  std::string out, err;
  bool says(const std::string& part) const { return out.find(part) != std::string::npos; }
  bool complains(const std::string& part) const { return err.find(part) != std::string::npos; }
};

CheckAnswer check_cli(const std::vector<std::string>& arguments,
                      std::map<std::string, std::string> environment = {}) {
  environment["LANG"] = "C.UTF-8";
  std::ostringstream out, err;
  Console console{out, err, {false, environment}, {false, environment}};
  const int code = run_command_line(arguments, console);
  return {code, out.str(), err.str()};
}

std::string edited_text(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

const std::string kQueueScenario = R"({
  "name": "queue", "description": "A queue.", "duration": "3 h",
  "server_types": {"s": {"cores": 2, "memory": "1 GiB", "host_power": null, "power_reason": "-"}},
  "regions": {"r": {"racks": {"k": {"server": "s", "servers_per_rack": 1, "count": 1}}}},
  "pools": {"p": {"scheduler": {"policy": "fifo"}}},
  "workloads": {"w": {"kind": "jobs", "pool": "p",
    "generate": {"run": {"lognormal": {"mean": "1 s", "cv": 2}}, "cores": 1},
    "arrivals": {"poisson": {"rate": "1.8 /s"}}}},
  "objectives": [{"metric": "workloads.w.wait.mean", "at_most": "1 h"}]
})";

/// The same, written by somebody else: keys in another order, other words, other white space.
const std::string kQueueAgain =
    R"({"objectives":[{"at_most":"60 min","metric":"workloads.w.wait.mean"}],
  "workloads":{"w":{"arrivals":{"poisson":{"rate":"1.8 /s"}},
    "generate":{"cores":1,"run":{"lognormal":{"cv":2,"mean":"1000 ms"}}},"pool":"p","kind":"jobs"}},
  "pools":{"p":{"scheduler":{"policy":"fifo"}}},
  "regions":{"r":{"racks":{"k":{"count":1,"servers_per_rack":1,"server":"s"}}}},
  "server_types":{"s":{"power_reason":"-","host_power":null,"memory":"1024 MiB","cores":2}},
  "duration":"180 min","description":"Two servers, one line.","name":"a-better-name"})";

struct SuiteFiles {
  test::TemporaryDirectory home;
  std::string file = home.write("suite/queue.json", kQueueScenario);
  std::string dir = home.path("suite");
  std::string baseline() const { return home.read("suite/queue.baseline.json"); }
  void accept() const { REQUIRE(check_cli({"check", dir, "--update"}).code == 0); }
};

}  // namespace

TEST_CASE("a changed policy is caught, an unrelated refactoring is not") {
  const SuiteFiles suite;
  suite.accept();
  CHECK(check_cli({"check", suite.dir}).code == 0);

  suite.home.write("suite/queue.json", kQueueAgain);
  const CheckAnswer same = check_cli({"check", suite.dir, "--exact"});
  CHECK(same.code == 0);
  CHECK(same.out == " ✓ queue\n\n1 passed\n");

  suite.home.write("suite/queue.json", edited_text(kQueueScenario, "\"fifo\"", "\"sjf\""));
  const CheckAnswer changed = check_cli({"check", suite.dir});
  CHECK(changed.code == 1);
  CHECK(changed.says("✗ queue"));
  CHECK(changed.says("~ workloads.w.wait.mean"));
  CHECK(changed.says("allowed ±2 %"));
  CHECK(changed.says("hourly fingerprints)"));
  CHECK(changed.says("the scenario changed too"));
  CHECK(changed.says("accept: hyperdc check " + suite.file + " --update"));

  const CheckAnswer accepted = check_cli({"check", suite.file, "--update"});
  CHECK(accepted.code == 0);
  CHECK(accepted.says("baseline written:"));
  CHECK(accepted.says("~ workloads.w.wait.mean"));
  CHECK(check_cli({"check", suite.dir}).code == 0);
}

TEST_CASE("a scenario without a baseline fails until it is written") {
  const SuiteFiles suite;
  const CheckAnswer none = check_cli({"check", suite.dir});
  CHECK(none.code == 1);
  CHECK(none.says("no baseline"));
  CHECK(none.says("write it: hyperdc check"));
  CHECK_FALSE(suite.home.exists("suite/queue.baseline.json"));
  suite.accept();
  const auto baseline = nlohmann::json::parse(suite.baseline());
  CHECK(baseline["schema"] == "hyperdc.baseline/1");
  CHECK(baseline["hourly_fingerprints"].size() == 3);
  CHECK(baseline["metrics"]["workloads.w.wait.mean"]["unit"] == "s");
  CHECK(baseline["objectives"][0]["met"] == true);
  CHECK(check_cli({"validate", suite.file, suite.home.path("suite/queue.baseline.json")}).code ==
        0);
}

TEST_CASE("drift within tolerance passes with a note, and fails when exact") {
  const SuiteFiles suite;
  suite.accept();
  // One job in some twenty thousand is a little longer.
  suite.home.write("suite/queue.json", edited_text(kQueueScenario, "1.8 /s", "1.8001 /s"));
  std::string wide = suite.baseline();
  for (std::size_t at = 0; (at = wide.find("\"relative\": 0.02", at)) != std::string::npos; ++at) {
    wide.replace(at, 16, "\"relative\": 0.9");
  }
  suite.home.write("suite/queue.baseline.json", wide);
  const CheckAnswer drift = check_cli({"check", suite.dir});
  INFO(drift.out);
  CHECK(drift.code == 0);
  CHECK(drift.says("moved within tolerance"));
  CHECK(drift.says("hourly fingerprints)"));
  CHECK(check_cli({"check", suite.dir, "--exact"}).code == 1);
}

TEST_CASE("an update keeps tolerances and the choice of metrics, and is no other when run again") {
  const SuiteFiles suite;
  suite.accept();
  auto edited = nlohmann::json::parse(suite.baseline());
  edited["description"] = "only the wait";
  edited["metrics"] = {
      {"workloads.w.wait.max", {{"value", 1}, {"unit", "s"}, {"tolerance", {{"absolute", 0.25}}}}}};
  suite.home.write("suite/queue.baseline.json", edited.dump());
  CHECK(check_cli({"check", suite.dir}).code == 1);
  suite.accept();
  const auto kept = nlohmann::json::parse(suite.baseline());
  CHECK(kept["description"] == "only the wait");
  CHECK(kept["metrics"].size() == 1);
  CHECK(kept["metrics"]["workloads.w.wait.max"]["tolerance"]["absolute"] == 0.25);
  CHECK(kept["metrics"]["workloads.w.wait.max"]["value"] > 1);
  const std::string before = suite.baseline();
  CHECK(check_cli({"check", suite.dir, "--update"}).says("baseline unchanged"));
  CHECK(suite.baseline() == before);
}

TEST_CASE("several seeds are compared by a test") {
  const SuiteFiles suite;
  REQUIRE(check_cli({"check", suite.dir, "--update", "--seeds", "5"}).code == 0);
  const auto baseline = nlohmann::json::parse(suite.baseline());
  CHECK(baseline["replications"] == 5);
  CHECK(baseline["metrics"]["workloads.w.wait.mean"]["values"].size() == 5);
  CHECK(baseline["fingerprints"].size() == 5);
  CHECK(check_cli({"check", suite.dir}).code == 0);
  suite.home.write("suite/queue.json", edited_text(kQueueScenario, "1.8 /s", "1.9 /s"));
  const CheckAnswer changed = check_cli({"check", suite.dir});
  CHECK(changed.code == 1);
  CHECK(changed.says("at 99 %"));
  // Back to one seed the tolerances would mean nothing.
  const CheckAnswer one = check_cli({"check", suite.dir, "--update", "--seeds", "1"});
  CHECK(one.code == 2);
  CHECK(one.complains("one seed says nothing about chance"));
  CHECK(nlohmann::json::parse(suite.baseline())["replications"] == 5);
}

TEST_CASE("a missed objective fails, unless the baseline knows it") {
  const SuiteFiles suite;
  suite.accept();
  suite.home.write("suite/queue.json", edited_text(kQueueScenario, "\"1 h\"", "\"1 ms\""));
  const CheckAnswer missed = check_cli({"check", suite.dir});
  CHECK(missed.code == 1);
  CHECK(missed.says("1 objective missed, 1 objective gone"));
  CHECK(missed.says("✗ objective at line 9: workloads.w.wait.mean"));
  suite.accept();
  const CheckAnswer known = check_cli({"check", suite.dir});
  CHECK(known.code == 0);
  CHECK(known.says("1 objective known to be missed"));
}

TEST_CASE("what cannot be run is skipped with a reason") {
  const SuiteFiles suite;
  suite.accept();
  suite.home.write("suite/study.json", R"({"name": "s", "base": "queue.json", "variations": {}})");
  suite.home.write("suite/.hidden/x.json", "{");
  suite.home.write(
      "suite/traced.json",
      edited_text(kQueueScenario,
                  R"("generate": {"run": {"lognormal": {"mean": "1 s", "cv": 2}}, "cores": 1},
    "arrivals": {"poisson": {"rate": "1.8 /s"}})",
                  R"("trace": {"format": "csv", "file": "no.csv"})"));
  const CheckAnswer skipped = check_cli({"check", suite.dir});
  INFO(skipped.out + skipped.err);
  CHECK(skipped.code == 0);
  CHECK(skipped.says("– study   skipped: a study"));
  CHECK(skipped.says("– traced  skipped: there is no file \"no.csv\" (workloads.w.trace.file)"));
  CHECK(skipped.says("1 passed, 2 skipped"));
  CHECK(check_cli({"check", suite.dir, "--require-files"}).code == 2);
}

TEST_CASE("a suite of which nothing can be run is no green light") {
  const SuiteFiles suite;
  const std::string study =
      suite.home.write("other/study.json", R"({"name": "s", "base": "q.json", "variations": {}})");
  const CheckAnswer skipped = check_cli({"check", suite.home.path("other")});
  CHECK(skipped.code == 1);
  CHECK(skipped.says("1 skipped"));
  CHECK(skipped.complains("nothing was checked: every file was skipped"));
}

TEST_CASE("a baseline has no more seeds than its trace has windows") {
  const SuiteFiles suite;
  std::string csv = "submit_s,run_s,cores\n";
  for (int hour = 0; hour < 5; ++hour) csv += std::to_string(3600 * hour) + ",60,1\n";
  suite.home.write("suite/jobs.csv", csv);
  suite.home.write(
      "suite/queue.json",
      edited_text(kQueueScenario,
                  R"("generate": {"run": {"lognormal": {"mean": "1 s", "cv": 2}}, "cores": 1},
    "arrivals": {"poisson": {"rate": "1.8 /s"}})",
                  R"("trace": {"format": "csv", "file": "jobs.csv",
                      "window": {"length": "1 h"}})"));
  const CheckAnswer many = check_cli({"check", suite.dir, "--update", "--seeds", "9"});
  INFO(many.err);
  CHECK(many.code == 2);
  CHECK(many.complains("the trace of workload \"w\" has 4 windows, and 9 are to be replayed"));
  CHECK(check_cli({"check", suite.dir, "--update", "--seeds", "4"}).code == 0);
  CHECK(check_cli({"check", suite.dir}).code == 0);
}

TEST_CASE("one wrong file is exit code 2, all of it is said, and nothing is run or updated") {
  const SuiteFiles suite;
  suite.accept();
  const std::string before = suite.baseline();
  suite.home.write("suite/queue.json", edited_text(kQueueScenario, "1.8 /s", "1.7 /s"));
  suite.home.write("suite/wrong.json", edited_text(kQueueScenario, "\"pool\"", "\"pol\""));
  suite.home.write("suite/wrong.baseline.json", R"({"schema": "hyperdc.baseline/1", "sed": 1})");
  const std::string junit = suite.home.path("out.xml");
  const CheckAnswer wrong = check_cli({"check", suite.dir, "--update", "--junit", junit});
  CHECK(wrong.code == 2);
  CHECK(wrong.complains("unknown key"));
  CHECK(wrong.complains("did you mean \"seed\"?"));
  CHECK(wrong.complains("Nothing was run."));
  CHECK(wrong.says("not run: another file is invalid"));
  CHECK(suite.baseline() == before);
  CHECK(suite.home.read("out.xml").find("<error type=\"invalid\"") != std::string::npos);
}

TEST_CASE("bad baselines are told with their places, all at once") {
  const SuiteFiles suite;
  suite.home.write("suite/queue.baseline.json", R"({"schema": "hyperdc.baseline/2", "seed": 1,
    "scenario_sha256": "xyz", "fingerprints": ["12"], "metrics": {
      "a": {"value": 1, "unit": "s", "tolerance": {}},
      "b": {"value": 1, "unit": "s", "tolerance": {"exact": true, "relative": 1}},
      "c": {"value": 1, "unit": "s", "tolerance": {"relative": -1}, "values": [1, 2]},
      "d": {"value": "x", "unit": "s", "tolerance": {"statistical": {"confidence": 2}}}}})");
  const CheckAnswer bad = check_cli({"check", suite.dir});
  CHECK(bad.code == 2);
  for (const char* part :
       {"queue.baseline.json:1:", "schema", "not 64 hexadecimal digits", "not 16 hexadecimal",
        "metrics.a.tolerance: one key is missing", "\"exact\" stands alone",
        "metrics.c.tolerance.relative", "2 values for 1 seed", "metrics.d.value",
        "one seed says nothing", "confidence"}) {
    INFO(part << "\n" << bad.err);
    CHECK(bad.complains(part));
  }
  suite.home.write("suite/queue.baseline.json", "{");
  CHECK(check_cli({"check", suite.dir}).code == 2);
  suite.home.write("gone/x.baseline.json", "{}");
  const CheckAnswer gone = check_cli({"check", suite.home.path("gone")});
  CHECK(gone.code == 2);
  CHECK(gone.complains("is gone"));
}

TEST_CASE("wrong options are exit code 2") {
  const SuiteFiles suite;
  suite.home.write("suite/more.json", kQueueScenario);
  CHECK(check_cli({"check"}).code == 2);
  CHECK(check_cli({"check", suite.home.path("none")}).code == 2);
  CHECK(check_cli({"check", suite.dir, "--seeds", "3"}).complains("--update"));
  CHECK(check_cli({"check", suite.dir, "--baseline", "b.json"}).complains("a baseline is of one"));
  CHECK(check_cli({"check", suite.dir, "--set", "seed=2"}).code == 2);
  CHECK(check_cli({"check", suite.dir, "--junit", suite.home.path("no/where.xml")}).code == 2);
  suite.home.write("empty/notes.txt", "");
  CHECK(check_cli({"check", suite.home.path("empty")}).complains("no scenario lies here"));
}

TEST_CASE("a baseline may lie elsewhere") {
  const SuiteFiles suite;
  const std::string elsewhere = suite.home.path("b.json");
  REQUIRE(check_cli({"check", suite.file, "--baseline", elsewhere, "--update"}).code == 0);
  CHECK_FALSE(suite.home.exists("suite/queue.baseline.json"));
  CHECK(check_cli({"check", suite.file, "--baseline", elsewhere}).code == 0);
  suite.home.write("suite/queue.json", edited_text(kQueueScenario, "1.8 /s", "1.7 /s"));
  CHECK(check_cli({"check", suite.file, "--baseline", elsewhere}).says("--baseline " + elsewhere));
}

TEST_CASE("the same bytes for any number of jobs, in the order of names") {
  const SuiteFiles suite;
  for (const char* name : {"c", "a", "b", "d", "sub/e"}) {
    suite.home.write(
        std::string("suite/") + name + ".json",
        edited_text(kQueueScenario, "1.8 /s", "1." + std::to_string(name[0] % 10) + " /s"));
  }
  suite.accept();
  suite.home.write("suite/b.json", edited_text(kQueueScenario, "\"fifo\"", "\"sjf\""));
  const CheckAnswer one = check_cli({"check", suite.dir, "--jobs", "1"});
  const CheckAnswer many = check_cli({"check", suite.dir, "--jobs", "7"});
  CHECK(one.code == 1);
  CHECK(one.out == many.out);
  CHECK(check_cli({"check", suite.dir, "--jobs", "1", "--format", "json"}).out ==
        check_cli({"check", suite.dir, "--jobs", "7", "--format", "json"}).out);
  const auto json = nlohmann::json::parse(check_cli({"check", suite.dir, "--format", "json"}).out);
  std::vector<std::string> names;
  for (const auto& scenario : json["scenarios"]) names.push_back(scenario["name"]);
  CHECK(names == std::vector<std::string>{"a", "b", "c", "d", "queue", "e"});
}

TEST_CASE("GitHub gets annotations and a summary, pull requests Markdown") {
  const SuiteFiles suite;
  suite.accept();
  suite.home.write("suite/queue.json", edited_text(kQueueScenario, "\"fifo\"", "\"sjf\""));
  const std::string summary = suite.home.write("summary.md", "before\n");
  const CheckAnswer failed =
      check_cli({"check", suite.dir, "--markdown", suite.home.path("pr.md")},
                {{"GITHUB_ACTIONS", "true"}, {"GITHUB_STEP_SUMMARY", summary}});
  CHECK(failed.code == 1);
  CHECK(
      failed.complains("::error file=" + suite.home.path("suite/queue.baseline.json") + ",line="));
  CHECK(failed.complains("title=queue%3A baseline moved::workloads.w."));
  CHECK_FALSE(failed.says("::error"));
  CHECK(suite.home.read("summary.md") == "before\n" + suite.home.read("pr.md"));
  CHECK(suite.home.read("pr.md").find("| ❌ | queue |") != std::string::npos);
}

TEST_CASE("a check replaces none of its inputs and skips nothing that is named") {
  const SuiteFiles suite;
  suite.accept();
  const std::string before = suite.home.read("suite/queue.json");
  CHECK(check_cli({"check", suite.dir, "--junit", suite.file}).complains("it would replace"));
  CHECK(check_cli({"check", suite.dir, "--markdown", suite.home.path("suite/queue.baseline.json")})
            .code == 2);
  CHECK(suite.home.read("suite/queue.json") == before);
  // A mistyped key in a scenario that is named is a mistake, not another kind of file.
  const std::string typo =
      suite.home.write("typo.json", edited_text(kQueueScenario, "\"regions\"", "\"region\""));
  const CheckAnswer wrong = check_cli({"check", typo});
  CHECK(wrong.code == 2);
  CHECK(wrong.complains("did you mean \"regions\"?"));
  // One file by two names is one scenario.
  const CheckAnswer twice = check_cli({"check", suite.file, suite.dir + "/../suite/queue.json"});
  CHECK(twice.says("1 passed"));
}

TEST_CASE("a baseline whose metrics are all gone gets the usual ones") {
  const SuiteFiles suite;
  suite.accept();
  auto baseline = nlohmann::json::parse(suite.baseline());
  baseline["metrics"] = {{"workloads.other.wait.mean", baseline["metrics"].front()}};
  suite.home.write("suite/queue.baseline.json", baseline.dump());
  CHECK(check_cli({"check", suite.dir, "--update"}).code == 0);
  CHECK(check_cli({"check", suite.dir}).code == 0);
  CHECK(nlohmann::json::parse(suite.baseline())["metrics"].size() > 1);
}
