// The table of storage systems: what they hold, what failed, and what repairs moved.
#pragma once

#include <string>

#include "report/screen.hpp"
#include "results/run_result.hpp"

namespace hyperdc {

bool is_storage_requests(const RunResult& result, const std::string& workload);
std::string storage_table(const RunResult& result, const TextStyle& style, Notes& notes);

}  // namespace hyperdc
