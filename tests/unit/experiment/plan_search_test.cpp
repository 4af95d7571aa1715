// The search of a plan on functions whose least candidate is known.
#include <catch2/catch.hpp>

#include "support/noisy_candidates.hpp"

using namespace hyperdc;
using test::noisy_problem;
using test::NoisyCandidates;

namespace {

PlanPoint answer_of(const PlanOutcome& out) {
  REQUIRE(out.answer);
  return out.candidates[*out.answer].point;
}

std::vector<PlanPoint> points_of(const PlanOutcome& out, const std::vector<std::size_t>& which) {
  std::vector<PlanPoint> points;
  for (const std::size_t i : which) points.push_back(out.candidates[i].point);
  return points;
}

double index_of(const PlanPoint& at) {
  return static_cast<double>(at[0]);
}

}  // namespace

TEST_CASE("bisection finds the least of a thousand, and its neighbour fails") {
  // 1000 / (index + 1) is at most 3.5 from 285 on (1000 / 286 = 3.4965).
  const auto mean = [](const PlanPoint& at) { return 1000 / (index_of(at) + 1); };
  NoisyCandidates runs(mean, 0.001, 1);
  const PlanOutcome out = search_plan(noisy_problem({1000}, 3.5), runs);
  CHECK(out.method == "bisection");
  CHECK(out.status == PlanStatus::found);
  CHECK(answer_of(out) == PlanPoint{285});
  CHECK(points_of(out, out.failing) == std::vector<PlanPoint>{{284}});
  CHECK(out.candidates.size() <= 12);  // the last, and ten halves
  REQUIRE(out.confirmed.size() == 2);
  CHECK(out.confirmed[0].confirmation == Confirmation::holds);
  CHECK(out.confirmed[1].fresh.verdict == PlanVerdict::fails);
  // Fresh seeds begin behind all that the search may use: 8 to 64 seeds.
  CHECK(out.confirmed[0].fresh.first_seed == 65);
  CHECK(runs.seeds.count(63) == 0);
  CHECK(runs.seeds.count(64) == 1);
}

TEST_CASE("the ends of a range: all meet, none meets, one value") {
  const auto low = [](const PlanPoint&) { return 1.0; };
  NoisyCandidates all(low, 0.1, 1);
  const PlanOutcome first = search_plan(noisy_problem({9}, 2), all);
  CHECK(answer_of(first) == PlanPoint{0});
  CHECK(first.failing.empty());
  CHECK(first.status == PlanStatus::found);
  CHECK(plan_warnings(first).empty());
  NoisyCandidates same(low, 0, 1);  // no noise at all: what is rare was not seen
  CHECK(plan_warnings(search_plan(noisy_problem({9}, 2), same)).size() == 1);
  NoisyCandidates none(low, 0.1, 1);
  const PlanOutcome nothing = search_plan(noisy_problem({9}, 0.5), none);
  CHECK(nothing.status == PlanStatus::none);
  CHECK_FALSE(nothing.answer);
  // The last candidate fails, so do all by the order; the first is run to see that it holds.
  CHECK(none.asked == std::set<PlanPoint>{{0}, {8}});
  NoisyCandidates one(low, 0.1, 1);
  CHECK(answer_of(search_plan(noisy_problem({1}, 2), one)) == PlanPoint{0});
}

TEST_CASE("what is on its limit is undecided, with the candidates on both sides") {
  // 10 - index against 5: index 5 is on the limit.
  const auto mean = [](const PlanPoint& at) { return 10 - index_of(at); };
  NoisyCandidates runs(mean, 0.5, 3);
  const PlanOutcome out = search_plan(noisy_problem({20}, 5), runs);
  CHECK(out.status == PlanStatus::undecided);
  CHECK(answer_of(out) == PlanPoint{6});
  CHECK(points_of(out, out.undecided) == std::vector<PlanPoint>{{5}});
  const PlanFinding& found = out.candidates[out.undecided[0]].found;
  CHECK(found.runs == 64);
  CHECK(runs.asked.count({4}) == 1);  // the other end of what is undecided is known too
}

