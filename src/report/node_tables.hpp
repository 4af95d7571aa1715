// The table of pools whose servers are switched on and off, for the screen of one run.
#pragma once

#include <string>

#include "report/screen.hpp"
#include "results/run_result.hpp"

namespace hyperdc {

/// Empty when no pool has a node autoscaler.
std::string node_tables(const RunResult& result, const TextStyle& style, Notes& notes);

}  // namespace hyperdc
