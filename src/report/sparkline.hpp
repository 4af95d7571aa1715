// Sparkline: a time series in a line of text, one block a stretch of time.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "results/run_result.hpp"

namespace hyperdc {

/// Cells of a sparkline in a table.
inline constexpr std::size_t kSparkCells = 20;

/// `values` averaged into at most `cells` stretches, drawn from `low` (lowest block) to `high`.
/// Equal bounds give a line of middle blocks; no values give an empty text.
std::string sparkline(std::span<const double> values, std::size_t cells, double low, double high);

/// One column of the time series of a run, by its metric and unit; empty if there is none.
std::vector<double> series_column(const RunResult& result, std::string_view metric,
                                  std::string_view unit);

}  // namespace hyperdc