TEST_CASE("a staircase of two knobs: every corner, and the cheapest of them") {
  // Meets when 3 x + y >= 12: the corners are (0,12) (1,9) (2,6) (3,3) (4,0).
  const auto mean = [](const PlanPoint& at) {
    return -3 * static_cast<double>(at[0]) - static_cast<double>(at[1]);
  };
  NoisyCandidates runs(mean, 0.05, 1);
  PlanProblem problem = noisy_problem({8, 16}, -11.5);
  for (double& cost : problem.knob_costs[0]) cost *= 4;  // x costs four times as much as y
  const PlanOutcome out = search_plan(problem, runs);
  CHECK(out.method == "staircase");
  CHECK(out.status == PlanStatus::found);
  CHECK(answer_of(out) == PlanPoint{0, 12});
  CHECK(points_of(out, out.frontier) ==
        std::vector<PlanPoint>{{0, 12}, {1, 9}, {2, 6}, {3, 3}, {4, 0}});
  CHECK(points_of(out, out.failing) == std::vector<PlanPoint>{{0, 11}});
  CHECK(out.candidates.size() < 40);  // of 128

  // The dearer y, the further along: the cheapest is then in the middle, and both its neighbours
  // are run, though they follow from others.
  for (std::size_t i = 0; i < 8; ++i) {
    problem.knob_costs[0][i] = static_cast<double>(i * i);
  }
  NoisyCandidates again(mean, 0.05, 1);
  const PlanOutcome middle = search_plan(problem, again);
  CHECK(answer_of(middle) == PlanPoint{1, 9});  // costs 12, 10, 10, 12, 16: the first of equals
  CHECK(points_of(middle, middle.failing) == std::vector<PlanPoint>{{0, 9}, {1, 8}});
}

TEST_CASE("a knob without order splits the staircase") {
  // Policy 1 needs two less of x than policy 0, policy 2 four more.
  const auto mean = [](const PlanPoint& at) {
    const double help[] = {0, 2, -4};
    return 10 - static_cast<double>(at[1]) - help[at[0]];
  };
  PlanProblem problem = noisy_problem({3, 20}, 0.5);
  problem.monotone[0] = false;
  problem.knob_costs[0].clear();
  NoisyCandidates runs(mean, 0.05, 1);
  const PlanOutcome out = search_plan(problem, runs);
  CHECK(answer_of(out) == PlanPoint{1, 8});
  CHECK(points_of(out, out.frontier) == std::vector<PlanPoint>{{1, 8}, {0, 10}, {2, 14}});
  CHECK(points_of(out, out.failing) == std::vector<PlanPoint>{{1, 7}});
}

TEST_CASE("halving finds the least where no knob has an order") {
  // Only even x meet, from 6 on; odd ones miss by much.
  const auto mean = [](const PlanPoint& at) { return at[0] % 2 == 0 ? 6.5 - index_of(at) : 20.0; };
  PlanProblem problem = noisy_problem({40}, 1);
  problem.monotone[0] = false;
  NoisyCandidates runs(mean, 0.3, 1);
  const PlanOutcome out = search_plan(problem, runs);
  CHECK(out.method == "halving");
  CHECK(answer_of(out) == PlanPoint{6});
  CHECK(points_of(out, out.failing) == std::vector<PlanPoint>{{5}});

  // A valley in two dimensions, ten thousand candidates: a sample, then down to the least.
  const auto bowl = [](const PlanPoint& at) {
    const double x = static_cast<double>(at[0]) - 60;
    const double y = static_cast<double>(at[1]) - 40;
    return x * x + y * y;
  };
  PlanProblem wide = noisy_problem({100, 100}, 900);  // a disc of radius 30
  wide.monotone = {false, false};
  wide.candidates = 300;
  NoisyCandidates disc(bowl, 1, 1);
  const PlanOutcome found = search_plan(wide, disc);
  REQUIRE(found.answer);
  // Its least sum is at the lower left, 100 - 30 sqrt 2 = 57.6; a local least is no farther off
  // than its neighbours say.
  CHECK(*found.candidates[*found.answer].found.cost <= 70);
  CHECK(found.candidates.size() <= 300);
  for (const PlanPoint& point : points_of(found, found.failing)) CHECK(bowl(point) > 900);
}

