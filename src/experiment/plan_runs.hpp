// Candidates of a plan by simulation (docs/adr/0012-plan.md): the runs of a batch are done by the
// engine of sweep(), side by side on threads, and kept in the store of a study as each ends. A run
// that is there is not done again, whichever plan asked for it: its key says what it is.
#pragma once

#include <atomic>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <set>
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
    StudyStore* store = nullptr;       // after set_plan(); null: nothing is kept
  };
  /// All must outlive this. `stop` is set when a run cannot be kept.
  SimulatedCandidates(const PlanStudy& study, const PlanProblem& problem, Options options,
                      std::atomic<bool>& stop);
  /// Also WriteFailed and StoreProblem.
  CandidateBatch run(const PlanPoint& at, std::size_t begin, std::size_t end) override;

  /// Runs that were found in the store, and those that were done.
  std::size_t there() const { return there_; }
  std::size_t done() const { return now_.size(); }

 private:
  struct Kept {
    PlanPoint at;
    Variation variation;
    std::shared_ptr<const Loaded> loaded;
  };
  const Kept& load(const PlanPoint& at);
  void tell(const Kept& candidate) const;
  /// Says in the store that these runs are of the plan.
  void list(const StudyPlan& plan, const Kept& candidate);
  /// The results of the runs of a plan of one variation, by run.
  std::vector<std::optional<RunResult>> results_of(const StudyPlan& plan, const Kept& candidate);
  CandidateSeed values_of(const RunResult& result, const std::string& candidate) const;

  const PlanStudy& study_;
  const PlanProblem& problem_;
  Options options_;
  std::atomic<bool>& stop_;
  std::string sources_;
  std::vector<Kept> kept_;                   // the last one last
  std::map<PlanPoint, std::size_t> listed_;  // number of the variation in the store
  std::set<std::string> now_;                // keys of the runs that were done
  std::size_t there_ = 0;
};

}  // namespace hyperdc
