// The screen after one run: verdicts first, then jobs, pools and plant.
#pragma once

#include <string>

#include "report/screen.hpp"
#include "results/run_result.hpp"

namespace hyperdc {

std::string summary_one(const RunResult& result, const ScreenOptions& options);

}  // namespace hyperdc
