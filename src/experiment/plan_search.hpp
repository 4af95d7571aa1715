// PlanSearch: which candidates a plan runs, and what follows from their verdicts
// (docs/adr/0012-plan.md, docs/models/plan.md).
//
// It knows a grid of candidates, objectives, and how to ask for the values of a candidate with some
// seeds; not what a scenario is, so that it is tested on functions with known answers. The runs of
// a candidate may come from a simulation or from a store.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "results/plan_outcome.hpp"

namespace hyperdc {

/// What a candidate measured with one seed.
struct CandidateSeed {
  std::vector<std::optional<double>> objectives;  // in the order of the problem
  std::vector<std::optional<double>> costs;       // of the metrics that are minimised
  std::vector<std::string> reasons = {};  // why objectives have no value, one by one; may be empty
  std::string no_cost = {};               // why a cost has no value, for the user
};

struct CandidateBatch {
  std::vector<CandidateSeed> seeds;
  bool draws = true;  // false: every seed gives the same, and one was run
};

/// A run that did not end, a candidate that cannot be loaded any more, or one that meets and whose
/// cost has no value; for the user.
class PlanFailed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Somebody asked to stop.
class PlanStopped {};

class CandidateRuns {
 public:
  virtual ~CandidateRuns() = default;
  /// The seeds from the `begin`th to before the `end`th, in order; may throw PlanStopped.
  virtual CandidateBatch run(const PlanPoint& at, std::size_t begin, std::size_t end) = 0;
};

struct PlanObjective {
  std::string metric, unit;
  Bound bound;
};

struct PlanProblem {
  std::vector<std::size_t> sizes;  // values, by knob; from the least capacity to the most
  std::vector<bool> monotone;      // by knob
  std::vector<PlanObjective> objectives;
  std::vector<std::vector<double>> knob_costs;  // by knob and value; may be empty for a knob
  std::vector<double> metric_weights;           // of CandidateSeed::costs
  double confidence = 0.95;
  std::size_t first = 8, most = 64;  // seeds
  std::size_t candidates = 200;      // at most
  std::uint64_t first_seed = 1;
};

/// Searches, and confirms on seeds from the `most`th on. PlanFailed. Of the outcome all but names
/// is filled.
PlanOutcome search_plan(const PlanProblem& problem, CandidateRuns& runs);

}  // namespace hyperdc
