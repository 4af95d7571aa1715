// Which knob of a study moves a metric most: bars from the least to the greatest effect around the
// base, one a knob.
//
// Computes: the effect of a value of a knob, seed by seed the metric with it minus the metric with
// the base's value, and the mean over seeds with its t interval (half_width_of). Where the study
// has every value of the knob under every setting of the others (a grid), the mean over these
// settings: the main effect. Else the others stay as in the base. Where no knob can be told from
// the others (a random design), or there is only one, each variation has a bar. The ends of a bar
// are the values of least and greatest mean effect, the base's own, 0, among them. Units: those of
// the metric. Leaves out: interactions, and a correction for looking at many values: ends of bars
// are extremes of noisy means, and lean outwards.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "report/page.hpp"
#include "results/json_writer.hpp"

namespace hyperdc {

/// Bars of a metric, the longest, and metrics that are on the page.
inline constexpr std::size_t kMostTornadoBars = 24, kMostTornadoMetrics = 60;

struct TornadoEnd {
  std::string label;         // of the value: "hpa"
  double effect = 0;         // mean over seeds
  std::size_t seeds = 0;     // 0: the base itself
  double low = 0, high = 0;  // interval; effect with one seed
};

enum class TornadoBar { main_effect, others_at_base, variation };

struct TornadoRow {
  std::string name;  // of the knob, or of the variation
  TornadoBar kind = TornadoBar::variation;
  TornadoEnd low, high;
};

/// By length, the longest first; nothing where the study has fewer than two knobs and three
/// variations, or no base with this metric.
std::vector<TornadoRow> tornado_of(const StudyTable& table, std::string_view base,
                                   std::string_view metric, double confidence);

/// Adds "tornado" to the object of a study.
void write_tornado(JsonWriter& json, const PageStudy& study, const std::set<std::string>& metrics);

}  // namespace hyperdc
