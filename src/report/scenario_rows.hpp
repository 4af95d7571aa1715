// Many scenarios: one below the other, a column for each metric that tells them apart.
#pragma once

#include <string>

#include "report/comparison.hpp"
#include "report/screen.hpp"

namespace hyperdc {

/// For comparisons of more scenarios than fit side by side. Rows that are the same everywhere are
/// named in one sentence. Missing values are added to `notes`.
std::string scenario_rows(const Comparison& comparison, const TextStyle& style, Notes& notes);

}  // namespace hyperdc
