// What a terminal shows of rental markets and buyers.
#pragma once

#include <string>

#include "report/screen.hpp"
#include "results/run_result.hpp"

namespace hyperdc {

std::string market_tables(const RunResult& result, const TextStyle& style, Notes& notes);

}  // namespace hyperdc
