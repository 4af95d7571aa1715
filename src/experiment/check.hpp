// check: runs the scenarios of a suite and holds them against their baselines. Everything is read
// and checked before anything runs.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "experiment/run.hpp"
#include "results/check_report.hpp"
#include "scenario/load.hpp"

namespace hyperdc {

/// What a JSON file is meant as; one that cannot be parsed counts as a scenario, whose reader says
/// what is wrong.
enum class FileKind { scenario, study, baseline, other };
FileKind kind_of_file(const std::string& file);

/// A file of the suite and where its baseline is.
struct CheckItem {
  std::string file;
  std::string baseline;
  bool named = false;  // by the user, not found in a directory
};

struct CheckOptions {
  unsigned threads = 1;
  bool exact = false;          // another fingerprint fails
  bool require_files = false;  // a missing trace is an error, not a reason to skip
  bool update = false;         // the scenario's own seed is run, a missing baseline is no failure
  std::optional<std::uint64_t> seeds;  // of updated baselines; nothing: as many as they have
};

struct CheckPlan {
  CheckReport report;                           // skipped and invalid ones are known already
  std::vector<std::unique_ptr<Loaded>> loaded;  // by scenario; null: it is not run
  std::vector<std::optional<Baseline>> baselines;
  std::vector<RunRequest> requests;      // scenario by scenario; they point into `loaded`
  std::vector<std::size_t> scenario_of;  // by request
  Issues warnings;
  CheckOptions options;
  bool valid() const { return count_of(report, CheckStatus::invalid) == 0; }
};
CheckPlan plan_check(const std::vector<CheckItem>& items, const LoadOptions& load,
                     const CheckOptions& options);

struct CheckResults {
  CheckReport report;
  std::vector<std::vector<RunResult>> runs;  // by scenario, without series; empty: not complete
  std::vector<RunOutcome> costs;  // by request; of a result that went to `runs` the events are left
};
/// Runs a valid plan. The same report for any number of threads, but for the times in it.
CheckResults run_check(CheckPlan& plan, const std::atomic<bool>& stop, ProgressSink* progress);

}  // namespace hyperdc
