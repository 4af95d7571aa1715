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

}  // namespace
}  // namespace hyperdc
