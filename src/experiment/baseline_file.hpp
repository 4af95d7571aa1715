// Reading of baseline files.
#pragma once

#include <string>

#include <hyperdc/core/issue.hpp>

#include "results/baseline.hpp"

namespace hyperdc {

/// The baseline, or everything that is wrong with the file.
Result<Baseline> read_baseline(const std::string& file);

}  // namespace hyperdc
