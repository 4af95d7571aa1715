// Summary over seeds: mean and 95 % interval of every metric of every scenario, and the paired
// difference between two scenarios.
//
// Computes: the mean over seeds and the half width of its two-sided 95 % Student t interval,
//   h = t(0.975, n - 1) * s / sqrt(n), with s the sample standard deviation.
// Units: those of the metric. Source: any textbook, e.g. A. Law, Simulation Modeling and Analysis,
// 5th ed., eq. 4.12; the t quantile from results/statistics.hpp.
// Valid: seeds are independent, and the mean over seeds is close to normal.
// Leaves out: correction for looking at many metrics at once; each interval stands alone.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "results/run_result.hpp"

namespace hyperdc {

struct SummaryRow {
  std::string scenario, metric, unit;
  std::size_t n = 0;  // runs in which the metric has a value
  std::optional<double> mean, half_width /* 95 % t interval; n > 1 */, min, max;
};

/// Per scenario (in order of first appearance) over seeds, metrics in order of declaration. Runs
/// that were interrupted are left out: they measured another stretch of time.
std::vector<SummaryRow> summarise(std::span<const RunResult> results);

struct MeanInterval {
  double mean = 0;
  std::optional<double> half_width;  // nothing for one value
};
/// `values` must not be empty.
MeanInterval mean_interval(std::span<const double> values);

/// Results whose scenarios are compared metric by metric. They must stay as they are.
class PairedRuns {
 public:
  explicit PairedRuns(std::span<const RunResult> results);
  /// Mean of `metric` in scenario `b` minus scenario `a`, paired by seed. Nothing when a seed of
  /// one is missing in the other, when a run was interrupted, or when a value is missing.
  std::optional<MeanInterval> difference(std::string_view a, std::string_view b,
                                         std::string_view metric) const;

 private:
  std::span<const RunResult> results_;
  std::vector<MetricIndex> metrics_;  // by result
};

/// The same for one metric.
std::optional<MeanInterval> paired_difference(std::span<const RunResult> results,
                                              std::string_view a, std::string_view b,
                                              std::string_view metric);

}  // namespace hyperdc
