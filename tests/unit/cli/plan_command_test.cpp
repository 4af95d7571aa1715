// plan as a user calls it: what it prints, and its exit codes.
#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/command_line.hpp"
#include "report/terminal.hpp"
#include "support/temporary_directory.hpp"

using namespace hyperdc;

namespace {

struct PlanAnswered {
  int code = 0;
  std::string out, err;
  bool says(const std::string& part) const { return out.find(part) != std::string::npos; }
  bool complains(const std::string& part) const { return err.find(part) != std::string::npos; }
};

PlanAnswered ask_plan(const std::vector<std::string>& arguments) {
  const std::map<std::string, std::string> environment = {{"LANG", "C.UTF-8"}};
  std::ostringstream out, err;
  Console console{out, err, {false, environment}, {false, environment}};
  const int code = run_command_line(arguments, console);
  return {code, out.str(), err.str()};
}

/// M/M/c at an offered load of 4.
struct StaffingFiles {
  test::TemporaryDirectory home;
  std::string study(const std::string& plan, const std::string& more = "") const {
    return home.write("study.json", R"({"name": "staff", "base": "queue.json")" + more +
                                        R"(, "plan": )" + plan + "}");
  }
  /// Into a file of its own.
  PlanAnswered plan(const std::string& file, std::vector<std::string> more = {}) const {
    const std::string out = home.path(fmt::format("{}.sqlite", plans++));
    more.insert(more.begin(), {"plan", file, "--out", out});
    return ask_plan(more);
  }
  mutable int plans = 0;
  StaffingFiles() {
    home.write("queue.json", R"({"name": "q", "duration": "600 s", "warmup": "60 s",
      "server_types": {"s": {"cores": 6, "memory": "1 GiB", "host_power": null, "power_reason": "-",
                             "price": "1 USD/h"}},
      "regions": {"r": {"racks": {"k": {"server": "s", "servers_per_rack": 1, "count": 1}}}},
      "pools": {"p": {}},
      "workloads": {"w": {"kind": "jobs", "pool": "p", "generate": {"run":
        {"exponential": {"mean": "1 s"}}, "cores": 1},
        "arrivals": {"poisson": {"rate": "4 /s"}}}}})");
  }
};

const char* const kServers = R"("knobs": {"servers": {"at": "server_types.s.cores",
  "range": [3, 18, 1]}}, "replications": {"first": 4, "most": 16})";
const char* const kShort = R"("objectives": [{"metric": "workloads.w.wait.mean",
  "at_most": "300 ms"}])";

}  // namespace

TEST_CASE("plan finds how many servers keep a wait short, the same with any number of threads") {
  const StaffingFiles files;
  // Erlang C at 4 erlang: W(5) = 0.554 s, W(6) = 0.142 s.
  const std::string study = files.study(fmt::format("{{{}, {}}}", kServers, kShort));
  CHECK(ask_plan({"validate", study}).code == 0);
  const PlanAnswered text = files.plan(study, {"--jobs", "1"});
  INFO(text.out << text.err);
  CHECK(text.code == 0);
  CHECK(text.says("servers=6 is the least that meets the objectives."));
  CHECK(text.says("One step less fails: servers=5."));
  CHECK(text.says("CONFIRMED"));
  CHECK(text.out == files.plan(study, {"--jobs", "3"}).out);
  std::istringstream lines(text.out);
  for (std::string line; std::getline(lines, line);) CHECK(display_width(line) <= 100);

  const auto json = nlohmann::json::parse(files.plan(study, {"--format", "json"}).out);
  CHECK(json["schema"] == "hyperdc.plan/1");
  CHECK(json["status"] == "found");
  const auto& answer = json["candidates"][json["answer"].get<std::size_t>()];
  CHECK(answer["values"]["servers"] == "6");
  CHECK(answer["objectives"][0]["mean"].get<double>() == Approx(0.142).epsilon(0.3));
  CHECK(json["confirmation"].size() == 2);
  CHECK(json["confirmation"][0]["first_seed"] == 17);
}

TEST_CASE("no candidate that meets is exit code 1") {
  const StaffingFiles files;
  const std::string study = files.study(fmt::format(
      R"({{{}, "objectives": [{{"metric": "workloads.w.completion.mean", "at_most": "500 ms"}}]}})",
      kServers));
  const PlanAnswered none = files.plan(study);
  INFO(none.out << none.err);
  CHECK(none.code == 1);
  CHECK(none.says("servers=18, the most, fails: if servers is monotone none meets."));
}

TEST_CASE("wrong plans are exit code 2, and nothing is run") {
  const StaffingFiles files;
  const auto refused = [&](const std::string& plan, const std::string& part) {
    const std::string study = files.study(plan);
    const PlanAnswered answer = files.plan(study);
    INFO(answer.err);
    CHECK(answer.code == 2);
    CHECK(answer.complains(part));
    CHECK(answer.complains("Nothing was run."));
    CHECK(answer.out.empty());
    CHECK(ask_plan({"validate", study}).code == 2);
  };
  refused(fmt::format("{{{}}}", kServers), "there is nothing to meet");
  refused(fmt::format(R"({{{}, "objectives": [{{"metric": "workloads.w.wait.men",
    "at_most": "1 s"}}]}})",
                      kServers),
          "did you mean \"workloads.w.wait.mean\"?");
  refused(fmt::format(R"({{{}, "objectives": [{{"metric": "workloads.w.wait.mean",
    "at_most": 1}}]}})",
                      kServers),
          "the metric is in s");
  refused(fmt::format(R"({{{}, {}, "minimize": "cost.totel"}})", kServers, kShort),
          "did you mean \"cost.total\"?");
  refused(fmt::format(R"({{"knobs": {{"a": {{"at": "server_types.s.core", "range": [1, 2, 1]}}}},
    {}}})",
                      kShort),
          "did you mean \"cores\"?");
  refused(fmt::format(R"({{"knobs": {{"a": {{"at": "objectives.0.at_most", "range": [1, 2, 1]}}}},
    {}}})",
                      kShort),
          "its own objectives");
  refused(fmt::format(R"({{"knobs": {{"a": {{"at": "server_types.s.cores", "range": [0, 2, 1]}}}},
    {}}})",
                      kShort),
          "server_types.s.cores");
  CHECK(ask_plan({"plan", files.home.path("none.json")}).code == 2);
  CHECK(ask_plan({"plan"}).code == 2);
}

