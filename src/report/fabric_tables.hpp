// Tables of transfers and of the fabrics that they cross.
#pragma once

#include <string>

#include "report/screen.hpp"
#include "results/run_result.hpp"

namespace hyperdc {

std::string fabric_tables(const RunResult& result, const TextStyle& style, Notes& notes);
/// A workload that sends transfers.
bool is_transfers(const RunResult& result, const std::string& workload);
/// A workload of ranks that exchange, which is no job.
bool is_collectives(const RunResult& result, const std::string& workload);

}  // namespace hyperdc
