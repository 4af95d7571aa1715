// The tables of growth plans: outcomes over futures, limits and stranded power, years.
#pragma once

#include <vector>

#include "report/screen.hpp"
#include "report/table.hpp"
#include "results/run_result.hpp"

namespace hyperdc {

std::vector<Table> growth_tables(const RunResult& result, const TextStyle& style, Notes& notes);

}  // namespace hyperdc
