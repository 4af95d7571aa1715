// A plan of a problem without scenarios, with the names that its sentences need: knobs a and b,
// values their indices.
#pragma once

#include <string>
#include <vector>

#include "experiment/plan_search.hpp"

namespace hyperdc::test {

inline PlanOutcome named_plan(const PlanProblem& problem, CandidateRuns& runs) {
  PlanOutcome out = search_plan(problem, runs);
  for (std::size_t k = 0; k < problem.sizes.size(); ++k) {
    out.knobs.push_back({k == 0 ? "a" : "b",
                         {},
                         "0",
                         std::to_string(problem.sizes[k] - 1),
                         problem.sizes[k],
                         problem.monotone[k]});
  }
  for (PlanCandidate& candidate : out.candidates) {
    for (const std::size_t index : candidate.point) {
      candidate.values.push_back(std::to_string(index));
    }
  }
  for (PlanStretch& open : out.open) {
    for (const std::size_t index : open.line) open.values.push_back(std::to_string(index));
    if (open.fails) open.fails_value = std::to_string(*open.fails);
    if (open.meets) open.meets_value = std::to_string(*open.meets);
  }
  return out;
}

/// All that it says, a sentence a line.
inline std::string claims_of(const PlanOutcome& out) {
  std::string text;
  for (const std::string& sentence : plan_sentences(out)) text += sentence + "\n";
  return text;
}

inline bool says(const PlanOutcome& out, const std::string& part) {
  return claims_of(out).find(part) != std::string::npos;
}

inline std::vector<PlanPoint> claimed(const PlanOutcome& out,
                                      const std::vector<std::size_t>& which) {
  std::vector<PlanPoint> points;
  for (const std::size_t i : which) points.push_back(out.candidates[i].point);
  return points;
}

}  // namespace hyperdc::test
