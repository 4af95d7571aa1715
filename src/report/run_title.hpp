// The first lines of the screen of a run: what it is, whose it is, and whether it is whole.
#pragma once

#include <string>

#include "report/screen.hpp"
#include "results/resolved.hpp"
#include "results/run_result.hpp"

namespace hyperdc {

/// Whose datacenter it stands for, as of when, and what of it is known: of whom less than half is
/// published is only alike. Empty where no provider is named.
std::string provider_text(const RunResult& result, const ResolvedFacts& facts);

std::string run_title(const RunResult& result, const TextStyle& style);

}  // namespace hyperdc