TEST_CASE("a step that no value may have is one error") {
  const StaffingFiles files;
  const PlanAnswered answer = files.plan(files.study(fmt::format(
      R"({{"knobs": {{"a": {{"at": "regions.r.racks.k.count", "range": [3, 6, 0.5]}}}}, {}}})",
      kShort)));
  INFO(answer.err);
  CHECK(answer.code == 2);
  CHECK(answer.complains("3.5 is not a whole number"));
  CHECK(answer.complains("in variation \"a=3.5\" and 2 others"));
  CHECK(answer.complains("1 error"));
  // Two knobs: an error each.
  const PlanAnswered two = files.plan(files.study(fmt::format(
      R"({{"knobs": {{"a": {{"at": "regions.r.racks.k.count", "range": [3, 6, 0.5]}},
      "b": {{"at": "regions.r.racks.k.servers_per_rack", "range": [1, 2, 0.5]}}}},
      "minimize": "a", {}}})",
      kShort)));
  INFO(two.err);
  CHECK(two.complains("2 errors"));
}

TEST_CASE("what a plan sets is not set beside it") {
  const StaffingFiles files;
  const std::string study = files.study(fmt::format("{{{}, {}}}", kServers, kShort));
  for (const std::string set :
       {"server_types.s.cores=7", "/server_types/s/cores=7", "objectives=[]", "seed=3"}) {
    const PlanAnswered answer = files.plan(study, {"--set", set});
    INFO(set << answer.err);
    CHECK(answer.code == 2);
    CHECK(answer.complains("--set"));
    CHECK(answer.complains("E034"));
  }
  CHECK(ask_plan({"validate", study, "--set", "duration=300 s"}).code == 0);
}

TEST_CASE("a metric with bounds on both sides has no monotone knob") {
  const StaffingFiles files;
  const std::string both = R"("objectives": [{"metric": "pools.p.allocation.cores.mean",
    "at_least": 0.5, "at_most": 0.7}])";
  const PlanAnswered refused = files.plan(files.study(fmt::format("{{{}, {}}}", kServers, both)));
  INFO(refused.err);
  CHECK(refused.code == 2);
  CHECK(refused.complains("bounded on both sides"));
  CHECK(refused.complains("\"monotone\": false"));
  const std::string free = files.study(fmt::format(
      R"({{"knobs": {{"servers": {{"at": "server_types.s.cores", "range": [5, 9, 1],
      "monotone": false}}}}, "replications": {{"first": 4, "most": 16}}, {}}})",
      both));
  const PlanAnswered found = files.plan(free);
  INFO(found.out << found.err);
  CHECK(found.code == 0);  // 4 / 0.7 = 5.7 to 4 / 0.5 = 8 servers
  CHECK(found.says("servers=6"));
}

TEST_CASE("too few windows of a trace are one problem, in the plan") {
  const StaffingFiles files;
  std::string csv = "submit_s,run_s,cores\n";
  for (int i = 0; i < 40; ++i) csv += fmt::format("{},60,1\n", i * 60);
  files.home.write("jobs.csv", csv);
  files.home.write("queue.json", R"({"name": "q",
    "server_types": {"s": {"cores": 6, "memory": "1 GiB", "host_power": null,
                           "power_reason": "-"}},
    "regions": {"r": {"racks": {"k": {"server": "s", "servers_per_rack": 1, "count": 1}}}},
    "pools": {"p": {}},
    "workloads": {"w": {"kind": "jobs", "pool": "p", "trace": {"format": "csv",
      "file": "jobs.csv", "window": {"length": "10 min"}}}}})");
  const PlanAnswered answer = files.plan(files.study(fmt::format("{{{}, {}}}", kServers, kShort)));
  INFO(answer.err);
  CHECK(answer.code == 2);
  CHECK(answer.complains("study.json"));
  CHECK(answer.complains("plan.replications"));
  CHECK(answer.complains("32 are to be replayed"));
  CHECK(answer.complains("1 error"));
  CHECK(answer.err.find("to be replayed") == answer.err.rfind("to be replayed"));
}

TEST_CASE("what is minimised needs a value where the objectives are met, and only there") {
  const StaffingFiles files;
  const auto plan = [&](const std::string& more) {
    return files.plan(files.study(fmt::format("{{{}, {}, {}}}", kServers, kShort, more)));
  };
  const PlanAnswered energy = plan(R"("minimize": "regions.r.energy")");
  INFO(energy.out << energy.err);
  CHECK(energy.code == 3);
  CHECK(energy.complains("has no value and cannot be minimised: "));
}
