#include "results/distribution.hpp"

#include <algorithm>

#include <hyperdc/core/assert.hpp>

#include "metrics/histogram.hpp"

namespace hyperdc {

std::uint64_t samples_of(const ResultDistribution& distribution) {
  std::uint64_t samples = 0;
  for (const ResultBin& bin : distribution.bins) samples += bin.count;
  return samples;
}

double quantile_of(const ResultDistribution& distribution, double q) {
  HYPERDC_CHECK(!distribution.bins.empty(), "quantile of no samples");
  const std::vector<ResultBin>& bins = distribution.bins;
  const std::uint64_t rank = nearest_rank(q, samples_of(distribution));
  std::uint64_t below = 0;
  for (const ResultBin& bin : bins) {
    below += bin.count;
    if (below < rank) continue;
    return std::clamp(bin.from + (bin.to - bin.from) / 2, bins.front().from, bins.back().to);
  }
  HYPERDC_CHECK(false, "the counts of the bins do not add up");
}

std::optional<double> known_quantile_of(const ResultDistribution& distribution, double q) {
  const std::uint64_t samples = samples_of(distribution);
  if (q > 0.5 && q < 1 && nearest_rank(q, samples) == samples) return std::nullopt;
  return quantile_of(distribution, q);
}

ResultDistribution coarsened(const ResultDistribution& distribution, std::size_t most) {
  HYPERDC_CHECK(most >= 3, "a distribution needs 3 bins");
  const std::vector<ResultBin>& bins = distribution.bins;
  if (bins.size() <= most) return distribution;
  ResultDistribution out{distribution.metric, distribution.unit, {bins.front()}};
  const std::size_t inner = bins.size() - 2;
  const std::size_t room = most - 2;
  for (std::size_t i = 0; i < room; ++i) {
    const std::size_t begin = 1 + i * inner / room;
    const std::size_t end = 1 + (i + 1) * inner / room;
    ResultBin joined{bins[begin].from, bins[end - 1].to, 0};
    for (std::size_t b = begin; b < end; ++b) joined.count += bins[b].count;
    out.bins.push_back(joined);
  }
  out.bins.push_back(bins.back());
  return out;
}

}  // namespace hyperdc
