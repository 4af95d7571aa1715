// The first lines of the screen of a run: what it is, whose it is, and whether it is whole.
#pragma once

#include <string>

#include "report/screen.hpp"
#include "results/run_result.hpp"

namespace hyperdc {

std::string run_title(const RunResult& result, const TextStyle& style);

}  // namespace hyperdc
