// Services against closed forms: requests on the slots of one replica.
//
// Statistics as in queueing_test.cpp: 30 replications or more, seeds 1..n, warm-up cut; the exact
// value in the 99.9 % interval, whose half-width is at most 2 % of it (5 % below 0.01). What is
// tagged [long] takes minutes and is not run by ctest.
#include <catch2/catch.hpp>
#include <cmath>
#include <fmt/format.h>

#include "support/intervals.hpp"
#include "support/load_example.hpp"

namespace hyperdc {
namespace {

using Sets = std::vector<Override>;

/// The station with these settings, `requests` of them expected in a run.
Scenario station(int slots, double load, double requests, Sets sets) {
  const double rate = slots * load;
  const double duration = requests / rate;
  sets.insert(sets.begin(), {{"server_types.station.cores", fmt::format("{}", slots)},
                             {"workloads.customers.instance.cores", fmt::format("{}", slots)},
                             {"workloads.customers.instance.concurrency", fmt::format("{}", slots)},
                             {"workloads.customers.demand", fmt::format("{} /s", rate)},
                             {"duration", fmt::format("{} s", duration)},
                             {"series_step", fmt::format("{} s", duration / 10)},
                             {"warmup", fmt::format("{} s", duration / 10)}});
  return test::load_example("station", sets);
}

void check(const std::string& name, const Scenario& scenario, const std::string& metric,
           double expected, int replications = 30) {
  std::vector<double> values;
  for (const RunResult& result : test::run_seeds(scenario, replications)) {
    values.push_back(test::metric(result, "workloads.customers." + metric));
  }
  const test::Interval interval = test::interval_999(values);
  INFO(fmt::format("{}: expected {:.6g}, measured {:.6g} +- {:.2g} ({:.2f} %)", name, expected,
                   interval.mean, interval.half_width, 100 * interval.half_width / expected));
  CHECK(interval.half_width <= (expected < 0.01 ? 0.05 : 0.02) * expected);
  CHECK(std::fabs(interval.mean - expected) <= interval.half_width);
}

double erlang_b(int c, double offered) {
  double b = 1;
  for (int k = 1; k <= c; ++k) b = offered * b / (k + offered * b);
  return b;
}

double erlang_c_wait(int c, double load) {
  const double b = erlang_b(c, c * load);
  return b / (1 - load * (1 - b)) / (c * (1 - load));
}

const Sets kLognormal = {
    {"workloads.customers.service_time", R"({"lognormal": {"mean": "1 s", "cv": 2}})"}};

TEST_CASE("M/M/c and M/G/1 waits of a service", "[validation]") {
  check("M/M/1 at 0.8", station(1, 0.8, 2e5, {}), "queue_wait.mean", 4.0);
  check("M/M/8 at 0.8", station(8, 0.8, 5e5, {}), "queue_wait.mean", erlang_c_wait(8, 0.8));
  // load (1 + C^2) / (2 (1 - load)) with C^2 = 4
  check("M/G/1, C^2 = 4, at 0.8", station(1, 0.8, 1.5e6, kLognormal), "queue_wait.mean", 10.0);
}

TEST_CASE("M/M/200 at 0.9", "[validation]") {
  check("M/M/200 at 0.9", station(200, 0.9, 1.3e6, {}), "queue_wait.mean", erlang_c_wait(200, 0.9),
        60);
}

TEST_CASE("M/M/1000 at 0.95", "[validation][.long]") {
  check("M/M/1000 at 0.95", station(1000, 0.95, 1.2e7, {}), "queue_wait.mean",
        erlang_c_wait(1000, 0.95));
}

TEST_CASE("processor sharing does not see the distribution", "[validation]") {
  // M/G/1-PS: mean time there = service / (1 - load), whatever the distribution
  Sets sets = kLognormal;
  sets.push_back({"workloads.customers.instance.discipline", "ps"});
  check("M/G/1-PS at 0.7", station(1, 0.7, 2.5e5, sets), "latency.mean", 1 / 0.3);
  Sets exponential = {{"workloads.customers.instance.discipline", "ps"}};
  // with exponential work the number there is that of M/M/c: the same mean time
  check("M/M/4-PS at 0.8", station(4, 0.8, 1.5e5, exponential), "latency.mean",
        1 + erlang_c_wait(4, 0.8));
}

TEST_CASE("losses", "[validation]") {
  // Erlang B: no place to wait
  check("M/M/8/8 at offered load 8",
        station(8, 1.0, 1e5, {{"workloads.customers.instance.queue_limit", "0"}}), "failed_share",
        erlang_b(8, 8.0));
  // insensitive to the distribution
  Sets sets = kLognormal;
  sets.push_back({"workloads.customers.instance.queue_limit", "0"});
  check("M/G/8/8 at offered load 8", station(8, 1.0, 2e5, sets), "failed_share", erlang_b(8, 8.0));
  // M/M/1/5 (one served, four wait) at load 0.9: (1 - r) r^5 / (1 - r^6)
  const double r = 0.9;
  check("M/M/1/5 at 0.9", station(1, r, 1.5e5, {{"workloads.customers.instance.queue_limit", "4"}}),
        "failed_share", (1 - r) * std::pow(r, 5) / (1 - std::pow(r, 6)));
}

TEST_CASE("a closed loop of users", "[validation]") {
  // Machine repair model M/M/c//N: p_n ~ prod (N - k) / min(k + 1, c) * (S / Z)
  const int users = 20;
  const int slots = 2;
  const double think_s = 10;
  double p = 1;
  double norm = 1;
  double there = 0;
  for (int n = 1; n <= users; ++n) {
    p *= (users - n + 1) / (std::min(n, slots) * think_s);
    norm += p;
    there += n * p;
  }
  there /= norm;
  const double throughput = (users - there) / think_s;  // interactive law: N = X (R + Z)
  const double response_s = there / throughput;
  const Sets sets = {
      {"workloads.customers.demand", "null"},
      {"workloads.customers.arrivals",
       fmt::format(
           R"({{"closed": {{"users": {}, "think": {{"exponential": {{"mean": "{} s"}}}}}}}})",
           users, think_s)},
      {"server_types.station.cores", "2"},
      {"workloads.customers.instance.cores", "2"},
      {"workloads.customers.instance.concurrency", "2"},
      {"duration", "20000 s"},
      {"series_step", "2000 s"},
      {"warmup", "1000 s"}};
  const Scenario scenario = test::load_example("station", sets);
  check("M/M/2//20, response", scenario, "latency.mean", response_s);
  check("M/M/2//20, throughput", scenario, "completed", throughput * 19000);
}

}  // namespace
}  // namespace hyperdc
