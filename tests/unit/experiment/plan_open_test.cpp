// What a plan leaves open: stretches that nobody knows, objectives without a value, costs that the
// noise hides.
#include <catch2/catch.hpp>
#include <cmath>
#include <optional>

#include "experiment/plan_judge.hpp"
#include "support/named_plan.hpp"
#include "support/noisy_candidates.hpp"

using namespace hyperdc;
using test::claimed;
using test::claims_of;
using test::named_plan;
using test::noisy_problem;
using test::NoisyCandidates;
using test::says;

namespace {

double first_index(const PlanPoint& at) {
  return static_cast<double>(at[0]);
}

/// Fails below `from`, meets from `to` on, and in between nobody can tell.
auto on_limit_between(std::size_t from, std::size_t to) {
  return [from, to](const PlanPoint& at) {
    return at.back() < from ? 1.0 : at.back() < to ? 0.0 : -1.0;
  };
}

/// Two objectives of a candidate, the same with every seed but for a little noise; NaN: no value.
class TwoObjectives final : public CandidateRuns {
 public:
  TwoObjectives(double one, double two, double noise) : values_{one, two}, noise_(noise) {}
  CandidateBatch run(const PlanPoint&, std::size_t begin, std::size_t end) override {
    CandidateBatch out;
    for (; begin < end; ++begin) {
      CandidateSeed& seed = out.seeds.emplace_back();
      const double noise = begin % 2 == 0 ? noise_ : -noise_;
      for (const double value : values_) {
        const bool none = std::isnan(value);
        seed.objectives.push_back(none ? std::nullopt : std::optional(value + noise));
        seed.reasons.push_back(none ? "no request" : "");
      }
    }
    return out;
  }

 private:
  double values_[2];
  double noise_;
};

PlanFinding judged(double one, double two, double noise) {
  PlanProblem problem = noisy_problem({1}, 0);
  problem.objectives.push_back(problem.objectives.front());
  TwoObjectives runs(one, two, noise);
  return search_plan(problem, runs).candidates.front().found;
}

/// Two policies with the same sizes; a metric costs.
PlanProblem two_policies() {
  PlanProblem problem = noisy_problem({2, 4}, 0);
  problem.monotone[0] = false;
  problem.knob_costs = {{}, {}};
  problem.metric_weights = {1};
  return problem;
}

}  // namespace

TEST_CASE("what lies between the last that fails and the first that meets is told") {
  NoisyCandidates runs(on_limit_between(11, 21), 0.1, 1);
  const PlanOutcome out = named_plan(noisy_problem({40}, 0), runs);
  INFO(claims_of(out));
  REQUIRE(out.open.size() == 1);
  CHECK(out.open[0].fails == 10);
  CHECK(out.open[0].meets == 21);
  CHECK(out.open[0].candidates == 10);
  CHECK(out.undecided.size() < 10);  // not all of them were run
  CHECK(says(out, "Open: a between 10 (fails) and 21 (meets).\n"));
  NoisyCandidates never(on_limit_between(11, 99), 0.1, 1);
  CHECK(says(named_plan(noisy_problem({40}, 0), never), "Open: a above 10 (fails).\n"));
  NoisyCandidates always(on_limit_between(0, 21), 0.1, 1);
  CHECK(says(named_plan(noisy_problem({40}, 0), always), "Open: a below 21 (meets).\n"));
  NoisyCandidates clear(on_limit_between(11, 11), 0.1, 1);
  CHECK(named_plan(noisy_problem({40}, 0), clear).open.empty());
}

TEST_CASE("advice does not ask for more windows than a trace has") {
  const auto mean = [](const PlanPoint& at) { return 5.05 - first_index(at); };  // 5 is near 0
  NoisyCandidates runs(mean, 0.5, 1);
  PlanOutcome out = named_plan(noisy_problem({12}, 0), runs);
  INFO(claims_of(out));
  CHECK(says(out, " runs of each would decide, if means and noise stay as measured."));
  const std::size_t needed =
      out.candidates[out.undecided.front()].found.objectives.front().to_decide.value();
  out.windows = 2 * needed;
  CHECK(says(out, "stay as measured"));
  out.windows = 2 * needed - 1;
  CHECK(says(out, std::to_string(needed) +
                      " runs of each would decide, and as many confirm it; the trace has only " +
                      std::to_string(2 * needed - 1) + " windows.\n"));
}

TEST_CASE("what was interrupted tells how far it came") {
  NoisyCandidates runs(on_limit_between(700, 700), 0.1, 1);
  runs.stop_after = 5;
  const PlanOutcome out = named_plan(noisy_problem({1000}, 0), runs);
  CHECK_FALSE(out.complete);
  REQUIRE(out.open.size() == 1);
  CHECK(out.open[0].fails < 700);
  CHECK(out.open[0].meets >= 700);
  CHECK(says(out, "(fails) and "));
}

