// Metrics of what each of many futures has: mean, and quantiles by nearest rank.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "world/metric_values.hpp"

namespace hyperdc {

inline constexpr std::array<std::pair<const char*, double>, 3> kFutureQuantiles = {
    {{"p10", 0.1}, {"p50", 0.5}, {"p90", 0.9}}};

/// Nearest rank of sorted values, at least one.
inline double nearest_rank(const std::vector<double>& sorted, double q) {
  const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(sorted.size())));
  return sorted[std::max<std::size_t>(rank, 1) - 1];
}

/// NAME.mean, NAME.p10 and so on of `sorted`.
inline void put_over_futures(std::vector<MetricValue>& values, const std::string& name,
                             const char* unit, const std::vector<double>& sorted) {
  put(values, name + ".mean", unit,
      std::accumulate(sorted.begin(), sorted.end(), 0.0) / static_cast<double>(sorted.size()));
  for (const auto& [suffix, q] : kFutureQuantiles) {
    put(values, name + "." + suffix, unit, nearest_rank(sorted, q));
  }
}

inline void put_over_futures_missing(std::vector<MetricValue>& values, const std::string& name,
                                     const char* unit, const std::string& reason) {
  put_missing(values, name + ".mean", unit, reason);
  for (const auto& [suffix, q] : kFutureQuantiles) {
    put_missing(values, name + "." + suffix, unit, reason);
  }
}

}  // namespace hyperdc
