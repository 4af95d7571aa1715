// sweep: does the runs of a study that a store does not have, and stores each as it ends
// (docs/adr/0011-studies.md).
//
// Runs are done by an engine: side by side on threads, or by a cluster. With a stop rule the
// replications grow in rounds: the first `least` seeds of all variations, then `batch` more, until
// every metric of the study is known well enough in every variation: half width of its t interval
// at most `within` times the size of its mean. What a round decides depends on the results of its
// seeds alone, so neither on the order in which they ended nor on how often the sweep was
// interrupted. Source: Chow and Robbins, Ann. Math. Stat. 36(2), 1965: intervals stopped so cover a
// little less than stated while replications are few. The same seeds for all variations: they stay
// paired.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "experiment/study_plan.hpp"

namespace hyperdc {

/// A run that ended: with its result, or with an error.
struct EndedRun {
  StoredRun stored;
  bool lasting = false;  // the error: it would be the same again
};

struct SweepWork {
  const Study& study;
  const StudyPlan& plan;
  const LoadOptions& load;
  std::vector<std::size_t> missing;  // of the runs of the plan, no two with the same key
  std::vector<std::shared_ptr<const Loaded>> loaded = {};  // by variation; empty: to be loaded
};

/// A cluster does not take or does not answer; for the user. What it was given may go on there.
class EngineProblem : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class StudyEngine {
 public:
  virtual ~StudyEngine() = default;
  /// Does these runs until `stop` is set, and passes on what has ended, from the calling thread.
  /// What does not end is left out. EngineProblem.
  virtual void run(const SweepWork& work, std::atomic<bool>& stop,
                   const std::function<void(std::vector<EndedRun>&)>& ended) = 0;
};

/// Runs side by side on threads of this process, which share the scenarios.
class LocalEngine final : public StudyEngine {
 public:
  explicit LocalEngine(unsigned threads) : threads_(threads) {}
  void run(const SweepWork& work, std::atomic<bool>& stop,
           const std::function<void(std::vector<EndedRun>&)>& ended) override;

 private:
  unsigned threads_;
};

class SweepProgress {
 public:
  virtual ~SweepProgress() = default;
  /// After each transaction, from the thread that called sweep(). Of the runs that were to do in
  /// this round.
  virtual void progress(std::size_t ended, std::size_t failed, std::size_t runs) = 0;
};

/// A part of the runs of a study, for a task of a cluster: of those with a key in `keys`, or of all
/// without, in the order of the plan, each `of`-th from the `index`-th on.
struct SweepPart {
  std::optional<std::set<std::string>> keys;
  std::uint64_t index = 0, of = 1;
};

struct SweepOptions {
  bool retry_failed = false;
  std::optional<SweepPart> part;      // then the stop rule is not looked at: whoever collects does
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
  std::vector<SweepFailure> failures;  // of now and of before, in the order of the plan
  std::uint64_t replications = 0;      // of each variation
  bool stopped = false;                // by the stop rule, before the last replication
  bool interrupted = false;
};

/// Writes the plan into the store and does what is missing, until `stop` is set: then the runs
/// under way end unstored. WriteFailed and StoreProblem when the store gives out: what it has, it
/// keeps.
SweepOutcome sweep(const Study& study, const StudyPlan& plan, const LoadOptions& load,
                   StudyStore& store, StudyEngine& engine, const SweepOptions& options,
                   std::atomic<bool>& stop);

}  // namespace hyperdc
