// What a plan may claim, and what it must not: functions on which a bold claim would be false.
#include <catch2/catch.hpp>

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

double first_of(const PlanPoint& at) {
  return static_cast<double>(at[0]);
}

PlanProblem without_order(std::size_t size, double limit) {
  PlanProblem problem = noisy_problem({size}, limit);
  problem.monotone[0] = false;
  return problem;
}

/// Fresh seeds are off by `shift` of the candidate.
class ShiftedCandidates final : public CandidateRuns {
 public:
  ShiftedCandidates(std::size_t fresh_from, double shift_of_5, double shift_of_6)
      : fresh_from_(fresh_from), shifts_{shift_of_5, shift_of_6} {}
  CandidateBatch run(const PlanPoint& at, std::size_t begin, std::size_t end) override {
    CandidateBatch out;
    for (std::size_t i = begin; i < end; ++i) {
      const double shift = at[0] == 5 ? shifts_[0] : at[0] == 6 ? shifts_[1] : 0;
      const double noise = i % 2 == 0 ? 0.01 : -0.01;
      out.seeds.push_back({{5.5 - first_of(at) + noise + (i >= fresh_from_ ? shift : 0)}, {}});
    }
    return out;
  }

 private:
  std::size_t fresh_from_;
  double shifts_[2];
};

}  // namespace

TEST_CASE("a cheaper candidate that halving dropped forbids to call the answer the least") {
  for (std::uint64_t study = 1; study <= 6; ++study) {
    // 5 is on the limit; a neighbour of the answer, so it is judged in full after it was dropped.
    const auto slope = [](const PlanPoint& at) { return 10 - first_of(at); };
    NoisyCandidates runs(slope, 0.5, study);
    const PlanOutcome out = named_plan(without_order(20, 5), runs);
    INFO(claims_of(out));
    CHECK(out.status == PlanStatus::undecided);
    REQUIRE_FALSE(out.undecided.empty());
    const PlanCandidate& last = out.candidates[out.undecided.back()];
    CHECK(last.point == PlanPoint{5});
    CHECK(last.found.runs == 64);
    CHECK_FALSE(last.dropped);
    CHECK(says(out, "a=5 is less and is not decided"));
    CHECK_FALSE(says(out, "is the least that"));
    CHECK_FALSE(says(out, "nothing less"));

    // 2 is on the limit and no neighbour of the answer, 8: it may stay dropped.
    const auto island = [](const PlanPoint& at) {
      return at[0] == 2 ? 5.0 : at[0] < 8 ? 20.0 : 1.0;
    };
    NoisyCandidates apart(island, 0.5, study);
    const PlanOutcome far = named_plan(without_order(20, 5), apart);
    INFO(claims_of(far));
    CHECK(far.status == PlanStatus::undecided);
    CHECK(claimed(far, far.undecided) == std::vector<PlanPoint>{{2}});
  }
}

TEST_CASE("nothing less to choose is said only where the grid has nothing less") {
  const auto all = [](const PlanPoint&) { return 1.0; };
  NoisyCandidates low(all, 0.1, 1);
  CHECK(says(named_plan(noisy_problem({9}, 2), low), "There is nothing less to choose"));
  // The cheaper policy 0 fails; of policy 1 the first size meets: nothing is one step less.
  const auto policy = [](const PlanPoint& at) { return at[0] == 0 ? 5.0 : 1.0; };
  PlanProblem problem = noisy_problem({2, 4}, 2);
  problem.monotone[0] = false;
  NoisyCandidates runs(policy, 0.1, 1);
  const PlanOutcome out = named_plan(problem, runs);
  INFO(claims_of(out));
  CHECK(out.status == PlanStatus::found);
  CHECK(out.failing.empty());
  CHECK_FALSE(says(out, "nothing less"));
}

TEST_CASE("none is not claimed of candidates that were not run") {
  const auto high = [](const PlanPoint&) { return 9.0; };
  PlanProblem sample = without_order(14, 1);
  sample.candidates = 2;
  NoisyCandidates few(high, 0.1, 1);
  const PlanOutcome out = named_plan(sample, few);
  CHECK(out.status == PlanStatus::undecided);
  CHECK(claims_of(out) == "None of the 1 of 14 candidates that were run meets.\n");
  NoisyCandidates every(high, 0.1, 1);
  const PlanOutcome whole = named_plan(without_order(14, 1), every);
  CHECK(whole.status == PlanStatus::none);
  CHECK(claims_of(whole) == "No candidate meets the objectives.\n");
  PlanProblem one = noisy_problem({14}, 1);
  one.candidates = 1;
  NoisyCandidates exhausted(high, 0.1, 1);
  const PlanOutcome stopped = named_plan(one, exhausted);
  CHECK(stopped.exhausted);
  CHECK(stopped.status == PlanStatus::undecided);
  CHECK(says(stopped, "None of the 1 of 14"));
}

