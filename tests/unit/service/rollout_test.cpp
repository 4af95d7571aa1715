// Rollouts, by hand: eight replicas that start in ten seconds.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "support/load_example.hpp"

namespace hyperdc {
namespace {

using Sets = std::vector<Override>;

RunResult run_rollouts(const std::string& rollouts, const Sets& more = {}) {
  Sets sets = {{"workloads.web.replicas", R"({"min": 8, "max": 16})"},
               {"workloads.web.instance.start", "10 s"},
               {"workloads.web.service_time", "100 ms"},
               {"workloads.web.arrivals.closed.think", "100 ms"},
               {"workloads.web.rollouts", rollouts}};
  sets.insert(sets.end(), more.begin(), more.end());
  return test::run_seeds(test::load_file("tests/unit/service/two_zones.json", sets), 1).front();
}

double of_rollout(const RunResult& result, const std::string& name) {
  return test::metric(result, "workloads.web." + name);
}

TEST_CASE("a rolling update changes a quarter more at a time and lacks a quarter at most") {
  // 100: two old ones leave, four new ones start; 110: six ready, four start; 120: eight ready
  const RunResult run = run_rollouts(R"([{"at": "100 s"}])");
  CHECK(of_rollout(run, "rollouts.finished") == 1);
  CHECK(of_rollout(run, "rollouts.rolled_back") == 0);
  CHECK(of_rollout(run, "rollouts.time") == Approx(20));
  CHECK(of_rollout(run, "main.ready.mean") == Approx(8 - 2 * 20 / 200.0));
  CHECK(of_rollout(run, "main.ready.max") == 8);
  CHECK(of_rollout(run, "main.replica_time") ==
        Approx(8 * 200 + 2 * 20).margin(0.5));  // ten are placed meanwhile
  CHECK(of_rollout(run, "failed") == 0);
  CHECK(of_rollout(run, "rollouts.exposure") == 0);
}

TEST_CASE("without surge or without lack the numbers follow") {
  // no surge, half may lack: 4 leave and 4 start, twice
  const RunResult lack =
      run_rollouts(R"([{"at": "100 s", "max_surge": 0, "max_unavailable": 0.5}])");
  CHECK(of_rollout(lack, "rollouts.time") == Approx(20));
  CHECK(of_rollout(lack, "main.ready.mean") == Approx(8 - 4 * 20 / 200.0));
  CHECK(of_rollout(lack, "main.replica_time") == Approx(8 * 200).margin(0.5));
  // all at once beside the old ones: sixteen for ten seconds
  const RunResult surge =
      run_rollouts(R"([{"at": "100 s", "max_surge": 1, "max_unavailable": 0}])");
  CHECK(of_rollout(surge, "rollouts.time") == Approx(10));
  CHECK(of_rollout(surge, "main.ready.mean") >= 8);
  CHECK(of_rollout(surge, "main.replica_time") == Approx(8 * 200 + 8 * 10).margin(0.5));
  // neither: one at a time
  const RunResult one = run_rollouts(R"([{"at": "100 s", "max_surge": 0, "max_unavailable": 0}])");
  CHECK(of_rollout(one, "rollouts.time") == Approx(80));
  CHECK(of_rollout(one, "main.ready.mean") == Approx(8 - 80 / 200.0));
}

TEST_CASE("waves bake before the next, and a second rollout waits for the first") {
  // two of eight: 50-60, baked to 80; six more: two leave, four start at 80, 90 the last two, 100
  const RunResult run = run_rollouts(
      R"([{"at": "50 s", "waves": [{"share": 0.25, "bake": "20 s"}, {"bake": "5 s"}]},
          {"at": "60 s"}])");
  CHECK(of_rollout(run, "rollouts.finished") == 2);
  CHECK(of_rollout(run, "rollouts.time") == Approx((105 - 50) + 20));
}

const std::string kFirstWave = R"("waves": [{"share": 0.25, "bake": "60 s"}, {}])";

TEST_CASE("a bad version that is seen in its first wave goes back") {
  // 100: two leave, two start, ready at 110; seen at 140; two of the old version ready at 150
  const RunResult run =
      run_rollouts(R"([{"at": "100 s", )" + kFirstWave +
                   R"(, "bad": {"error_rate": 1}, "detection": {"delay": "30 s"}}])");
  CHECK(of_rollout(run, "rollouts.bad") == 1);
  CHECK(of_rollout(run, "rollouts.finished") == 0);
  CHECK(of_rollout(run, "rollouts.rolled_back") == 1);
  CHECK(of_rollout(run, "rollouts.time") == Approx(50));
  CHECK(of_rollout(run, "main.ready.mean") == Approx(8 - 2 * 20 / 200.0));
  CHECK(of_rollout(run, "rollouts.errors") == of_rollout(run, "failed"));
  // a quarter of the requests of 30 s, each taking 0.2 s with the thought after it
  CHECK(of_rollout(run, "rollouts.errors") == Approx(0.25 * 30 / 0.2).epsilon(0.1));
  CHECK(of_rollout(run, "rollouts.exposure") == Approx(0.25 * 30 / 200).epsilon(0.1));
}

TEST_CASE("a bad version that is seen too late goes back from everywhere") {
  // everywhere at 120; seen at 110 + 50; back at 180
  const RunResult run = run_rollouts(R"([{"at": "100 s", "bad": {"service_time_factor": 3},
                        "detection": {"delay": "50 s"}}])");
  CHECK(of_rollout(run, "rollouts.finished") == 0);
  CHECK(of_rollout(run, "rollouts.rolled_back") == 1);
  CHECK(of_rollout(run, "rollouts.time") == Approx(20 + 20));
  CHECK(of_rollout(run, "latency.max") == Approx(0.3));
  CHECK(of_rollout(run, "failed") == 0);
}

