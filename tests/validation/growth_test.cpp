// Procurement against closed forms, end to end through plans: the newsvendor, base stock with a
// lead time, (s, S), and reservations by Erlang's loss formula with the exact simulation beside it.
//
// Statistics: futures are independent, so that a mean over n futures has a standard error; where
// the plan gives only the mean, seeds give the interval (99.9 %).
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/erlang.hpp"
#include "core/math.hpp"
#include "support/growth_plan.hpp"
#include "support/intervals.hpp"
#include "support/load_example.hpp"

namespace hyperdc {
namespace {

using nlohmann::json;

constexpr double kYear = 365 * 86'400.0;

double phi(double z) {
  return 0.5 * std::erfc(-z / std::sqrt(2.0));
}

std::vector<RunResult> runs_of(const json& changes, int seeds) {
  const test::TemporaryDirectory home;
  return test::run_seeds(test::load_text(home, test::growth_plan(changes)), seeds);
}

/// A metric of plan p by run.
std::vector<double> values_of(const std::vector<RunResult>& runs, const std::string& metric) {
  std::vector<double> values;
  for (const RunResult& run : runs) values.push_back(test::metric(run, "growth.p." + metric));
  return values;
}

std::vector<double> by_seed(const json& changes, const std::string& metric, int seeds) {
  return values_of(runs_of(changes, seeds), metric);
}

void check_within(const test::Interval& interval, double expected, double bias) {
  INFO("expected " << expected << ", measured " << interval.mean << " +- " << interval.half_width);
  CHECK(std::fabs(interval.mean - expected) <= interval.half_width + bias * expected);
  CHECK(interval.half_width <= 0.05 * expected);
}

// One period: ordered in year 1 for year 2, of demand lognormal with this variance of its
// logarithm.
constexpr double kGrowthCv = 0.4, kVolatility = 0.3, kMean = 1e5;
const double kVariance = std::log1p(kGrowthCv * kGrowthCv) + kVolatility * kVolatility;

json newsvendor(double fractile) {
  return {{"years", 2},
          {"futures", 40'000},
          {"classes",
           {{"use",
             {{"start", kMean},
              {"growth", 1.0},
              {"growth_cv", kGrowthCv},
              {"volatility", kVolatility}}}}},
          {"procurement", {{"policy", "quantile"}, {"fractile", fractile}}}};
}

TEST_CASE("newsvendor: what is missing and left over are the partial expectations") {
  const double s = std::sqrt(kVariance);
  for (const double p : {0.5, 0.8, 0.9}) {
    INFO("fractile " << p);
    const double z = math::normal_quantile(p);
    const double level = kMean * std::exp(s * z - kVariance / 2);
    const double missing = kMean * phi(s - z) - level * (1 - p);
    const double left_over = level - kMean + missing;
    const std::vector<RunResult> runs = runs_of(newsvendor(p), 10);
    std::vector<double> short_of = values_of(runs, "unserved.mean");
    for (double& value : short_of) value = value / kYear - kMean;  // year 1 has nothing yet
    check_within(test::interval_999(short_of), missing, 1e-3);
    std::vector<double> idle = values_of(runs, "idle.mean");
    for (double& value : idle) value /= kYear;
    check_within(test::interval_999(idle), left_over, 1e-3);
  }
}

TEST_CASE("newsvendor: the critical fractile costs least, and what theory says") {
  // A missing unit costs 4, one too many 1: the fractile is 4/5.
  std::map<double, double> cost;
  for (const double p : {0.65, 0.75, 0.8, 0.85, 0.92}) {
    const std::vector<RunResult> runs = runs_of(newsvendor(p), 10);
    cost[p] = 4 * (test::interval_999(values_of(runs, "unserved.mean")).mean / kYear - kMean) +
              test::interval_999(values_of(runs, "idle.mean")).mean / kYear;
  }
  for (const auto& [p, value] : cost) {
    INFO("fractile " << p << " costs " << value);
    CHECK((p == 0.8 || value > cost.at(0.8)));
  }
  // At the optimum of a lognormal: (cu + co) M Phi(s - z) - co M.
  const double s = std::sqrt(kVariance);
  const double best = kMean * (5 * phi(s - math::normal_quantile(0.8)) - 1);
  CHECK(cost.at(0.8) == Approx(best).epsilon(0.02));
}

/// Monthly steps, constant demand, racks of one accelerator that come after three months.
json stock(double demand, double reorder, double up_to, double afr) {
  return {{"years", 6},
          {"step", "month"},
          {"futures", 400},
          {"classes", {{"use", {{"start", demand}}}}},
          {"generations",
           {{"g",
             {{"rack", {{"accelerators", 1}, {"power", "1 kW"}}},
              {"lead_time", "90 d"},
              {"afr", afr}}}}},
          {"procurement", {{"policy", "buffer"}, {"reorder", reorder}, {"up_to", up_to}}}};
}

/// E[(X - k)^+] of a Poisson variable.
double poisson_excess(double mean, int k) {
  double p = std::exp(-mean);
  double excess = mean - k;  // E[X] - k + E[(k - X)^+]
  for (int n = 0; n < k; ++n) {
    excess += (k - n) * p;
    p *= mean / (n + 1);
  }
  return excess;
}

TEST_CASE("base stock: what is short is the Poisson tail of what is on order (Palm)") {
  // 1,000 wanted, S = 1,025; 1 % fail a month. On order over three months: Poisson of mean 3 n /
  // 100, n in service.
  const double lambda = 0.01;
  const json plan = stock(1000, 0.025, 0.025, 12 * lambda);
  const double on_order = 1025 * 3 * lambda / (1 + 3 * lambda);
  const double expected = poisson_excess(on_order, 25) / 1000;
  // The failures of a step depend on how many serve, which makes what is on order binomial rather
  // than Poisson: its variance is 3 % less.
  check_within(test::interval_999(by_seed(plan, "years.5.unserved_share.mean", 20)), expected,
               0.04);
}

TEST_CASE("(s, S): as many orders as the renewal function says") {
  // s = 10,000, S = 10,100; 0.2 % fail a month, about 20 of those in service.
  const double mu = 0.002 * 9'985;
  const json plan = stock(10'000, 0, 0.01, 12 * 0.002);
  // Steps from S until the position is below s: M = sum over d < 101 of the renewal function of the
  // failures of a step (Poisson of mean mu), d from S down.
  std::vector<double> pmf(101);
  pmf[0] = std::exp(-mu);
  for (std::size_t n = 1; n < pmf.size(); ++n) {
    pmf[n] = pmf[n - 1] * mu / static_cast<double>(n);
  }
  std::vector<double> visits(101);
  double cycle = 0;
  for (std::size_t d = 0; d < visits.size(); ++d) {
    double sum = d == 0 ? 1 : 0;
    for (std::size_t x = 1; x <= d; ++x) sum += pmf[x] * visits[d - x];
    visits[d] = sum / (1 - pmf[0]);
    cycle += visits[d];
  }
  // The first order fills the plan, the next comes a cycle after racks first serve (step 3).
  const double steps = 72 - 3;
  test::Interval orders = test::interval_999(by_seed(plan, "orders.mean", 20));
  INFO("orders " << orders.mean << ", one in " << cycle << " steps");
  // 0.5: the last cycle is not whole.
  CHECK(orders.mean == Approx(1 + steps / cycle - 0.5).epsilon(0.03));
}

TEST_CASE("reservations: the plan buys Erlang's number, and the exact queue loses as many") {
  const double offered = 40;  // of reservations of 8 units
  std::uint64_t n = 0;
  while (erlang_b(n, offered) > 0.05) ++n;
  const json plan = {{"years", 2},
                     {"classes", {{"use", {{"start", 8 * offered}, {"reservation", 8}}}}},
                     {"generations", {{"g", {{"rack", {{"accelerators", 8}}}}}}},
                     {"procurement", {{"policy", "reservation"}, {"blocking", 0.05}, {"size", 8}}}};
  CHECK(by_seed(plan, "capacity.max", 1)[0] == 8.0 * static_cast<double>(n));
  const double lost = by_seed(plan, "years.2.unserved_share.mean", 1)[0];
  CHECK(lost == Approx(erlang_b(n, offered)).epsilon(1e-9));
  const Scenario exact = test::load_example(
      "queue-mmc", {{"server_types.station.cores", fmt::format("{}", n)},
                    {"pools.station.queue_limit", "0"},
                    {"workloads.customers.arrivals.poisson.rate", fmt::format("{} /s", offered)},
                    {"duration", "2200 s"},
                    {"series_step", "220 s"},
                    {"warmup", "200 s"}});
  std::vector<double> shares;
  for (const RunResult& result : test::run_seeds(exact, 30)) {
    shares.push_back(test::metric(result, "workloads.customers.rejected") /
                     test::metric(result, "workloads.customers.submitted"));
  }
  check_within(test::interval_999(shares), lost, 0);
}

}  // namespace
}  // namespace hyperdc
