// The part of the one-run screen about failures.
#pragma once

#include <string>

#include "report/screen.hpp"
#include "results/run_result.hpp"

namespace hyperdc {

/// A row a cause; nothing where nothing fails. Metrics without value go to `notes`.
std::string failure_tables(const RunResult& result, const TextStyle& style, Notes& notes);
/// What there is to manage; empty where the scenario did not ask for it.
std::string complexity_table(const RunResult& result, const TextStyle& style, Notes& notes);

}  // namespace hyperdc
