// What `run` writes: files of --out, run.json, and the line about the machine.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "cli/run_plan.hpp"
#include "experiment/run.hpp"
#include "results/store.hpp"

namespace hyperdc {

/// What one command cost, over all its runs.
struct CommandCost {
  double wall_s = 0;
  unsigned threads = 1;
};

/// "12.4 M events in 9.8 s (1.27 M/s), 412 MiB"
std::string cost_text(const std::vector<RunOutcome>& outcomes, const CommandCost& cost);

/// schema "hyperdc.run/1": what depends on the machine.
std::string run_json(const RunOutcome& outcome, const CommandCost& cost);

/// Stores the complete runs of `outcomes` and gives their number. WriteFailed.
std::size_t store_results(ResultDirectory& directory, const RunPlan& plan,
                          const std::vector<RunOutcome>& outcomes, const CommandCost& cost);

/// "0.1.0", "gcc 12.2.0", …
std::string program_version();
std::string program_build();

}  // namespace hyperdc
