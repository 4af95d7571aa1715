#include "report/platform_tables.hpp"

#include <fmt/format.h>
#include <optional>
#include <utility>

#include "report/format.hpp"
#include "report/table.hpp"
#include "results/resolved.hpp"

namespace hyperdc {
namespace {

constexpr const char* kSetUp[] = {"provision", "pull", "stage"};

/// Mean of a start, before its run.
Cell set_up_cell(const RunResult& result, Notes& notes, const std::string& prefix) {
  double sum = 0;
  for (const char* phase : kSetUp) {
    const ResultMetric* metric = find_metric(result, prefix + phase + ".mean");
    if (metric == nullptr || !metric->value) {
      return metric_cell(result, notes, prefix + phase + ".mean");
    }
    sum += *metric->value;
  }
  return {for_people(sum, Show::time)};
}

std::optional<double> value_of(const RunResult& result, const std::string& name) {
  const ResultMetric* metric = find_metric(result, name);
  return metric == nullptr ? std::nullopt : metric->value;
}

/// "evaluate: 2 pipelines in 23 min 20 s, the longest 27 min 30 s".
std::string pipeline_line(const RunResult& result, const std::string& prefix) {
  const auto count = value_of(result, prefix + "pipeline.count");
  const auto mean = value_of(result, prefix + "pipeline.mean");
  const auto longest = value_of(result, prefix + "pipeline.max");
  if (!count) return {};
  std::string text = for_people(*count, Show::count) + (*count == 1 ? " pipeline" : " pipelines");
  if (!mean || !longest) return text + " that finished";
  return text + fmt::format(" in {}, the longest {}", for_people(*mean, Show::time),
                            for_people(*longest, Show::time));
}

/// "on the critical path for 16 min 40 s, of which it waits 4 min 10 s".
std::string path_line(const RunResult& result, const std::string& prefix) {
  const auto critical = value_of(result, prefix + "critical.mean");
  const auto wait = value_of(result, prefix + "critical_wait.mean");
  if (!critical || !wait) return {};
  return fmt::format("on the critical path for {}, of which it waits {}",
                     for_people(*critical, Show::time), for_people(*wait, Show::time));
}

std::string quota_line(const RunResult& result, const std::string& prefix) {
  const auto wait = value_of(result, prefix + "quota_wait.mean");
  return wait ? fmt::format("waits {} for its quota", for_people(*wait, Show::time)) : "";
}

}  // namespace

std::vector<Table> platform_tables(const RunResult& result, const TextStyle& style, Notes& notes) {
  Table table(style);
  table.column(Align::left, 1);
  table.column(Align::left);
  for (int i = 0; i < 6; ++i) table.column(Align::right);
  table.header({"PLATFORM", "of", "cold starts", "warm starts", "set-up", "run", "billed", "cost"});
  bool any = false;
  for (const auto& [name, platform] : resolved_facts(result).platforms) {
    const std::string prefix = "workloads." + name + ".platform.";
    if (find_metric(result, prefix + "cold_starts") == nullptr) continue;
    any = true;
    const auto cell = [&](const char* metric) {
      return metric_cell(result, notes, prefix + metric);
    };
    table.row({{shorten(name, 20)},
               {shorten(platform, 20)},
               cell("cold_starts"),
               cell("warm_starts"),
               set_up_cell(result, notes, prefix),
               cell("run.mean"),
               cell("billed.mean"),
               cell("cost")});
    std::string line;
    for (const std::string& part :
         {pipeline_line(result, prefix), path_line(result, prefix), quota_line(result, prefix)}) {
      if (!part.empty()) line += (line.empty() ? "" : "; ") + part;
    }
    if (!line.empty()) table.note(shorten(name, 20) + ": " + line);
  }
  if (!any) return {};
  return {std::move(table)};
}

}  // namespace hyperdc
