// What a plan found, as text of at most 100 columns and as JSON (schema hyperdc.plan/1). Both are
// made from one PlanOutcome, so that nothing exists only as text.
#pragma once

#include <string>
#include <string_view>

#include "report/terminal.hpp"
#include "results/plan_outcome.hpp"

namespace hyperdc {

inline constexpr std::string_view kPlanSchema = "hyperdc.plan/1";

/// Ends with a line feed.
std::string plan_screen(const PlanOutcome& plan, const TextStyle& style);
std::string plan_outcome_json(const PlanOutcome& plan);

}  // namespace hyperdc
