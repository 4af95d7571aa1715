// Plans against Erlang C: the least number of servers of M/M/c whose mean wait is at most a target.
//
// Expected: the least c with C(c, a) / (c - a) <= target, a the offered load, service times of mean
// 1 (A. K. Erlang 1917; Kleinrock, Queueing Systems I, 1975, section 3.5). Where the waits with c
// and with c - 1 servers both differ from the target by 5 % or more the plan must find c; elsewhere
// it must say undecided and name c among its candidates, or find c.
#include "experiment/plan.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <fmt/format.h>

#include "experiment/plan_runs.hpp"
#include "support/temporary_directory.hpp"

namespace hyperdc {
namespace {

double mmc_wait(int c, double offered) {
  if (offered >= c) return HUGE_VAL;
  double b = 1;  // Erlang B by its recursion
  for (int k = 1; k <= c; ++k) b = offered * b / (k + offered * b);
  const double load = offered / c;
  return b / (1 - load * (1 - b)) / (c - offered);
}

int least_servers(double offered, double target) {
  int c = static_cast<int>(offered) + 1;
  while (mmc_wait(c, offered) > target) ++c;
  return c;
}

struct Staffing {
  double offered = 0;
  double target = 0;  // s
  double jobs = 0;    // of a run
  int most = 64;      // seeds
};

PlanOutcome staff(const Staffing& row) {
  const test::TemporaryDirectory home;
  const double duration = row.jobs / row.offered;
  const int from = std::max(1, static_cast<int>(row.offered) - 3);
  const std::string study = home.write(
      "staff.json",
      fmt::format(R"({{"name": "staff", "base": "{}/scenarios/examples/queue-mmc.json", "seed": 1,
  "plan": {{"knobs": {{"servers": {{"at": "server_types.station.cores", "range": [{}, {}, 1]}}}},
  "objectives": [{{"metric": "workloads.customers.wait.mean", "at_most": "{} s"}}],
  "replications": {{"first": 8, "most": {}}}}}}})",
                  HYPERDC_SOURCE_DIR, from, from + 20, row.target, row.most));
  LoadOptions load;
  load.overrides = {
      {"workloads.customers.arrivals.poisson.rate", fmt::format("{} /s", row.offered)},
      {"duration", fmt::format("{} s", duration)},
      {"series_step", fmt::format("{} s", duration / 10)},
      {"warmup", fmt::format("{} s", duration / 10)}};
  const auto read = load_plan_study(study);
  REQUIRE(ok(read));
  const PlanStudy& asked = std::get<PlanStudy>(read);
  const auto prepared = prepare_plan(asked, load);
  if (const auto* issues = std::get_if<Issues>(&prepared)) FAIL(issues->front().message);
  std::atomic<bool> stop{false};
  SimulatedCandidates runs(asked, std::get<PreparedPlan>(prepared).problem, {load, 2, nullptr},
                           stop);
  return answer_plan(asked, std::get<PreparedPlan>(prepared), runs);
}

void check_staffing(const Staffing& row) {
  const int expected = least_servers(row.offered, row.target);
  const double above = mmc_wait(expected, row.offered) / row.target;
  const double below = mmc_wait(expected - 1, row.offered) / row.target;
  const bool clear = above <= 0.95 && below >= 1.05;
  const PlanOutcome out = staff(row);
  REQUIRE(out.answer);
  const int answer = std::stoi(out.candidates[*out.answer].values[0]);
  INFO(fmt::format(
      "offered {}, target {} s: W(c) / target {:.3f}, W(c - 1) / target {:.3f}; "
      "expected {}, {} {} with {} runs",
      row.offered, row.target, above, below, expected, name_of(out.status), answer, out.runs));
  if (out.status == PlanStatus::found) {
    CHECK(answer == expected);
    return;
  }
  CHECK_FALSE(clear);
  bool named = answer == expected;
  for (const std::size_t i : out.undecided) {
    named = named || std::stoi(out.candidates[i].values[0]) == expected;
  }
  CHECK(named);
}

TEST_CASE("plan finds the staffing number of Erlang C", "[validation]") {
  for (const double offered : {2.0, 6.4, 20.0, 45.0}) {
    for (const double target : {0.5, 0.2, 0.1, 0.05, 0.02}) {
      // At 45 targets lie as near to W(c) and W(c - 1) as 7 and 10 %.
      check_staffing({offered, target, offered > 40 ? 6e4 : 3e4});
    }
  }
}

TEST_CASE("plan tells 5 % apart, and says undecided on the limit", "[validation]") {
  // W(c) is 0.95 of the target, W(c - 1) 1.05 of it, and W(c) is the target.
  check_staffing({6.4, mmc_wait(9, 6.4) / 0.95, 1.5e5});
  check_staffing({6.4, mmc_wait(9, 6.4) / 1.05, 1.5e5});
  check_staffing({20, mmc_wait(24, 20) / 0.95, 1.5e5});
  check_staffing({6.4, mmc_wait(9, 6.4), 3e4});
}

}  // namespace
}  // namespace hyperdc
