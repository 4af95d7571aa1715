// plan: a study with a plan as a problem to search, and what was found with its names.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "experiment/plan_search.hpp"
#include "scenario/study_plan.hpp"

namespace hyperdc {

struct PreparedPlan {
  PlanProblem problem;
  std::string cost_unit;                 // of what is minimised; empty: none, or several
  std::optional<std::uint64_t> windows;  // of a trace, where seeds replay them
  Issues warnings;
};

/// Loads candidates (all, or of many the corners and what lists hold) and checks objectives and
/// metrics; everything that is wrong, all at once.
Result<PreparedPlan> prepare_plan(const PlanStudy& study, const LoadOptions& options);

/// Searches, and names what was found.
PlanOutcome answer_plan(const PlanStudy& study, const PreparedPlan& prepared, CandidateRuns& runs);

}  // namespace hyperdc
