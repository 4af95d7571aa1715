#include "results/summary.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <hyperdc/core/assert.hpp>

#include "core/math.hpp"

namespace hyperdc {
namespace {

constexpr double kHalfPi = 1.5707963267948966;

/// P(|T| <= sqrt(degrees) tan(angle)) for Student's T: A&S 26.7.3 (odd) and 26.7.4 (even).
double two_sided_probability(double angle, std::size_t degrees) {
  const double sine = math::sin(angle);
  const double cosine = math::cos(angle);
  const double square = cosine * cosine;
  if (degrees % 2 == 0) {
    double term = 1, sum = 1;
    for (std::size_t k = 2; k < degrees; k += 2) {
      term *= square * static_cast<double>(k - 1) / static_cast<double>(k);
      sum += term;
    }
    return sine * sum;
  }
  double term = cosine, sum = degrees > 1 ? cosine : 0;
  for (std::size_t k = 3; k < degrees; k += 2) {
    term *= square * static_cast<double>(k - 1) / static_cast<double>(k);
    sum += term;
  }
  return (angle + sine * sum) / kHalfPi;
}

/// Fisher's expansion around the normal quantile z, A&S 26.7.5; for many degrees of freedom.
double expanded_quantile(std::size_t degrees) {
  const double z = math::normal_quantile(0.975);
  const double n = static_cast<double>(degrees);
  const double z2 = z * z;
  const double g1 = z * (z2 + 1) / 4;
  const double g2 = z * ((5 * z2 + 16) * z2 + 3) / 96;
  const double g3 = z * (((3 * z2 + 19) * z2 + 17) * z2 - 15) / 384;
  return z + (g1 + (g2 + g3 / n) / n) / n;
}

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

double student_t_975(std::size_t degrees) {
  HYPERDC_CHECK(degrees >= 1, "an interval needs at least two values");
  if (degrees > 1000) return expanded_quantile(degrees);
  double low = 0, high = kHalfPi;
  for (int i = 0; i < 60; ++i) {
    const double middle = low + (high - low) / 2;
    (two_sided_probability(middle, degrees) < 0.95 ? low : high) = middle;
  }
  return std::sqrt(static_cast<double>(degrees)) * math::sin(low) / math::cos(low);
}

MeanInterval mean_interval(std::span<const double> values) {
  HYPERDC_CHECK(!values.empty(), "a mean of no values");
  const double n = static_cast<double>(values.size());
  // Around the first value, so that equal values have exactly that mean and no width.
  double shift = 0;
  for (const double value : values) shift += value - values.front();
  MeanInterval interval{values.front() + shift / n, {}};
  if (values.size() < 2) return interval;
  double squares = 0;
  for (const double value : values) {
    const double deviation = value - interval.mean;
    squares += deviation * deviation;
  }
  interval.half_width = student_t_975(values.size() - 1) * std::sqrt(squares / (n - 1) / n);
  return interval;
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
