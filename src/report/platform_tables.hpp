// The part of the one-run screen about jobs on managed platforms.
#pragma once

#include <vector>

#include "report/screen.hpp"
#include "report/table.hpp"
#include "results/run_result.hpp"

namespace hyperdc {

/// A row a workload on a platform, and what its pipelines and its quota did; nothing where no jobs
/// are on one. Metrics without value go to `notes`.
std::vector<Table> platform_tables(const RunResult& result, const TextStyle& style, Notes& notes);

}  // namespace hyperdc
