// The part of the one-run screen about training runs.
#pragma once

#include <string>

#include "report/screen.hpp"
#include "results/run_result.hpp"

namespace hyperdc {

/// A row a training run, and where its time went; nothing where nothing trains. Metrics without
/// value go to `notes`.
std::string training_tables(const RunResult& result, const TextStyle& style, Notes& notes);

}  // namespace hyperdc
