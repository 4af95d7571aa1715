#include "report/training_tables.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>
#include <vector>

#include "report/format.hpp"
#include "report/table.hpp"

namespace hyperdc {

namespace {

constexpr double kLeastShare = 0.0005;  // that is told

/// "computed 66.0 %, discarded 1.60 %": the parts of the time, largest first.
std::string time_parts(const RunResult& result, const std::string& workload) {
  const std::string prefix = "workloads." + workload + ".time.";
  std::vector<std::pair<double, std::string>> parts;
  double sum = 0;
  for (const ResultMetric& metric : result.metrics) {
    if (!metric.name.starts_with(prefix) || !metric.value) continue;
    parts.emplace_back(*metric.value, metric.name.substr(prefix.size()));
    sum += *metric.value;
  }
  std::stable_sort(parts.begin(), parts.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::string text;
  for (const auto& [value, name] : parts) {
    if (sum == 0 || value / sum < kLeastShare) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name,
                        for_people(value / sum, Show::share));
  }
  return text;
}

/// "scratch written in 20.1 s (alone 8.9 s), 3 late": tiers that others are in the way of.
std::string shared_tiers(const RunResult& result, const std::string& prefix) {
  std::string text;
  const std::string tiers = prefix + "checkpoints.";
  for (const ResultMetric& metric : result.metrics) {
    if (!metric.name.starts_with(tiers) || !metric.name.ends_with(".alone")) continue;
    const std::string tier =
        metric.name.substr(tiers.size(), metric.name.size() - tiers.size() - 6);
    const auto* write = find_metric(result, tiers + tier + ".write");
    const auto* late = find_metric(result, tiers + tier + ".late");
    if (!metric.value || write == nullptr || !write->value) continue;
    text +=
        fmt::format("{}{} written in {} (alone {})", text.empty() ? "" : ", ", tier,
                    for_people(*write->value, Show::time), for_people(*metric.value, Show::time));
    if (late != nullptr && late->value && *late->value > 0) {
      text += fmt::format(", {} late", for_people(*late->value, Show::count));
    }
  }
  return text;
}

}  // namespace

std::string training_tables(const RunResult& result, const TextStyle& style, Notes& notes) {
  Table table(style);
  table.column(Align::left, 1);
  for (int i = 0; i < 6; ++i) table.column(Align::right);
  table.header(
      {"TRAINING", "step", "tokens/s", "model FLOPs", "steps", "restarts", "time that trains"});
  std::string below;
  bool any = false;
  for (const std::string& name : owners(result, "workloads")) {
    const std::string prefix = "workloads." + name + ".";
    if (find_metric(result, prefix + "step_time") == nullptr) continue;
    any = true;
    table.row({{shorten(name, 20)},
               metric_cell(result, notes, prefix + "step_time"),
               metric_cell(result, notes, prefix + "tokens_per_s"),
               metric_cell(result, notes, prefix + "mfu"),
               metric_cell(result, notes, prefix + "steps"),
               metric_cell(result, notes, prefix + "restarts"),
               metric_cell(result, notes, prefix + "ettr")});
    const std::string parts = time_parts(result, name);
    if (!parts.empty()) {
      below += paragraph(style, shorten(name, 20) + ": " + parts + " of its time", Ink::faint);
    }
    const std::string tiers = shared_tiers(result, prefix);
    if (!tiers.empty()) below += paragraph(style, shorten(name, 20) + ": " + tiers, Ink::faint);
  }
  if (!any) return {};
  return below_blank(table.render()) + below;
}

}  // namespace hyperdc
