// sweep, compare and export as a user calls them: what they print, and their exit codes.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "cli/command_line.hpp"
#include "support/temporary_directory.hpp"

using namespace hyperdc;

namespace {

struct Answer {
  int code = 0;
  std::string out, err;
  bool says(const std::string& part) const { return out.find(part) != std::string::npos; }
  bool complains(const std::string& part) const { return err.find(part) != std::string::npos; }
};

Answer ask(const std::vector<std::string>& arguments) {
  const std::map<std::string, std::string> environment = {{"LANG", "C.UTF-8"}};
  std::ostringstream out, err;
  Console console{out, err, {false, environment}, {false, environment}};
  const int code = run_command_line(arguments, console);
  return {code, out.str(), err.str()};
}

/// A queue at three rates, four seeds each.
struct QueueStudy {
  test::TemporaryDirectory home;
  std::string study = home.write("study.json", R"({"name": "rates", "base": "queue.json",
    "seed": 1, "replications": 4, "vary": {"rate": {"at": "workloads.w.arrivals.poisson.rate",
    "values": ["1 /s", "1.5 /s", "1.9 /s"]}}})");
  std::string store = home.path("rates.sqlite");
  QueueStudy() {
    home.write("queue.json", R"({"name": "q", "duration": "1000 s",
      "server_types": {"s": {"cores": 2, "memory": "1 GiB", "host_power": null,
                             "power_reason": "-"}},
      "regions": {"r": {"racks": {"k": {"server": "s", "servers_per_rack": 1, "count": 1}}}},
      "pools": {"p": {}},
      "workloads": {"w": {"kind": "jobs", "pool": "p", "generate": {"run":
        {"exponential": {"mean": "1 s"}}, "cores": 1},
        "arrivals": {"poisson": {"rate": "1 /s"}}}}})");
  }
};

}  // namespace

TEST_CASE("a study is validated, listed, swept, compared and exported") {
  const QueueStudy files;
  CHECK(ask({"validate", files.study}).code == 0);
  const Answer listed = ask({"sweep", files.study, "--list"});
  CHECK(listed.code == 0);
  CHECK(listed.says("1.9 /s"));
  CHECK(listed.says("1..4"));
  const auto plan =
      nlohmann::json::parse(ask({"sweep", files.study, "--list", "--format", "json"}).out);
  CHECK(plan["runs"].size() == 12);
  CHECK(plan["runs"][11]["parameters"]["rate"] == "1.9 /s");

  const Answer swept = ask({"sweep", files.study, "--out", files.store, "--jobs", "2"});
  INFO(swept.err);
  CHECK(swept.code == 0);
  CHECK(swept.says("12 runs, 12 done now"));
  const Answer again = ask({"sweep", files.study, "--out", files.store});
  CHECK(again.code == 2);
  CHECK(again.complains("--resume"));
  const Answer more =
      ask({"sweep", files.study, "--out", files.store, "--resume", "--replications", "5"});
  CHECK(more.says("15 runs, 12 done before, 3 done now"));

  const Answer compared = ask({"compare", files.store, "--metric", "workloads.w.wait.mean"});
  CHECK(compared.code == 0);
  CHECK(compared.says("1.9 /s against 1 /s · 5 paired seeds"));
  CHECK(compared.says("worse"));
  CHECK(ask({"compare", files.store, "--fail-if", "worse"}).code == 1);
  CHECK(ask({"compare", files.store, "--base", "1.9 /s", "--metric", "workloads.w.wait.mean",
             "--fail-if", "worse"})
            .code == 0);
  const auto json = nlohmann::json::parse(ask({"compare", files.store, "--format", "json"}).out);
  CHECK(json["schema"] == "hyperdc.comparison/1");

  const auto exported = nlohmann::json::parse(ask({"export", files.store}).out);
  CHECK(exported["schema"] == "hyperdc.study/1");
  CHECK(exported["runs"].size() == 15);
  const Answer csv = ask({"export", files.store, "--format", "csv"});
  CHECK(csv.says("variation,parameter.rate,seed,metric,value,unit\n"));
  CHECK(csv.says("1.9 /s,1.9 /s,5,workloads.w.wait.mean,"));
}