TEST_CASE("when the most fails the least is run too, and the order is named") {
  const auto high = [](const PlanPoint&) { return 9.0; };
  NoisyCandidates never(high, 0.1, 1);
  const PlanOutcome none = named_plan(noisy_problem({14}, 1), never);
  CHECK(none.status == PlanStatus::none);
  CHECK(claims_of(none) == "a=13, the most, fails: if a is monotone none meets.\n");
  PlanProblem split = noisy_problem({3, 9}, 1);
  split.monotone[0] = false;
  NoisyCandidates both(high, 0.1, 1);
  const PlanOutcome lines = named_plan(split, both);
  CHECK(both.asked == std::set<PlanPoint>{{0, 0}, {0, 8}, {1, 0}, {1, 8}, {2, 0}, {2, 8}});
  CHECK(claims_of(lines) == "With each a the most fails: if b is monotone none meets.\n");

  // The wrong way round: the first meets. It is the cheapest of all, so it is the least anyway.
  const auto rising = [](const PlanPoint& at) { return first_of(at); };
  PlanProblem reversed = noisy_problem({14}, 3.5);
  NoisyCandidates cheap(rising, 0.1, 1);
  const PlanOutcome least = named_plan(reversed, cheap);
  CHECK(least.not_monotone);
  REQUIRE(least.answer);
  CHECK(claimed(least, {*least.answer}) == std::vector<PlanPoint>{{0}});
  CHECK(least.status == PlanStatus::found);
  // Where it is the dearest, a lesser one may meet.
  for (double& cost : reversed.knob_costs[0]) cost = -cost;
  NoisyCandidates dear(rising, 0.1, 1);
  const PlanOutcome open = named_plan(reversed, dear);
  CHECK(open.not_monotone);
  CHECK(open.status == PlanStatus::undecided);
}

TEST_CASE("what fails by the order is not undecided") {
  // (0, 5) is on the limit, and (1, 5), which has more, fails: (0, 6) is the least.
  const auto mean = [](const PlanPoint& at) {
    if (at[1] == 5 && at[0] == 0) return 0.0;
    return at[1] > 5 ? -1.0 : 1.0;
  };
  NoisyCandidates runs(mean, 0.1, 1);
  const PlanOutcome out = named_plan(noisy_problem({2, 10}, 0), runs);
  INFO(claims_of(out));
  CHECK(runs.asked.count({0, 5}) == 1);
  CHECK(runs.asked.count({1, 5}) == 1);
  REQUIRE(out.answer);
  CHECK(claimed(out, {*out.answer}) == std::vector<PlanPoint>{{0, 6}});
  CHECK(out.undecided.empty());
  CHECK(out.status == PlanStatus::found);
}

TEST_CASE("what fresh seeds contradict is neither said to meet nor to fail") {
  // 5.5 - a against 0: 6 meets, 5 fails; on fresh seeds the one or the other is off by 1.
  const PlanProblem problem = noisy_problem({12}, 0);
  ShiftedCandidates answer_off(problem.most, 0, 1);
  const PlanOutcome first = named_plan(problem, answer_off);
  INFO(claims_of(first));
  CHECK(first.status == PlanStatus::undecided);
  CHECK(answer_is_contradicted(first));
  CHECK(claimed(first, first.contradicted) == std::vector<PlanPoint>{{6}});
  CHECK(first.undecided.empty());
  CHECK(says(first, "Whether a=6 meets the objectives is undecided"));
  CHECK_FALSE(says(first, "a=6 meets the objectives;"));
  CHECK_FALSE(says(first, "intervals hold the limit"));
  CHECK(says(first, "One step less fails: a=5."));
  ShiftedCandidates neighbour_off(problem.most, -1, 0);
  const PlanOutcome other = named_plan(problem, neighbour_off);
  CHECK_FALSE(answer_is_contradicted(other));
  CHECK(other.failing.empty());
  CHECK(claimed(other, other.contradicted) == std::vector<PlanPoint>{{5}});
  CHECK_FALSE(says(other, "One step less fails"));
  CHECK(says(other, "a=5 failed, and on fresh seeds does not"));
  CHECK(says(other, "a=6 meets the objectives; whether it is the least is undecided."));
}

TEST_CASE("metrics that cost less for more are told") {
  const auto mean = [](const PlanPoint& at) { return 10 - first_of(at); };
  PlanProblem problem = noisy_problem({40}, 4.5);
  problem.knob_costs = {{}};
  problem.metric_weights = {1};
  NoisyCandidates falling(mean, 0.05, 1, [](const PlanPoint& at) { return 90 - first_of(at); });
  const PlanOutcome out = named_plan(problem, falling);
  CHECK(out.costs_not_monotone);
  CHECK(out.status == PlanStatus::undecided);
  NoisyCandidates rising(mean, 0.05, 1, first_of);
  const PlanOutcome fine = named_plan(problem, rising);
  CHECK_FALSE(fine.costs_not_monotone);
  CHECK(fine.status == PlanStatus::found);
}

TEST_CASE("each bound of an objective has its share of the error") {
  PlanProblem one = noisy_problem({9}, 2);
  const auto mean = [](const PlanPoint&) { return 1.0; };
  NoisyCandidates runs(mean, 0.1, 1);
  const double single = PlanJudge(one, runs, 5).look_confidence();
  one.objectives[0].bound.at_least = 0;
  CHECK(1 - PlanJudge(one, runs, 5).look_confidence() == Approx((1 - single) / 2));
}

TEST_CASE("only what meets needs a cost") {
  const auto mean = [](const PlanPoint& at) { return 10 - first_of(at); };
  const auto from = [](double first) {
    return [first](const PlanPoint& at) { return first_of(at) < first ? NAN : first_of(at); };
  };
  PlanProblem problem = noisy_problem({40}, 4.5);  // from 6 on
  problem.knob_costs = {{}};
  problem.metric_weights = {1};
  for (const bool order : {true, false}) {
    problem.monotone[0] = order;
    NoisyCandidates fails_without(mean, 0.05, 1, from(6));
    const PlanOutcome out = named_plan(problem, fails_without);
    REQUIRE(out.answer);
    CHECK(claimed(out, {*out.answer}) == std::vector<PlanPoint>{{6}});
    NoisyCandidates meets_without(mean, 0.05, 1, from(7));
    CHECK_THROWS_WITH(named_plan(problem, meets_without), "no cost here");
  }
}
