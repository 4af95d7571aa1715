// The tables of growth plans: outcomes over futures, limits and stranded power, years.
#pragma once

#include <string>

#include "report/screen.hpp"
#include "results/run_result.hpp"

namespace hyperdc {

std::string growth_tables(const RunResult& result, const TextStyle& style, Notes& notes);

}  // namespace hyperdc
