// Services of fluid fidelity: numbers that can be written down, and what such a service refuses.
#include <catch2/catch.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "support/load_example.hpp"
#include "world/simulate.hpp"

namespace hyperdc {
namespace {

using FluidSets = std::vector<Override>;

RunResult run_fluid(const FluidSets& more) {
  FluidSets sets = {{"workloads.customers.fidelity", "fluid"}};
  sets.insert(sets.end(), more.begin(), more.end());
  return test::run_seeds(test::load_example("station", sets), 1).front();
}

double fluid_of(const RunResult& result, const std::string& name) {
  return test::metric(result, "workloads.customers." + name);
}

TEST_CASE("a fluid M/M/8 at 0.8 is Erlang's") {
  const RunResult result = run_fluid({});
  CHECK(fluid_of(result, "offered") == 6.4 * 18000);  // after the warm-up
  CHECK(fluid_of(result, "completed") == 6.4 * 18000);
  CHECK(fluid_of(result, "failed") == 0);
  CHECK(fluid_of(result, "latency.mean") == Approx(1.286028).epsilon(6e-3));
  CHECK(fluid_of(result, "queue_wait.mean") == Approx(0.286028).epsilon(2e-2));
  CHECK(fluid_of(result, "station.utilization.mean") == Approx(0.8).epsilon(1e-3));
  // those that arrived after the warm-up and were answered: some eight are under way at the end
  CHECK(fluid_of(result, "latency.count") == Approx(6.4 * 18000 - 8).margin(2));
}

TEST_CASE("the demand of a fluid service is that of its curve to the request") {
  // 5 /s, twice that from 100 s to 300 s: 1000 s and 200 s more, 6000 requests
  const RunResult result = run_fluid(
      {{"duration", "1000 s"},
       {"warmup", "0 s"},
       {"series_step", "100 s"},
       {"workloads.customers.demand",
        R"({"product": ["5 /s", {"event": {"at": "100 s", "for": "200 s", "factor": 2}}]})"}});
  CHECK(fluid_of(result, "offered") == 6000);
  // 10 /s on 8 /s for 200 s leave 400, which are gone after 134 s
  CHECK(fluid_of(result, "completed") == Approx(6000 - 5.1).margin(2));
  // the last of them waits 400 / 8 = 50 s, and by chance up to three deviations more: those of
  // 2000 arrivals and 1600 departures, sqrt(3600) / 8 = 7.5 s
  CHECK(fluid_of(result, "queue_wait.max") > 50);
  CHECK(fluid_of(result, "queue_wait.max") < 50 + 3 * 7.5);
  // 400 * (200 + 133) / 2 request seconds of waiting, and 1 s for each of the 6000
  CHECK(fluid_of(result, "station.in_system") == Approx((66667 + 6000) / 1000.0).epsilon(0.05));
}

TEST_CASE("what a fluid queue has no room for is refused") {
  // M/M/1/5 at 0.9: (1 - r) r^5 / (1 - r^6)
  const RunResult result = run_fluid({{"workloads.customers.demand", "0.9 /s"},
                                      {"workloads.customers.instance.concurrency", "1"},
                                      {"workloads.customers.instance.queue_limit", "4"}});
  const double lost = 0.1 * std::pow(0.9, 5) / (1 - std::pow(0.9, 6));
  CHECK(fluid_of(result, "failed_share") == Approx(lost).epsilon(1e-2));
  CHECK(fluid_of(result, "refused") == fluid_of(result, "failed"));
}

TEST_CASE("fluid retries come to rest where they feed themselves") {
  // M/M/1/5 and three attempts: x = 0.9 (1 + p + p^2) a second, p = Erlang's loss at x.
  const RunResult result =
      run_fluid({{"workloads.customers.demand", "0.9 /s"},
                 {"workloads.customers.instance.concurrency", "1"},
                 {"workloads.customers.instance.queue_limit", "4"},
                 {"workloads.customers.client", R"({"retry": {"max_attempts": 3}})"}});
  double lost = 0;
  double attempts = 0.9;
  for (int i = 0; i < 200; ++i) {
    attempts = 0.9 * (1 + lost + lost * lost);
    lost = (1 - attempts) * std::pow(attempts, 5) / (1 - std::pow(attempts, 6));
  }
  const double offered = 0.9 * 18000;
  CHECK(fluid_of(result, "offered") == offered);
  CHECK(fluid_of(result, "refused") == Approx(offered * attempts / 0.9 * lost).epsilon(0.01));
  CHECK(fluid_of(result, "retries") == Approx(offered * (lost + lost * lost)).epsilon(0.01));
  CHECK(fluid_of(result, "failed") == Approx(offered * lost * lost * lost).epsilon(0.01));
  // A budget of nothing is no retry at all.
  const RunResult none = run_fluid(
      {{"workloads.customers.demand", "0.9 /s"},
       {"workloads.customers.instance.concurrency", "1"},
       {"workloads.customers.instance.queue_limit", "4"},
       {"workloads.customers.client",
        R"({"retry": {"max_attempts": 3, "budget": {"ratio": 0, "min_rate": "0 /s"}}})"}});
  CHECK(fluid_of(none, "retries") == 0);
  CHECK(fluid_of(none, "failed") == fluid_of(none, "refused"));
}

TEST_CASE("a fluid client that gives up wastes the work") {
  // M/M/1 at 0.5: T exponential of mean 2 s; beyond 4 s are e^-2
  const RunResult result = run_fluid({{"workloads.customers.demand", "0.5 /s"},
                                      {"workloads.customers.instance.concurrency", "1"},
                                      {"workloads.customers.slo", "2 s"},
                                      {"workloads.customers.client.timeout", "4 s"}});
  CHECK(fluid_of(result, "failed_share") == Approx(std::exp(-2)).epsilon(2e-2));
  CHECK(fluid_of(result, "timed_out") == Approx(fluid_of(result, "wasted")).margin(2));
  CHECK(fluid_of(result, "attainment") == Approx(1 - std::exp(-1)).epsilon(2e-2));
  CHECK(fluid_of(result, "latency.max") <= 4);
}

TEST_CASE("a fluid service that nobody watches draws nothing") {
  const Scenario scenario =
      test::load_example("station", {{"workloads.customers.fidelity", "fluid"}});
  CHECK_FALSE(depends_on_seed(scenario));
  const std::vector<RunResult> runs = test::run_seeds(scenario, 2);
  CHECK(test::metric(runs[0], "workloads.customers.latency.p99") ==
        test::metric(runs[1], "workloads.customers.latency.p99"));
  const FluidSets seeded{
      {"workloads.customers.instance.start", R"({"exponential": {"mean": "9 s"}})"},
      {"workloads.customers.sensors.loss", "0.1"},
      {"workloads.customers.autoscaler", R"({"policy": "hpa"})"},
      {"workloads.customers.demand",
       R"({"product": ["5 /s", {"noise": {"cv": 0.3, "correlation_time": "10 min"}}]})"}};
  for (const Override& change : seeded) {
    INFO(change.path);
    CHECK(depends_on_seed(
        test::load_example("station", {{"workloads.customers.fidelity", "fluid"}, change})));
  }
  CHECK(depends_on_seed(test::load_example("station")));
}

/// "code path" of each problem of a service of elastic.json as a fluid one.
std::vector<std::string> fluid_problems(const FluidSets& more) {
  const std::string root = HYPERDC_SOURCE_DIR;
  LoadOptions options;
  options.overrides = {{"workloads.web.fidelity", "fluid"}};
  options.overrides.insert(options.overrides.end(), more.begin(), more.end());
  const Result<Loaded> loaded = load_scenario(root + "/tests/property/elastic.json", options);
  std::vector<std::string> found;
  if (const auto* issues = std::get_if<Issues>(&loaded)) {
    for (const Issue& issue : *issues) found.push_back(issue.code + " " + issue.path);
  }
  return found;
}

TEST_CASE("what has no formula is refused by its key, all of it at once") {
  const FluidSets plain = {{"workloads.web.classes", "null"},
                           {"workloads.web.service_time", R"({"exponential": {"mean": "1 s"}})"},
                           {"workloads.web.calls", "[]"}};
  CHECK(fluid_problems(plain).empty());
  CHECK(fluid_problems({}) ==
        std::vector<std::string>{"E045 workloads.web.classes", "E045 workloads.web.calls"});
  const auto with = [&](const std::string& key, const std::string& value) {
    FluidSets sets = plain;
    sets.push_back({"workloads.web." + key, value});
    return fluid_problems(sets);
  };
  const FluidSets refused = {
      {"client.breaker", "{}"},
      {"admission", R"({"policy": "codel"})"},
      {"router", R"({"policy": "consistent-hash"})"},
      {"router", R"({"policy": "power-of-two", "choices": 3})"},
      {"router", R"({"policy": "least-loaded", "refresh": "1 s"})"},
      {"region_router", R"({"policy": "spill-over"})"},
      {"instance.concurrency", "1001"},
      {"health_check", "{}"},
      {"rollouts", R"([{"at": "1 h"}])"},
      {"arrivals", R"({"poisson": null, "hawkes": {"branching": 0.5, "decay": "10 s"}})"}};
  for (const Override& change : refused) {
    INFO(change.path << " " << change.value);
    CHECK(with(change.path, change.value) ==
          std::vector<std::string>{"E045 workloads.web." + change.path});
  }
  const std::string bursty = R"({"poisson": null, "gamma": {"cv": 2}})";
  CHECK(with("arrivals", bursty) == std::vector<std::string>{"E045 workloads.web.arrivals"});
  FluidSets unlimited = plain;
  unlimited.push_back({"workloads.web.arrivals", bursty});
  unlimited.push_back({"workloads.web.instance.queue_limit", "null"});
  CHECK(fluid_problems(unlimited).empty());
  CHECK(with("router", R"({"policy": "power-of-two", "choices": 1})").empty());
  CHECK(with("region_router", R"({"policy": "weighted"})").empty());
  // A service that calls a fluid one.
  FluidSets called = {{"workloads.web.fidelity", "exact"}, {"workloads.cart.fidelity", "fluid"}};
  CHECK(fluid_problems(called) == std::vector<std::string>{"E045 workloads.web.calls.0.to"});
}

}  // namespace
}  // namespace hyperdc
