// run_all: the runs of one command, side by side on threads. A run gives the same bytes alone and
// beside others, whatever the number of threads.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <hyperdc/core/time.hpp>

#include "results/run_result.hpp"
#include "results/summary.hpp"  // SummaryRow, summarise(): screens and results/1 need them too
#include "scenario/scenario.hpp"

namespace hyperdc {

struct BranchPoint;  // world/simulate.hpp

struct RunRequest {
  const Scenario* scenario = nullptr;  // must outlive run_all
  std::uint64_t seed = 0;
  std::optional<SimTime> until;   // ends earlier than the scenario says
  std::string jobs_csv;           // path to write; empty: none
  std::string timeline;           // path to write; empty: none
  std::string flows_csv = {};     // path to write; empty: none
  std::string requests_csv = {};  // path to write; empty: none
  const BranchPoint* branch = nullptr;
  bool distributions = false;  // collect them: run --out stores them
  bool places = false;         // what racks and links did over time is part of the result
};

class ProgressSink {
 public:
  virtual ~ProgressSink() = default;
  /// Called from worker threads, at most about ten times a second for each run. `run` is the index
  /// of the request, `end` the moment at which the run will end if that is known.
  virtual void progress(std::size_t run, SimTime now, std::optional<SimTime> end,
                        std::uint64_t events) = 0;
};

/// Why a run did not end: a broken invariant, a full disk, an input that changed.
struct RunFailure {
  std::string message;
  std::uint64_t seed = 0;
  bool lasting = false;  // the same run would fail again
};

struct RunOutcome {
  std::optional<RunResult> result;  // complete == false: it was stopped
  RunCost cost;
  std::optional<RunFailure> failure;
  bool reused = false;  // the result of another seed, on which nothing depends; it cost nothing
};

/// One outcome for each request, in their order. When `stop` becomes true, the runs under way end
/// with what they measured, and those not begun have neither result nor failure. `progress` may be
/// null. A scenario that draws nothing at random is simulated once: its other seeds get the same
/// result, which is what simulating them would give.
std::vector<RunOutcome> run_all(std::span<const RunRequest> requests, unsigned threads,
                                const std::atomic<bool>& stop, ProgressSink* progress);

}  // namespace hyperdc