TEST_CASE("a metric may be what is minimised, and equal costs are told") {
  const auto mean = [](const PlanPoint& at) {
    return 20 - static_cast<double>(at[0]) - static_cast<double>(at[1]);
  };
  const auto cost = [](const PlanPoint& at) {
    return 3.0 * static_cast<double>(at[0]) + 3.0 * static_cast<double>(at[1]);
  };
  PlanProblem problem = noisy_problem({6, 40}, 9.5);
  problem.knob_costs = {{}, {}};
  problem.metric_weights = {1};
  NoisyCandidates runs(mean, 0.05, 1, cost);
  const PlanOutcome out = search_plan(problem, runs);
  CHECK(out.status == PlanStatus::undecided);  // all six corners cost 33
  CHECK(out.tied.size() == 5);
  const auto dearer = [](const PlanPoint& at) {
    return 4.0 * static_cast<double>(at[0]) + 3.0 * static_cast<double>(at[1]);
  };
  NoisyCandidates apart(mean, 0.05, 1, dearer);
  const PlanOutcome clear = search_plan(problem, apart);
  CHECK(clear.status == PlanStatus::found);
  CHECK(answer_of(clear) == PlanPoint{0, 11});
}

TEST_CASE("an order that does not hold is told") {
  // Index 1 fails though 0 meets.
  const auto mean = [](const PlanPoint& at) { return at[0] == 0 ? -1.0 : at[0] >= 2 ? -1.0 : 1.0; };
  NoisyCandidates runs(mean, 0.01, 1);
  const PlanOutcome out = search_plan(noisy_problem({8}, 0), runs);
  CHECK(answer_of(out) == PlanPoint{2});  // 0 is never seen: bisection trusts the order
  // The walk infers that (0, 2) fails, for (0, 3) does; it is a neighbour of (1, 2), so it is run.
  const auto two = [](const PlanPoint& at) {
    if (at[0] == 1) return at[1] >= 2 ? -1.0 : 1.0;
    return at[1] >= 5 || at[1] == 2 ? -1.0 : 1.0;
  };
  NoisyCandidates twisted(two, 0.01, 1);
  const PlanOutcome warned = search_plan(noisy_problem({2, 8}, 0), twisted);
  CHECK(warned.not_monotone);
  CHECK(answer_of(warned) == PlanPoint{0, 2});
  CHECK(plan_warnings(warned).size() == 1);
}

TEST_CASE("a limit of candidates and an interruption leave what was measured") {
  const auto mean = [](const PlanPoint& at) { return 1000 / (index_of(at) + 1); };
  PlanProblem problem = noisy_problem({1000}, 3.5);
  problem.candidates = 4;
  NoisyCandidates few(mean, 0.001, 1);
  const PlanOutcome out = search_plan(problem, few);
  CHECK(out.exhausted);
  CHECK(out.status == PlanStatus::undecided);
  CHECK(out.candidates.size() == 4);
  NoisyCandidates stopped(mean, 0.001, 1);
  stopped.stop_after = 3;
  const PlanOutcome partial = search_plan(noisy_problem({1000}, 3.5), stopped);
  CHECK_FALSE(partial.complete);
  CHECK(partial.candidates.size() == 2);
  CHECK(partial.confirmed.empty());
  CHECK(partial.status == PlanStatus::undecided);
}

TEST_CASE("a false plan is rarer than stated") {
  // Steps of 0.4 deviations around the limit, as near as 0.1 deviations: 200 plans, of which at
  // most 5 % may call a wrong candidate the least. docs/models/plan.md has 1,000 and more cases.
  std::size_t found = 0;
  std::size_t wrong = 0;
  for (std::uint64_t study = 1; study <= 200; ++study) {
    const auto mean = [](const PlanPoint& at) { return 0.4 * (8 - index_of(at)); };
    NoisyCandidates runs(mean, 1, study);
    const PlanOutcome out = search_plan(noisy_problem({16}, 0.1), runs);
    if (out.status != PlanStatus::found) continue;
    ++found;
    if (answer_of(out) != PlanPoint{8}) ++wrong;
  }
  CHECK(wrong <= 10);
  CHECK(found < 200);
}
