// StudyTable: what the runs of a study measured, by variation, seed and metric.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/varied_value.hpp"

namespace hyperdc {

struct StudyVariation {
  std::string name;
  std::vector<VariedValue> parameters;
  std::string scenario_sha256;  // of its resolved form and its files
};

struct StudyMetric {
  std::string name, unit;
};

/// What a study is about, as its file says.
struct StudyAims {
  std::vector<std::string> metrics;       // empty: those of the summary
  std::map<std::string, double> margins;  // that count as no difference, shares of the base
};

struct StudyTable {
  std::string study;  // name
  StudyAims aims;
  std::vector<StudyVariation> variations;
  std::vector<std::string> horizons;  // by variation: what time is measured; empty: not known
  std::vector<std::uint64_t> seeds;   // of every variation, ascending
  std::vector<StudyMetric> metrics;   // in the order of their declaration
  /// By variation, seed and metric; nothing: the run is not done or failed, or has no such value.
  std::vector<std::optional<double>> values;

  std::optional<double> at(std::size_t variation, std::size_t seed, std::size_t metric) const {
    return values[(variation * seeds.size() + seed) * metrics.size() + metric];
  }
};

}  // namespace hyperdc
