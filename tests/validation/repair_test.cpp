// Failures and repairs against the machine repair model (M/M/c//N): N machines that fail at rate
// 1/F each, c technicians who repair at rate 1/R each.
//
// With r = R / F the number down has p_n = p_0 C(N, n) r^n for n <= c, and
// p_0 N! / ((N - n)! c! c^(n - c)) r^n beyond (Kleinrock, Queueing Systems I, section 3.8).
// Statistics: 30 replications, seeds 1..30, warm-up cut; the exact mean number down must lie in the
// 99.9 % interval and the half-width be at most 2 % of it.
#include <boost/math/distributions/students_t.hpp>
#include <catch2/catch.hpp>
#include <cmath>
#include <fmt/format.h>

#include "support/load_example.hpp"

namespace hyperdc {
namespace {

/// Mean number down.
double machines_down(int machines, int technicians, double ratio) {
  double weight = 1;
  double sum = 1;
  double down = 0;
  for (int n = 1; n <= machines; ++n) {
    weight *= (machines - n + 1) * ratio / std::min(n, technicians);
    sum += weight;
    down += n * weight;
  }
  return down / sum;
}

struct Case {
  int machines = 1;
  int technicians = 1;  // 0: no limit
  double failure_s = 1000;
  double repair_s = 100;
  std::string failure = "exponential";
  double duration_s = 0;
};

void check_case(const Case& c) {
  const std::string law = c.failure == "exponential" ? "" : R"(, "cv": 1.0)";
  std::vector<Override> overrides = {
      {"regions.lab.racks.machines.count", fmt::format("{}", c.machines)},
      {"failures.wear.time_to_failure",
       fmt::format(R"({{{}"{}": {{"mean": "{} s"{}}}}})",
                   c.failure == "exponential" ? "" : R"("exponential": null, )", c.failure,
                   c.failure_s, law)},
      {"failures.wear.repair.time.exponential.mean", fmt::format("{} s", c.repair_s)},
      {"duration", fmt::format("{} s", c.duration_s)},
      {"series_step", fmt::format("{} s", c.duration_s / 10)},
      {"warmup", fmt::format("{} s", c.duration_s / 20)}};
  if (c.technicians > 0) {
    overrides.push_back({"failures.wear.repair.technicians", fmt::format("{}", c.technicians)});
  }
  const Scenario scenario = test::load_file("tests/validation/repair.json", overrides);
  const int limit = c.technicians > 0 ? c.technicians : c.machines;
  const double expected = machines_down(c.machines, limit, c.repair_s / c.failure_s);
  const std::vector<RunResult> results = test::run_seeds(scenario, 30);
  const auto n = static_cast<double>(results.size());
  double mean = 0;
  for (const RunResult& r : results) mean += test::metric(r, "failures.wear.down.mean") / n;
  double variance = 0;
  for (const RunResult& r : results) {
    const double d = test::metric(r, "failures.wear.down.mean") - mean;
    variance += d * d / (n - 1);
    // The pool sees the same servers down; availability is over the whole run, warm-up included.
    CHECK(test::metric(r, "pools.machines.servers.down.mean") ==
          Approx(test::metric(r, "failures.wear.down.mean")));
    CHECK(1 - test::metric(r, "pools.machines.availability") ==
          Approx(expected / c.machines).epsilon(0.25));
  }
  const boost::math::students_t t(n - 1);
  const double half_width = boost::math::quantile(t, 1 - 0.0005) * std::sqrt(variance / n);
  INFO(
      fmt::format("N {} c {} R/F {:.3g} {}: expected {:.6g} down, measured {:.6g} +- {:.2g} "
                  "({:.2f} %)",
                  c.machines, c.technicians, c.repair_s / c.failure_s, c.failure, expected, mean,
                  half_width, 100 * half_width / expected));
  CHECK(half_width <= 0.02 * expected);
  CHECK(std::fabs(mean - expected) <= half_width);
}

TEST_CASE("the closed form of the machine repair model, by hand", "[validation]") {
  // N = 2, c = 1, r = 1/2: weights 1, 2 * 1/2 = 1, 1 * 1/2: p = 2/5, 2/5, 1/5; L = 4/5.
  CHECK(machines_down(2, 1, 0.5) == Approx(0.8));
  // c = N: every machine is down r / (1 + r) of the time.
  CHECK(machines_down(7, 7, 0.25) == Approx(7 * 0.2));
}

TEST_CASE("machine repair model: mean number down and availability", "[validation]") {
  check_case({10, 1, 1000, 100, "exponential", 1.5e6});
  check_case({100, 4, 10000, 300, "exponential", 1.5e7});
  check_case({1000, 20, 50000, 1000, "exponential", 2e7});
  check_case({500, 0, 10000, 500, "exponential", 3e5});
}

TEST_CASE("machine repair model: the same by items of their own", "[validation]") {
  // A Weibull of cv 1 is the exponential, but is simulated item by item from the heap.
  check_case({10, 1, 1000, 100, "weibull", 1.5e6});
  check_case({1000, 20, 50000, 1000, "weibull", 2e7});
}

}  // namespace
}  // namespace hyperdc
