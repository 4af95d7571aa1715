// Study tables made by hand.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "results/study_table.hpp"

namespace hyperdc::test {

/// A table without values: seeds 1 to `seeds`.
inline StudyTable empty_study(std::vector<std::string> variations, std::size_t seeds,
                              std::vector<StudyMetric> metrics) {
  StudyTable table;
  table.study = "policies";
  for (std::string& name : variations) table.variations.push_back({std::move(name), {}, {}});
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) table.seeds.push_back(seed);
  table.metrics = std::move(metrics);
  table.values.resize(table.variations.size() * table.seeds.size() * table.metrics.size());
  return table;
}

inline std::optional<double>& cell(StudyTable& table, std::size_t variation, std::size_t seed,
                                   std::size_t metric) {
  return table.values[(variation * table.seeds.size() + seed) * table.metrics.size() + metric];
}

/// Values of all seeds of one metric of one variation.
inline void put(StudyTable& table, std::size_t variation, std::size_t metric,
                const std::vector<double>& values) {
  for (std::size_t seed = 0; seed < values.size(); ++seed) {
    cell(table, variation, seed, metric) = values[seed];
  }
}

}  // namespace hyperdc::test