TEST_CASE("of several knobs each line that may hold something less is told") {
  // Policy 0 is open from 3 to 5, policy 1 from 6 to 8, policy 2 is clear from 7 on.
  const auto mean = [](const PlanPoint& at) {
    const std::size_t from[] = {3, 6, 7};
    const std::size_t to[] = {6, 9, 7};
    return on_limit_between(from[at[0]], to[at[0]])(at);
  };
  PlanProblem problem = noisy_problem({3, 12}, 0);
  problem.monotone[0] = false;
  problem.knob_costs[0].clear();
  NoisyCandidates runs(mean, 0.1, 1);
  const PlanOutcome out = named_plan(problem, runs);
  INFO(claims_of(out));
  REQUIRE(out.answer);
  CHECK(claimed(out, {*out.answer}) == std::vector<PlanPoint>{{0, 6}});
  // The answer costs 6: what is open of policy 1 costs no less.
  CHECK(says(out, "Open: with a=0 b between 2 (fails) and 6 (meets).\n"));
  // Where policy 2 costs nothing its 7 is the answer, and nothing that is open costs less.
  problem.knob_costs[0] = {10, 10, 0};
  NoisyCandidates again(mean, 0.1, 1);
  const PlanOutcome cheap = named_plan(problem, again);
  CHECK(cheap.status == PlanStatus::found);
  CHECK(cheap.open.empty());
  problem.knob_costs[0] = {0, 0, 20};
  NoisyCandidates both(mean, 0.1, 1);
  problem.knob_costs[1] = {0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1};
  const PlanOutcome lines = named_plan(problem, both);
  CHECK(says(lines, "with a=0 b between 2 (fails) and 6 (meets)"));
}

TEST_CASE("an objective without a value is unknown: neither met nor failed") {
  const auto mean = [](const PlanPoint&) { return -1.0; };
  NoisyCandidates runs(mean, 0.1, 1);
  runs.without = [](const PlanPoint& at, std::size_t seed) { return at[0] < 5 && seed % 8 == 3; };
  const PlanOutcome out = named_plan(noisy_problem({12}, 0), runs);
  INFO(claims_of(out));
  CHECK(out.status == PlanStatus::undecided);
  REQUIRE(out.answer);
  CHECK(claimed(out, {*out.answer}) == std::vector<PlanPoint>{{5}});
  CHECK(out.failing.empty());
  CHECK_FALSE(says(out, "One step less fails"));
  CHECK(says(out, "cannot be judged: wait has no value in 1 of 8 runs: no job ended.\n"));
  CHECK(says(out, "Open: a below 5 (meets).\n"));
  const PlanFinding& without = out.candidates[out.undecided.front()].found;
  CHECK(without.verdict == PlanVerdict::unknown);
  CHECK(without.runs == 8);  // no number of seeds gives a mean of all
  CHECK_FALSE(without.objectives[0].mean);

  // Below one that fails it does not matter.
  const auto step = [](const PlanPoint& at) { return at[0] < 6 ? 1.0 : -1.0; };
  NoisyCandidates below(step, 0.1, 1);
  below.without = [](const PlanPoint& at, std::size_t) { return at[0] < 5; };
  CHECK(named_plan(noisy_problem({12}, 0), below).status == PlanStatus::found);

  NoisyCandidates nowhere(mean, 0.1, 1);
  nowhere.without = [](const PlanPoint&, std::size_t) { return true; };
  const PlanOutcome none = named_plan(noisy_problem({12}, 0), nowhere);
  INFO(claims_of(none));
  CHECK(none.status == PlanStatus::undecided);
  CHECK_FALSE(none.answer);
  CHECK(says(none, "No candidate is shown to meet the objectives."));
  CHECK(says(none, "8 of 8 runs: no job ended"));
}

TEST_CASE("what is unknown beside other objectives") {
  CHECK(judged(NAN, -1, 0.1).verdict == PlanVerdict::unknown);
  CHECK(judged(NAN, -1, 0.1).runs == 8);
  CHECK(judged(NAN, 1, 0.1).verdict == PlanVerdict::fails);
  const PlanFinding open = judged(NAN, 0, 0.1);  // it could still be shown to fail
  CHECK(open.verdict == PlanVerdict::undecided);
  CHECK(open.runs == 64);
  CHECK(judged(-1, -1, 0.1).verdict == PlanVerdict::meets);
}

TEST_CASE("halving drops what is unknown, and does not call it failed") {
  const auto mean = [](const PlanPoint& at) { return at[0] < 6 ? 1.0 : -1.0; };
  PlanProblem problem = noisy_problem({12}, 0);
  problem.monotone[0] = false;
  NoisyCandidates runs(mean, 0.1, 1);
  runs.without = [](const PlanPoint& at, std::size_t) { return at[0] == 2; };
  const PlanOutcome out = named_plan(problem, runs);
  INFO(claims_of(out));
  CHECK(out.method == "halving");
  CHECK(out.status == PlanStatus::undecided);
  CHECK(claimed(out, out.undecided) == std::vector<PlanPoint>{{2}});
  CHECK(says(out, "a=2 is less and cannot be judged"));
}

