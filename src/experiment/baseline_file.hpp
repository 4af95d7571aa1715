// Reading of baseline files.
#pragma once

#include <string>

#include <hyperdc/core/issue.hpp>

#include "results/baseline.hpp"

namespace hyperdc {

/// `update`: values and fingerprints, which an update writes anew, need not agree with each other.
enum class BaselineUse { compare, update };

/// The baseline, or everything that is wrong with the file.
Result<Baseline> read_baseline(const std::string& file, BaselineUse use = BaselineUse::compare);

}  // namespace hyperdc
