// A demand curve before anything runs: what it amounts to, a chart of it, and its points.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <hyperdc/core/time.hpp>

#include "report/terminal.hpp"
#include "workload/demand/demand_spec.hpp"

namespace hyperdc {

struct DemandPreview {
  std::string name;
  std::string unit;  // "1/s", "users"
  double mean = 0;   // exact
  double least = 0;  // of the samples
  double peak = 0;   // to one part in a thousand
  double peak_at_s = 0;
  double end_s = 0;
  /// Equal stretches of time; low and high of sixteen samples, mean exact.
  struct Point {
    double from_s = 0, to_s = 0;
    double mean = 0, low = 0, high = 0;
  };
  std::vector<Point> points;
};

/// `points`: how many, at least 1. The noise of the curve is that of `seed`.
DemandPreview preview_of(const NamedDemand& named, std::uint64_t seed, SimTime end,
                         std::size_t points);

/// A heading, the amounts and a chart; `previews` have kChartColumns points.
std::string preview_text(std::span<const DemandPreview> previews, const TextStyle& style);
/// {"schema": "hyperdc.preview/1", …}.
std::string preview_json(const std::string& scenario, std::uint64_t seed,
                         std::span<const DemandPreview> previews);

}  // namespace hyperdc