TEST_CASE("what nobody sees stays until the next version") {
  const RunResult run =
      run_rollouts(R"([{"at": "50 s", "bad": {"error_rate": 1}}, {"at": "100 s"}])");
  CHECK(of_rollout(run, "rollouts.finished") == 2);
  CHECK(of_rollout(run, "rollouts.rolled_back") == 0);
  const RunResult stays = run_rollouts(R"([{"at": "50 s", "bad": {"error_rate": 1}}])");
  CHECK(of_rollout(stays, "rollouts.errors") > 1.9 * of_rollout(run, "rollouts.errors"));
}

TEST_CASE("a client tries again what a bad version failed") {
  const RunResult run = run_rollouts(
      R"([{"at": "100 s", )" + kFirstWave +
          R"(, "bad": {"error_rate": 1}, "detection": {"delay": "30 s"}}])",
      {{"workloads.web.client", R"({"retry": {"max_attempts": 5, "backoff": "1 ms"}})"}});
  CHECK(of_rollout(run, "rollouts.errors") > 0);
  CHECK(of_rollout(run, "retries") == of_rollout(run, "rollouts.errors"));
  CHECK(of_rollout(run, "failed") == 0);
}

TEST_CASE("error rates are rates, and chances are chances") {
  const RunResult run =
      run_rollouts(R"([{"at": "0 s", "max_unavailable": 1, "bad": {"error_rate": 0.2}}])",
                   {{"duration", "2000 s"}});
  const double served = of_rollout(run, "completed") + of_rollout(run, "failed");
  CHECK(of_rollout(run, "failed") / served == Approx(0.2).epsilon(0.05));
  // of forty rollouts with a chance of one half: 20 +- 3 sigma
  std::string many = "[";
  for (int i = 1; i <= 40; ++i) {
    many += (i > 1 ? "," : "") + std::string(R"({"at": ")") + std::to_string(30 * i) +
            R"( s", "bad": {"probability": 0.5, "error_rate": 0.1}})";
  }
  const RunResult chance = run_rollouts(many + "]", {{"duration", "1300 s"}});
  CHECK(of_rollout(chance, "rollouts.bad") >= 10);
  CHECK(of_rollout(chance, "rollouts.bad") <= 30);
  CHECK(of_rollout(chance, "rollouts.finished") == 40);
}

TEST_CASE("an autoscaler's replicas keep the share of the versions") {
  // four of eight are new from 60 on; the autoscaler goes to twelve at 70: six of them are new
  const RunResult run = run_rollouts(
      R"([{"at": "50 s", "waves": [{"share": 0.5, "bake": "140 s"}, {}],
           "bad": {"error_rate": 1}}])",
      {{"workloads.web.autoscaler",
        R"({"policy": "scheduled", "companion": "none", "period": "10 s", "at": ["0 s", "65 s"],
          "replicas": [8, 12]})"}});
  CHECK(of_rollout(run, "main.ready.max") == 12);
  // bad from 60 to 180 at least: half of the requests
  CHECK(of_rollout(run, "rollouts.exposure") == Approx(0.5 * 130 / 200).epsilon(0.12));
}

TEST_CASE("a wave of a region or a zone takes its pools") {
  const Sets pools = {
      {"pools", R"({"main": null, "a": {"racks": ["lab.a"]}, "b": {"racks": ["lab.b"]}})"},
      {"workloads.web.pools", R"(["a", "b"])"}};
  const RunResult run = run_rollouts(
      R"([{"at": "100 s", "waves": [{"zones": ["lab.b"], "bake": "40 s"}, {"in": ["lab"]}]}])",
      pools);
  CHECK(of_rollout(run, "rollouts.time") == Approx(20 + 40 + 20));
  CHECK(of_rollout(run, "a.ready.mean") == Approx(8 - 2 * 20 / 200.0));
  CHECK(of_rollout(run, "b.ready.mean") == Approx(8 - 2 * 20 / 200.0));
}

TEST_CASE("a rollout waits for its launch plane and goes on when it is back") {
  const RunResult run =
      run_rollouts(R"([{"at": "100 s"}])",
                   {{"control_planes",
                     R"({"p": {"kind": "launch", "outages": [{"at": "105 s", "for": "20 s"}]}})"}});
  CHECK(of_rollout(run, "rollouts.finished") == 1);
  // what started at 100 is ready at 110; no old one leaves and none starts before 125
  CHECK(of_rollout(run, "rollouts.time") == Approx(35 + 1).margin(1.01));
}

}  // namespace
}  // namespace hyperdc
