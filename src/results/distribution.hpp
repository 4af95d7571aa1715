// What is read from the distribution of a metric: how many samples, quantiles, and fewer bins where
// there is little room.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "results/run_result.hpp"

namespace hyperdc {

std::uint64_t samples_of(const ResultDistribution& distribution);

/// Nearest rank, the middle of its bin: of the quantiles that distributions keep (kKeptQuantiles)
/// what Histogram::quantile() gives. q in [0, 1]; needs a bin.
double quantile_of(const ResultDistribution& distribution, double q);

/// The same, or nothing where too few samples lie above to tell it from the greatest.
std::optional<double> known_quantile_of(const ResultDistribution& distribution, double q);

/// The same samples in at most `most` bins, at least 3: neighbours are joined, the first bin and
/// the last, which are the extremes, stay.
ResultDistribution coarsened(const ResultDistribution& distribution, std::size_t most);

}  // namespace hyperdc
