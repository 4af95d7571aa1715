// sweep: does the runs of a study that a store does not have, side by side, and stores each as it
// ends (docs/adr/0011-studies.md).
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "results/study_store.hpp"
#include "scenario/study.hpp"

namespace hyperdc {

/// sha256 of the sources of this program that its results depend on.
std::string sources_sha256();

/// The runs of a study with their keys; what is wrong with any of its variations, all at once.
struct PlannedStudy {
  StudyPlan plan;
  Issues warnings;
};
Result<PlannedStudy> plan_study(const Study& study, const LoadOptions& options);

class SweepProgress {
 public:
  virtual ~SweepProgress() = default;
  /// After each transaction, from the thread that called sweep(). Of the runs that were to do.
  virtual void progress(std::size_t ended, std::size_t failed, std::size_t runs) = 0;
};

struct SweepOptions {
  unsigned threads = 1;
  bool retry_failed = false;
  SweepProgress* progress = nullptr;  // may be null
};

struct SweepFailure {
  std::string variation;
  std::uint64_t seed = 0;
  std::string message;
};

struct SweepOutcome {
  std::size_t runs = 0;                // of the study
  std::size_t there = 0;               // that were done before
  std::size_t done = 0;                // now
  std::vector<SweepFailure> failures;  // now, in the order of the plan; and of before, not retried
  bool interrupted = false;
};

/// Writes the plan into the store and does what is missing, until `stop` is set: then the runs
/// under way end unstored. WriteFailed and StoreProblem when the store gives out: what it has, it
/// keeps.
SweepOutcome sweep(const Study& study, const StudyPlan& plan, const LoadOptions& load,
                   StudyStore& store, const SweepOptions& options, std::atomic<bool>& stop);

}  // namespace hyperdc