TEST_CASE("wrong studies and names are exit code 2 and name what was meant") {
  const QueueStudy files;
  const std::string bad = files.home.write("bad.json", R"({"name": "x", "base": "queue.json",
    "vary": {"a": {"at": "workloads.w.arivals", "values": [1]}}, "sed": 1})");
  const Answer wrong = ask({"sweep", bad});
  CHECK(wrong.code == 2);
  CHECK(wrong.complains("did you mean \"seed\"?"));
  CHECK(wrong.complains("Nothing was run."));
  CHECK(ask({"validate", bad}).code == 2);
  CHECK(ask({"export", files.home.path("none.sqlite")}).code == 2);
  CHECK(ask({"compare", files.study}).code == 2);
  REQUIRE(ask({"sweep", files.study, "--out", files.store}).code == 0);
  const Answer metric = ask({"compare", files.store, "--metric", "workloads.w.wait.men"});
  CHECK(metric.code == 2);
  CHECK(metric.complains("did you mean \"workloads.w.wait.mean\"?"));
  CHECK(ask({"compare", files.store, "--base", "2 /s"}).code == 2);
  CHECK(ask({"compare", files.store, "--margin", "a"}).code == 2);
  const Answer one =
      ask({"sweep", files.study, "--out", files.home.path("one"), "--replications", "1"});
  CHECK(one.code == 0);
  CHECK(ask({"compare", files.home.path("one")}).code == 2);  // one seed says nothing
}

TEST_CASE("two sweeps of one study are compared name by name, as a gate") {
  const QueueStudy files;
  const std::string aims = R"("metrics": ["workloads.w.wait.mean"], "margin":
    {"workloads.w.wait.mean": 0.5}, )";
  std::string text = files.home.read("study.json");
  text.insert(1, aims);
  files.home.write("study.json", text);
  const std::string before = files.home.path("before"), after = files.home.path("after");
  REQUIRE(ask({"sweep", files.study, "--out", before}).code == 0);
  REQUIRE(ask({"sweep", files.study, "--out", after}).code == 0);
  // Nothing changed: the gate opens, though the variations differ among each other.
  const Answer same = ask({"compare", before, after, "--fail-if", "worse"});
  INFO(same.out << same.err);
  CHECK(same.code == 0);
  CHECK(same.says("rates#2/1.9 /s against rates/1.9 /s"));
  const auto json = nlohmann::json::parse(ask({"compare", before, after, "--format", "json"}).out);
  REQUIRE(json["variations"].size() == 3);
  CHECK(json["variations"][0]["differences"].size() == 1);  // what the study is about
  CHECK(json["variations"][2]["base"] == "rates/1.9 /s");
  // Longer jobs: each variation is worse than its namesake.
  REQUIRE(ask({"sweep", files.study, "--out", files.home.path("worse"), "--set",
               R"(workloads.w.generate.run={"exponential": {"mean": "1.04 s"}})"})
              .code == 0);
  CHECK(ask({"compare", before, files.home.path("worse"), "--margin", "0", "--fail-if", "worse"})
            .code == 1);
  // Runs of another duration are not compared, and a gate does not open on what it cannot see.
  REQUIRE(
      ask({"sweep", files.study, "--out", files.home.path("short"), "--set", "duration=\"500 s\""})
          .code == 0);
  const Answer apart = ask({"compare", before, files.home.path("short")});
  CHECK(apart.code == 2);
  CHECK(apart.says("measures another time"));
}

