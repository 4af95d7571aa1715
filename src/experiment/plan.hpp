// plan: a study with a plan as a problem to search, and the simulations that answer it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "experiment/plan_search.hpp"
#include "results/run_result.hpp"
#include "scenario/study_plan.hpp"

namespace hyperdc {

struct PreparedPlan {
  PlanProblem problem;
  std::string cost_unit;  // of what is minimised; empty: none, or several
  Issues warnings;
};

/// Loads candidates (all, or of many the corners and what lists hold) and checks objectives and
/// metrics; everything that is wrong, all at once.
Result<PreparedPlan> prepare_plan(const PlanStudy& study, const LoadOptions& options);

class PlanProgress {
 public:
  virtual ~PlanProgress() = default;
  /// Before a batch: which candidate, and how many runs there were.
  virtual void progress(const std::string& candidate, std::size_t runs) = 0;
};

/// Candidates by simulation, on threads; keeps the scenarios that it used last.
class SimulatedCandidates final : public CandidateRuns {
 public:
  struct Options {
    LoadOptions load;
    unsigned threads = 1;
    PlanProgress* progress = nullptr;  // may be null
  };
  /// All must outlive this.
  SimulatedCandidates(const PlanStudy& study, const PlanProblem& problem, Options options,
                      const std::atomic<bool>& stop);
  CandidateBatch run(const PlanPoint& at, std::size_t begin, std::size_t end) override;

 private:
  std::shared_ptr<const Loaded> load(const PlanPoint& at, const Variation& variation);
  CandidateSeed values_of(const RunResult& result, const std::string& candidate) const;

  const PlanStudy& study_;
  const PlanProblem& problem_;
  Options options_;
  const std::atomic<bool>& stop_;
  std::vector<std::pair<PlanPoint, std::shared_ptr<const Loaded>>> kept_;  // the last one last
  std::size_t runs_ = 0;
};

/// Searches, and names what was found.
PlanOutcome answer_plan(const PlanStudy& study, const PreparedPlan& prepared, CandidateRuns& runs);

}  // namespace hyperdc
