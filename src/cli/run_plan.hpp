// RunPlan: everything `run` needs to know before it starts, checked; nothing runs or is written
// until all of it is right.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <hyperdc/core/issue.hpp>
#include <hyperdc/core/time.hpp>

#include "cli/commands.hpp"
#include "experiment/run.hpp"

namespace hyperdc {

struct RunPlan {
  std::vector<std::unique_ptr<Loaded>> scenarios;  // requests point to them
  std::vector<RunRequest> requests;                // scenario by scenario, seeds ascending
  std::vector<std::string> names;                  // of each request: "launch-week-seed1"
  Issues warnings;
  bool write_jobs_csv = false;
};

/// A moment of the simulation, "2 d 9 h", as an option states it; nothing, and an issue if it is
/// not empty, when it is none.
std::optional<SimTime> time_option(const std::string& option, const std::string& text,
                                   Issues& issues);

/// The plan, or everything that is wrong with options and files.
Result<std::unique_ptr<RunPlan>> plan_runs(const RunOptions& options);

}  // namespace hyperdc