TEST_CASE("a part is of runs that the study has") {
  const QueueStudy files;
  const std::string keys = files.home.write("keys.txt", "no such key\n");
  const Answer unknown = ask({"sweep", files.study, "--out", files.store, "--runs", keys});
  CHECK(unknown.code == 2);
  CHECK(unknown.complains("1 of 1 keys are of no run of this study, \"no such key\""));
  for (const char* part : {"3/3", "0/0", "-1/2", "1", "a/b", "1/2/3"}) {
    CHECK(ask({"sweep", files.study, "--out", files.store, "--part", part}).code == 2);
  }
  const auto plan =
      nlohmann::json::parse(ask({"sweep", files.study, "--list", "--format", "json"}).out);
  files.home.write("keys.txt", plan["runs"][4]["key"].get<std::string>() + "\r\n");
  CHECK(ask({"sweep", files.study, "--out", files.store, "--runs", keys}).says("1 done now"));
}

TEST_CASE("a report does not replace what it is of") {
  const QueueStudy files;
  REQUIRE(ask({"sweep", files.study, "--out", files.store}).code == 0);
  const std::string before = files.home.read("rates.sqlite");
  const Answer over = ask({"report", files.store, "-o", files.store});
  CHECK(over.code == 2);
  CHECK(over.complains("it would replace"));
  CHECK(files.home.read("rates.sqlite") == before);
  const std::string run = files.home.path("run");
  REQUIRE(ask({"run", files.home.path("queue.json"), "--out", run}).code == 0);
  CHECK(ask({"report", run, "-o", run + "/result.json"}).code == 2);
  CHECK(ask({"report", run, "-o", run + "/page.html"}).code == 0);
  CHECK(ask({"report", run, "-o", run + "/page.html"}).code == 0);  // its own page, anew
}

TEST_CASE("a report says which of the runs have no result") {
  const QueueStudy files;
  const std::string runs = files.home.path("runs");
  REQUIRE(ask({"run", files.home.path("queue.json"), "--seeds", "3", "--out", runs}).code == 0);
  const std::string page = files.home.path("page.html");
  CHECK_FALSE(ask({"report", runs, "-o", page}).complains("without a result"));
  std::ifstream names(runs + "/runs.txt");
  std::string last;
  for (std::string line; std::getline(names, line);) last = line;
  std::filesystem::remove(runs + "/" + last + "/result.json");
  const Answer answer = ask({"report", runs, "-o", page});
  CHECK(answer.code == 0);
  CHECK(answer.complains("without a result, and so not on the page: \"" + runs + "/" + last));
  CHECK(answer.says("2 runs"));
}

TEST_CASE("distributions are the same bytes for any number of threads, and as the result says") {
  const QueueStudy files;
  const std::string queue = files.home.path("queue.json");
  const auto stored = [&](const char* threads) {
    const std::string out = files.home.path(std::string("threads") + threads);
    REQUIRE(ask({"run", queue, "--seeds", "3", "--threads", threads, "--out", out}).code == 0);
    std::string all;
    std::ifstream names(out + "/runs.txt");
    for (std::string line; std::getline(names, line);) {
      if (line.empty() || line.front() == '#') continue;
      all += files.home.read(std::string("threads") + threads + "/" + line + "/distributions.csv");
    }
    return all;
  };
  const std::string one = stored("1");
  CHECK(one == stored("3"));
  CHECK(one.find("workloads.w.wait,s,") != std::string::npos);
}

TEST_CASE("each limit of a metric is an objective of its own on the page") {
  const QueueStudy files;
  std::string queue = files.home.read("queue.json");
  queue.insert(1, R"("objectives": [{"metric": "workloads.w.wait.mean", "at_most": "100 s"},
    {"metric": "workloads.w.wait.mean", "at_least": "50 s"}], )");
  files.home.write("queue.json", queue);
  REQUIRE(ask({"sweep", files.study, "--out", files.store}).code == 0);
  const auto page = nlohmann::json::parse(ask({"report", files.store, "--format", "json"}).out);
  const auto& objectives = page["study"]["variations"][0]["objectives"];
  REQUIRE(objectives.size() == 2);
  CHECK(objectives[0]["met"] == 4);
  CHECK(objectives[0]["runs"] == 4);
  CHECK(objectives[1]["met"] == 0);
  CHECK(objectives[0]["metric"] != objectives[1]["metric"]);
}
