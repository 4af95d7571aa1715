// How often the verdicts of plans are false: searches of functions whose least candidate is known,
// 1,000 of each kind. docs/models/plan.md states these numbers.
#include <catch2/catch.hpp>
#include <cmath>
#include <fmt/format.h>

#include "support/noisy_candidates.hpp"

namespace hyperdc {
namespace {

using test::noisy_problem;
using test::NoisyCandidates;

struct Errors {
  std::size_t found = 0;   // plans that name the least
  std::size_t wrong = 0;   // of these, falsely
  std::size_t missed = 0;  // undecided plans that do not name it at all
  double runs = 0;         // mean, all in all
};

/// Candidates whose means fall by `step` deviations, the `least`th of them `above` deviations below
/// the limit; noise normal, or skewed by a lognormal of this coefficient of variation.
Errors errors_of(double step, double above, double cv, std::uint64_t plans) {
  constexpr std::size_t kLeast = 11;
  Errors out;
  for (std::uint64_t study = 1; study <= plans; ++study) {
    const auto mean = [&](const PlanPoint& at) {
      return step * (static_cast<double>(kLeast) - static_cast<double>(at[0]));
    };
    NoisyCandidates runs(mean, 1, study);
    runs.skew = cv;
    const PlanOutcome plan = search_plan(noisy_problem({32}, above), runs);
    out.runs += static_cast<double>(plan.runs) / static_cast<double>(plans);
    bool named = plan.answer && plan.candidates[*plan.answer].point[0] == kLeast;
    if (plan.status == PlanStatus::found) {
      ++out.found;
      if (!named) ++out.wrong;
      continue;
    }
    for (const std::size_t i : plan.undecided) {
      named = named || plan.candidates[i].point[0] == kLeast;
    }
    if (!named) ++out.missed;
  }
  return out;
}

Errors told(const char* what, const Errors& errors) {
  WARN(fmt::format("{}: found {}, wrong {}, least not named {}, {:.0f} runs", what, errors.found,
                   errors.wrong, errors.missed, errors.runs));
  return errors;
}

TEST_CASE("normal values: a plan is false in at most 5 % of 1,000", "[validation]") {
  // Half way between two candidates, near one of them, and on the limit (where the least is only
  // just the least).
  const Errors clear = told("steps of 2, half way", errors_of(2, 1, 0, 1000));
  CHECK(clear.wrong <= 50);
  CHECK(clear.found >= 900);
  const Errors middle = told("steps of 1, half way", errors_of(1, 0.5, 0, 1000));
  CHECK(middle.wrong <= 50);
  const Errors fine = told("steps of 0.3, half way", errors_of(0.3, 0.15, 0, 1000));
  CHECK(fine.wrong <= 50);
  const Errors limit = told("steps of 1, on the limit", errors_of(1, 1e-9, 0, 1000));
  CHECK(limit.wrong <= 50);
  CHECK(limit.found <= 50);
}

TEST_CASE("skewed values: false plans are counted", "[validation]") {
  const Errors mild = told("cv 0.5, steps of 1", errors_of(1, 0.5, 0.5, 1000));
  CHECK(mild.wrong <= 50);
  const Errors strong = told("cv 1, steps of 1", errors_of(1, 0.5, 1, 1000));
  CHECK(strong.wrong <= 50);
  const Errors wild = told("cv 3, steps of 1", errors_of(1, 0.5, 3, 1000));
  CHECK(wild.wrong <= 50);
  // A fine grid and skewed values: undecided plans may fail to name the least.
  const Errors edge = told("cv 1, steps of 0.3", errors_of(0.3, 0.15, 1, 1000));
  CHECK(edge.wrong + edge.missed <= 50);
}

/// Two policies of which the second costs less by `cheaper` deviations of a run's cost; it meets
/// clearly from the third size on, as the first does, or is on its limit there.
Errors cost_errors_of(double cheaper, bool on_limit, std::uint64_t plans) {
  Errors out;
  for (std::uint64_t study = 1; study <= plans; ++study) {
    const auto mean = [&](const PlanPoint& at) {
      return at[1] < 2 ? 3.0 : at[0] == 1 && on_limit ? 0.0 : -3.0;
    };
    const auto cost = [&](const PlanPoint& at) {
      return 10 + 3 * static_cast<double>(at[1]) - (at[0] == 1 ? cheaper : 0);
    };
    PlanProblem problem = noisy_problem({2, 4}, 0);
    problem.monotone[0] = false;
    problem.knob_costs = {{}, {}};
    problem.metric_weights = {1};
    NoisyCandidates runs(mean, 1, study, cost);
    runs.cost_noise = 1;
    const PlanOutcome plan = search_plan(problem, runs);
    out.runs += static_cast<double>(plan.runs) / static_cast<double>(plans);
    const PlanPoint least{1, 2};
    bool named = plan.answer && plan.candidates[*plan.answer].point == least;
    if (plan.status == PlanStatus::found) {
      ++out.found;
      if (!named) ++out.wrong;
      continue;
    }
    for (const auto* some : {&plan.undecided, &plan.tied}) {
      for (const std::size_t i : *some) named = named || plan.candidates[i].point == least;
    }
    if (!named) ++out.missed;
  }
  return out;
}

TEST_CASE("measured costs: a least that is not the cheapest is within the 5 %", "[validation]") {
  const Errors equal = told("costs alike", cost_errors_of(1e-9, false, 1000));
  CHECK(equal.wrong + equal.missed <= 5);  // compared at 95 % alone it would be 25
  const Errors limit =
      told("costs alike, the cheaper on its limit", cost_errors_of(1e-9, true, 1000));
  CHECK(limit.wrong + limit.missed <= 10);
  const Errors near = told("costs 1 apart", cost_errors_of(1, false, 1000));
  CHECK(near.wrong + near.missed <= 5);
  CHECK(near.found >= 900);  // with more seeds than its verdicts needed
  const Errors apart = told("costs 6 apart", cost_errors_of(6, false, 1000));
  CHECK(apart.wrong + apart.missed <= 5);
  CHECK(apart.found >= 900);
}

}  // namespace
}  // namespace hyperdc
