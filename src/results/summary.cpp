#include "results/summary.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "results/statistics.hpp"

namespace hyperdc {
namespace {

/// Values of one metric of one scenario, in order of the results.
struct Column {
  std::string name, unit;
  std::vector<double> values;
};

SummaryRow make_row(const std::string& scenario, const Column& column) {
  SummaryRow row{scenario, column.name, column.unit, column.values.size(), {}, {}, {}, {}};
  if (column.values.empty()) return row;
  const MeanInterval interval = mean_interval(column.values);
  row.mean = interval.mean;
  row.half_width = interval.half_width;
  row.min = *std::min_element(column.values.begin(), column.values.end());
  row.max = *std::max_element(column.values.begin(), column.values.end());
  return row;
}

void add_metrics(std::vector<Column>& columns, std::map<std::string, std::size_t>& index,
                 const RunResult& result) {
  for (const ResultMetric& metric : result.metrics) {
    const auto [place, fresh] = index.emplace(metric.name, columns.size());
    if (fresh) columns.push_back({metric.name, metric.unit, {}});
    if (metric.value) columns[place->second].values.push_back(*metric.value);
  }
}

}  // namespace

MeanInterval mean_interval(std::span<const double> values) {
  const Moments moments = moments_of(values);
  if (moments.n < 2) return {moments.mean, {}};
  return {moments.mean, half_width_of(moments, 0.95)};
}

std::vector<SummaryRow> summarise(std::span<const RunResult> results) {
  std::vector<std::string> scenarios;
  for (const RunResult& result : results) {
    if (std::find(scenarios.begin(), scenarios.end(), result.scenario) == scenarios.end()) {
      scenarios.push_back(result.scenario);
    }
  }
  std::vector<SummaryRow> rows;
  for (const std::string& scenario : scenarios) {
    std::vector<Column> columns;
    std::map<std::string, std::size_t> index;
    for (const RunResult& result : results) {
      if (result.scenario == scenario && result.complete) add_metrics(columns, index, result);
    }
    for (const Column& column : columns) rows.push_back(make_row(scenario, column));
  }
  return rows;
}

PairedRuns::PairedRuns(std::span<const RunResult> results) : results_(results) {
  for (const RunResult& result : results) metrics_.emplace_back(result);
}

std::optional<MeanInterval> paired_difference(std::span<const RunResult> results,
                                              std::string_view a, std::string_view b,
                                              std::string_view metric) {
  return PairedRuns(results).difference(a, b, metric);
}

std::optional<MeanInterval> PairedRuns::difference(std::string_view a, std::string_view b,
                                                   std::string_view metric) const {
  std::map<std::uint64_t, double> values_a, values_b;
  for (std::size_t i = 0; i < results_.size(); ++i) {
    const RunResult& result = results_[i];
    if (result.scenario != a && result.scenario != b) continue;
    const ResultMetric* found = metrics_[i].find(metric);
    if (!result.complete || found == nullptr || !found->value) return std::nullopt;
    (result.scenario == a ? values_a : values_b)[result.seed] = *found->value;
  }
  std::vector<double> differences;
  for (const auto& [seed, value] : values_a) {
    const auto other = values_b.find(seed);
    if (other == values_b.end()) return std::nullopt;
    differences.push_back(other->second - value);
  }
  if (differences.empty() || differences.size() != values_b.size()) return std::nullopt;
  return mean_interval(differences);
}

}  // namespace hyperdc