TEST_CASE("fresh seeds without a value contradict both verdicts") {
  const auto mean = [](const PlanPoint& at) { return 5.5 - first_index(at); };
  for (const std::size_t off : {std::size_t{5}, std::size_t{6}}) {
    PlanProblem problem = noisy_problem({12}, 0);
    NoisyCandidates runs(mean, 0.05, 1);
    runs.without = [&](const PlanPoint& at, std::size_t seed) {
      return at[0] == off && seed >= problem.most;
    };
    const PlanOutcome out = named_plan(problem, runs);
    INFO(claims_of(out));
    CHECK(out.status == PlanStatus::undecided);
    CHECK(claimed(out, out.contradicted) == std::vector<PlanPoint>{{off}});
    REQUIRE(out.open.size() == 1);  // what is contradicted is neither end
    // Below 5 nothing was run.
    CHECK(out.open[0].fails == (off == 5 ? std::nullopt : std::optional<std::size_t>(5)));
    CHECK(out.open[0].meets == (off == 5 ? std::size_t{6} : std::size_t{8}));
    CHECK(out.open[0].candidates >= 1);
  }
}

TEST_CASE("that the least costs less is a claim that shares the error") {
  PlanProblem problem = noisy_problem({9}, 2);
  NoisyCandidates runs(first_index, 0.1, 1, first_index);
  const double knob = PlanJudge(problem, runs, 5).look_confidence();
  problem.metric_weights = {1};
  CHECK(1 - PlanJudge(problem, runs, 5).look_confidence() == Approx((1 - knob) / 2));
}

TEST_CASE("costs that differ by less than their noise name no least") {
  // Both policies meet from 2 on; policy 1 is cheaper by nothing that can be seen.
  const auto mean = [](const PlanPoint& at) { return at[1] < 2 ? 1.0 : -1.0; };
  const auto cost = [](const PlanPoint& at) {
    return 10 + static_cast<double>(at[1]) - (at[0] == 1 ? 1e-9 : 0);
  };
  std::size_t wrong = 0;
  std::size_t found = 0;
  for (std::uint64_t study = 1; study <= 300; ++study) {
    NoisyCandidates runs(mean, 0.1, study, cost);
    runs.cost_noise = 1;
    const PlanOutcome out = named_plan(two_policies(), runs);
    REQUIRE(out.answer);
    if (out.status == PlanStatus::found) {
      ++found;
      if (out.candidates[*out.answer].point[0] == 0) ++wrong;
    } else {
      CHECK(out.tied.size() == 1);
      const PlanFinding& least = out.candidates[*out.answer].found;
      CHECK(least.runs == 8);
      CHECK(least.cost_runs == 64);  // what the noise hides gets all seeds
      CHECK(out.confirmed.front().fresh.runs == 8);
      CHECK(says(out, "may cost no more: the answer is the cheapest by its mean"));
    }
  }
  // At 95 % for one comparison alone it would be 2.5 % on each side, 15 of 300.
  CHECK(found <= 4);
  CHECK(wrong <= 2);
}

TEST_CASE("costs get as many seeds as it takes to tell them apart") {
  const auto mean = [](const PlanPoint& at) { return at[1] < 2 ? 1.0 : -1.0; };
  const auto cost = [](const PlanPoint& at) {
    return 10 + 3 * static_cast<double>(at[1]) - (at[0] == 1 ? 1.5 : 0);
  };
  for (std::uint64_t study = 1; study <= 20; ++study) {
    NoisyCandidates runs(mean, 0.1, study, cost);
    runs.cost_noise = 1;
    const PlanOutcome out = named_plan(two_policies(), runs);
    REQUIRE(out.answer);
    INFO(claims_of(out));
    CHECK(out.status == PlanStatus::found);
    CHECK(out.candidates[*out.answer].point == PlanPoint{1, 2});
    CHECK(out.candidates[*out.answer].found.cost_runs >= 8);
    REQUIRE(out.differences.size() >= 1);
    for (const PlanCostDifference& one : out.differences) CHECK(one.dearer);
  }
}

TEST_CASE("what is undecided may be the least unless it is shown to cost more") {
  // Policy 1 is on its limit, and costs as much as policy 0 or far more.
  const auto mean = [](const PlanPoint& at) { return at[1] < 2 ? 1.0 : at[0] == 1 ? 0.0 : -1.0; };
  for (const double dearer : {-1e-9, 9.0}) {
    const auto cost = [&](const PlanPoint& at) {
      return 10 + static_cast<double>(at[1]) + (at[0] == 1 ? dearer : 0);
    };
    std::size_t found = 0;
    for (std::uint64_t study = 1; study <= 50; ++study) {
      NoisyCandidates runs(mean, 0.1, study, cost);
      runs.cost_noise = 1;
      const PlanOutcome out = named_plan(two_policies(), runs);
      REQUIRE(out.answer);
      CHECK(out.candidates[*out.answer].point == PlanPoint{0, 2});
      found += out.status == PlanStatus::found ? 1U : 0U;
      if (out.status == PlanStatus::found) continue;
      CHECK(says(out, "may cost less and "));
      CHECK_FALSE(out.differences.empty());
    }
    if (dearer < 0) CHECK(found <= 1);  // a mean that happens to be higher would be half of them
    if (dearer > 0) CHECK(found >= 49);
  }
}
