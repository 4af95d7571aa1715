// Totals of a run and the parts that they are the sum of: cost by region and kind, servers by who
// holds them, energy by region and by what draws it.
//
// Computes: the parts that the run reports, and the rest, total - sum of the parts, which is never
// hidden: it is a part of its own where it is more than 1e-6 of the total. IT energy of a region is
// its energy over its PUE. Units: those of the metrics.
// Leaves out: totals that have no value, and totals of one part.
#pragma once

#include <string>
#include <vector>

#include "report/metric_info.hpp"
#include "results/json_writer.hpp"
#include "results/run_result.hpp"

namespace hyperdc {

/// Beyond so many parts the smallest are one.
inline constexpr std::size_t kMostBreakdownParts = 16;
/// Of the total: a rest that is less is the rounding of sums.
inline constexpr double kNoRest = 1e-6;

struct BreakdownPart {
  std::string label;
  double value = 0;
};

struct Breakdown {
  std::string id, title;  // "cost", "Cost"
  std::string metric;     // of the total
  Show show = Show::number;
  double total = 0;
  std::vector<BreakdownPart> parts;  // their sum is the total
  std::vector<std::string> missing;  // parts without a value: they are in the rest
};

std::vector<Breakdown> breakdowns_of(const RunResult& result);

/// Adds "breakdowns" to the object of a run.
void write_breakdowns(JsonWriter& json, const RunResult& result);

}  // namespace hyperdc
