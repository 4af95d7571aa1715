// The screen after several runs: scenarios side by side, one verdict for each row and one for all.
#pragma once

#include <span>
#include <string>

#include "report/comparison.hpp"
#include "report/screen.hpp"
#include "results/run_result.hpp"

namespace hyperdc {

std::string summary_many(std::span<const RunResult> results, const ScreenOptions& options);

/// "fgd is better than best-fit: …": what the rows say, in one or two sentences.
std::string verdict_sentence(const Comparison& comparison);

}  // namespace hyperdc
