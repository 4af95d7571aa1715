// What a terminal shows of rental markets and buyers.
#pragma once

#include <vector>

#include "report/screen.hpp"
#include "report/table.hpp"
#include "results/run_result.hpp"

namespace hyperdc {

std::vector<Table> market_tables(const RunResult& result, const TextStyle& style, Notes& notes);

}  // namespace hyperdc
