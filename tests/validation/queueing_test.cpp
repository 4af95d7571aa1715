// Jobs on c slots against closed forms: M/M/c (Erlang C) and M/G/1 (Pollaczek-Khinchine).
//
// Statistics: 30 replications or more, seeds 1..n, warm-up cut. The exact value must lie in the
// 99.9 % interval of the mean, and the half-width must be at most 2 % of it (5 % where the value
// is below 0.01 of the service time): an interval that is wide enough contains everything.
//
// Control variate: the mean number of busy slots, which is servers x load whatever the discipline.
// Runs with more work than usual wait longer; with that taken out a half (one slot) to three
// quarters (many) of the jobs give the same width.
// The cases tagged [long] take minutes and are not run by ctest:
//   build/release/tests/validation_queueing '[long]'
#include <catch2/catch.hpp>
#include <cmath>
#include <fmt/format.h>

#include "support/intervals.hpp"
#include "support/load_example.hpp"

namespace hyperdc {
namespace {

struct Case {
  std::string name;
  int servers = 1;
  double load = 0.8;
  std::string service;  // JSON of a distribution with mean 1 s
  double expected = 0;  // mean wait in service times
  double jobs = 0;      // by replication
  int replications = 30;
};

/// Mean wait of M/M/c in service times.
double erlang_c_wait(int c, double load) {
  const double a = c * load;
  double b = 1;  // Erlang B by its recursion
  for (int k = 1; k <= c; ++k) b = a * b / (k + a * b);
  const double wait_probability = b / (1 - load * (1 - b));
  return wait_probability / (c * (1 - load));
}

test::Interval simulate_wait(const Case& c) {
  const double rate = c.servers * c.load;
  const double duration = c.jobs / rate;
  const Scenario scenario = test::load_example(
      "queue-mmc", {{"server_types.station.cores", fmt::format("{}", c.servers)},
                    {"workloads.customers.arrivals.poisson.rate", fmt::format("{} /s", rate)},
                    {"workloads.customers.generate.run", c.service},
                    {"duration", fmt::format("{} s", duration)},
                    {"series_step", fmt::format("{} s", duration / 10)},
                    {"warmup", fmt::format("{} s", duration / 10)}});
  std::vector<double> waits;
  std::vector<double> busy;
  for (const RunResult& result : test::run_seeds(scenario, c.replications)) {
    waits.push_back(test::metric(result, "workloads.customers.wait.mean"));
    busy.push_back(test::metric(result, "pools.station.running.mean"));
  }
  return test::interval_999(waits, busy, c.servers * c.load);
}

void check_case(const Case& c) {
  const auto [mean, half_width] = simulate_wait(c);
  const double allowed = (c.expected < 0.01 ? 0.05 : 0.02) * c.expected;
  INFO(fmt::format("{}: expected {:.6g}, measured {:.6g} +- {:.2g} ({:.2f} %)", c.name, c.expected,
                   mean, half_width, 100 * half_width / c.expected));
  CHECK(half_width <= allowed);
  CHECK(std::fabs(mean - c.expected) <= half_width);
}

const char* const kExponential = R"({"exponential": {"mean": "1 s"}})";

TEST_CASE("the closed form agrees with the published table of M/M/c", "[validation]") {
  CHECK(erlang_c_wait(1, 0.8) == Approx(4.0));
  CHECK(erlang_c_wait(8, 0.8) == Approx(0.286028).epsilon(1e-5));
  CHECK(erlang_c_wait(64, 0.9) == Approx(0.048541).epsilon(1e-4));
  CHECK(erlang_c_wait(1000, 0.95) == Approx(0.001365).epsilon(1e-3));
}

TEST_CASE("M/M/c waits", "[validation]") {
  check_case({"M/M/1 at 0.8", 1, 0.8, kExponential, erlang_c_wait(1, 0.8), 6e4, 60});
  check_case({"M/M/8 at 0.8", 8, 0.8, kExponential, erlang_c_wait(8, 0.8), 9e4, 60});
}

TEST_CASE("M/M/64 waits at 0.9", "[validation]") {
  check_case({"M/M/64 at 0.9", 64, 0.9, kExponential, erlang_c_wait(64, 0.9), 8e5, 60});
}

TEST_CASE("M/M/1 waits at 0.95", "[validation]") {
  check_case({"M/M/1 at 0.95", 1, 0.95, kExponential, erlang_c_wait(1, 0.95), 8e5, 60});
}

TEST_CASE("M/M/200 waits at 0.9", "[validation]") {
  check_case({"M/M/200 at 0.9", 200, 0.9, kExponential, erlang_c_wait(200, 0.9), 9e5, 60});
}

TEST_CASE("M/M/1000 waits at 0.95", "[validation][.long]") {
  check_case({"M/M/1000 at 0.95", 1000, 0.95, kExponential, erlang_c_wait(1000, 0.95), 6e6, 60});
}

TEST_CASE("M/G/1 waits", "[validation]") {
  // Wq / S = load (1 + C^2) / (2 (1 - load))
  check_case({"M/G/1, lognormal, C^2 = 4, at 0.8", 1, 0.8,
              R"({"lognormal": {"mean": "1 s", "cv": 2}})", 10.0, 3.8e5, 60});
  check_case({"M/G/1, gamma, C^2 = 4, at 0.8", 1, 0.8, R"({"gamma": {"mean": "1 s", "cv": 2}})",
              10.0, 1.5e5, 60});
  check_case({"M/D/1 at 0.9", 1, 0.9, R"("1 s")", 4.5, 8e4, 60});
}

}  // namespace
}  // namespace hyperdc
