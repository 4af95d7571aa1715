// Candidates of a plan by simulation (docs/adr/0012-plan.md): the runs of a batch are done by the
// engine of sweep(), side by side on threads.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "experiment/plan_search.hpp"
#include "results/run_result.hpp"
#include "results/study_store.hpp"
#include "scenario/study_plan.hpp"

namespace hyperdc {

class PlanProgress {
 public:
  virtual ~PlanProgress() = default;
  /// Before a batch and whenever runs of it have ended: which candidate, and how many runs there
  /// were.
  virtual void progress(const std::string& candidate, std::size_t runs) = 0;
};

/// Keeps the scenarios that it used last.
class SimulatedCandidates final : public CandidateRuns {
 public:
  struct Options {
    LoadOptions load;
    unsigned threads = 1;
    PlanProgress* progress = nullptr;  // may be null
  };
  /// All must outlive this. `stop` is set when a run cannot be kept.
  SimulatedCandidates(const PlanStudy& study, const PlanProblem& problem, Options options,
                      std::atomic<bool>& stop);
  CandidateBatch run(const PlanPoint& at, std::size_t begin, std::size_t end) override;

 private:
  struct Kept {
    PlanPoint at;
    Variation variation;
    std::shared_ptr<const Loaded> loaded;
  };
  const Kept& load(const PlanPoint& at);
  void tell(const Kept& candidate) const;
  /// The results of the runs of a plan of one variation, by run.
  std::vector<std::optional<RunResult>> results_of(const StudyPlan& plan, const Kept& candidate);
  CandidateSeed values_of(const RunResult& result, const std::string& candidate) const;

  const PlanStudy& study_;
  const PlanProblem& problem_;
  Options options_;
  std::atomic<bool>& stop_;
  std::string sources_;
  std::vector<Kept> kept_;  // the last one last
  std::size_t runs_ = 0;
};

}  // namespace hyperdc
