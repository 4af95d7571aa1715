// Distributions of times, slowdowns, … for the HTML page: the bins of distributions.csv, in fewer
// where a page has many, and their quantiles as text.
//
// Units: those of the metric. The bounds and counts travel as packed_floats(): a relative error of
// 6e-8. The quantiles are those of the bins that the run stored, whatever the page has room for.
#pragma once

#include <cstddef>

#include "results/json_writer.hpp"
#include "results/run_result.hpp"

namespace hyperdc {

/// Bins of all distributions of a page (480 kB), and of one at least.
inline constexpr std::size_t kMostPageBins = 30'000, kLeastPageBins = 32;

/// Adds "distributions" and "distributions_left_out" to the object of a run; `most_bins`: what the
/// page has room for.
void write_distributions(JsonWriter& json, const RunResult& result, std::size_t most_bins);

}  // namespace hyperdc
