#include "report/metric_info.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

namespace hyperdc {
namespace {

constexpr std::string_view kSample = "mean p50 p90 p95 p99 max count";
constexpr std::string_view kLevel = "mean max";

constexpr auto kTable = std::to_array<MetricInfoRow>({
    {"workloads", "wait", kSample, "s", Better::lower, Show::time, "wait",
     "From submission to the first start, of jobs submitted after the warm-up that started."},
    {"workloads", "completion", kSample, "s", Better::lower, Show::time, "completion",
     "From submission to completion, of jobs submitted after the warm-up that completed."},
    {"workloads", "slowdown", kSample, "1", Better::lower, Show::factor, "slowdown",
     "Completion time over run time, at least 1, of the same jobs as completion; runs shorter than "
     "10 s count as 10 s."},
    {"workloads", "submitted", "", "jobs", Better::neither, Show::count, "submitted",
     "Jobs submitted after the warm-up."},
    {"workloads", "started", "", "jobs", Better::neither, Show::count, "started",
     "Jobs that started at least once, over the whole run."},
    {"workloads", "finished", "", "jobs", Better::higher, Show::count, "finished",
     "Jobs that completed after the warm-up."},
    {"workloads", "rejected", "", "jobs", Better::lower, Show::count, "rejected",
     "Jobs submitted after the warm-up that no empty pool could hold or that met a full queue."},
    {"workloads", "preempted", "", "times", Better::neither, Show::count, "preempted",
     "How often a running job gave way to another, over the whole run."},
    {"workloads", "unfinished", "", "jobs", Better::neither, Show::count, "unfinished",
     "Jobs that still wait or run at the end."},
    {"workloads", "throughput", "", "jobs/s", Better::higher, Show::rate, "throughput",
     "Jobs that completed after the warm-up over the time since then."},
    {"workloads", "makespan", "", "s", Better::lower, Show::time, "makespan",
     "From the first submission to the last completion."},
    {"pools", "allocation.accelerators", kLevel, "1", Better::higher, Show::share,
     "accelerators allocated", "Share of the pool's accelerators held by jobs, over time."},
    {"pools", "allocation.cores", kLevel, "1", Better::higher, Show::share, "cores allocated",
     "Share of the pool's cores held by jobs, over time."},
    {"pools", "allocation.memory", kLevel, "1", Better::higher, Show::share, "memory allocated",
     "Share of the pool's memory held by jobs, over time."},
    {"pools", "fragmentation", kLevel, "1", Better::lower, Show::share, "fragmented",
     "Accelerators that are free where the usual jobs cannot use them, share of the pool's."},
    {"pools", "waiting", kLevel, "jobs", Better::lower, Show::count, "waiting",
     "Jobs that wait to start."},
    {"pools", "running", kLevel, "jobs", Better::neither, Show::count, "running", "Jobs that run."},
    {"pools", "utilization", "", "1", Better::higher, Show::share, "utilization",
     "Accelerators (or cores, where there are none) held by jobs from the first submission to the "
     "last completion, share of the pool's."},
    {"pools", "busy", "", "accelerator s", Better::neither, Show::accelerator_time, "busy",
     "Accelerator-time held by jobs, over the whole run."},
    {"pools", "idle", "", "accelerator s", Better::neither, Show::accelerator_time, "idle",
     "Accelerator-time held by no job, over the whole run."},
    {"pools", "split_gangs", "", "jobs", Better::lower, Show::count, "gangs split",
     "Starts whose members lie in more than one scale-up domain."},
    {"pools", "allocation_at.N", "", "1", Better::higher, Show::share, "allocated at N % of demand",
     "Share of the pool's accelerators held by jobs when the accelerator demand of all jobs that "
     "arrived is N % of the pool, mean over the arrivals at which it rounds to N."},
    {"pools", "fragmentation_at.N", "", "1", Better::lower, Show::share,
     "fragmented at N % of demand",
     "Fragmentation at the same arrivals as allocation_at.N, share of the pool's accelerators."},
    {"regions", "power", kLevel, "W", Better::neither, Show::power, "power",
     "Power drawn from the grid, cooling included (IT power times PUE)."},
    {"regions", "power.share_of_limit", "", "1", Better::neither, Show::share, "peak of limit",
     "Highest power over the power of the facility."},
    {"regions", "energy", "", "J", Better::neither, Show::energy, "energy",
     "Energy drawn from the grid after the warm-up, cooling included."},
    {"", "energy.total", "", "J", Better::neither, Show::energy, "energy",
     "Energy of all regions after the warm-up."},
    {"", "makespan", "", "s", Better::lower, Show::time, "makespan",
     "From the first submission to the last completion, over all pools."},
});

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](unsigned char c) { return std::isdigit(c) != 0; });
}

bool has_word(std::string_view words, std::string_view word) {
  for (std::size_t at = words.find(word); at != std::string_view::npos;
       at = words.find(word, at + 1)) {
    const bool begins = at == 0 || words[at - 1] == ' ';
    const bool ends = at + word.size() == words.size() || words[at + word.size()] == ' ';
    if (begins && ends && !word.empty()) return true;
  }
  return false;
}

const MetricInfoRow* find_row(std::string_view scope, std::string_view quantity,
                              std::string_view statistic) {
  const auto found = std::find_if(kTable.begin(), kTable.end(), [&](const MetricInfoRow& row) {
    return row.scope == scope && row.quantity == quantity &&
           (statistic.empty() ? row.statistics.empty() : has_word(row.statistics, statistic));
  });
  return found == kTable.end() ? nullptr : &*found;
}

std::string better_text(Better better) {
  if (better == Better::neither) return "";
  return better == Better::lower ? "less" : "more";
}

}  // namespace

std::span<const MetricInfoRow> metric_info_table() {
  return kTable;
}

MetricParts metric_parts(std::string_view name) {
  MetricParts parts;
  std::string_view rest = name;
  for (const std::string_view scope : {"workloads", "pools", "regions"}) {
    if (name.substr(0, scope.size() + 1) != std::string(scope) + ".") continue;
    rest.remove_prefix(scope.size() + 1);
    const std::size_t dot = rest.find('.');
    parts.scope = scope;
    parts.owner = rest.substr(0, dot);
    rest = dot == std::string_view::npos ? std::string_view() : rest.substr(dot + 1);
  }
  parts.quantity = rest;
  const std::size_t dot = rest.rfind('.');
  const std::string_view head = rest.substr(0, dot);
  const std::string_view tail = dot == std::string_view::npos ? "" : rest.substr(dot + 1);
  if (is_number(tail)) {
    parts.quantity = std::string(head) + ".N";
    parts.number = tail;
  }
  parts.info = find_row(parts.scope, parts.quantity, "");
  if (parts.info == nullptr && dot != std::string_view::npos) {
    parts.info = find_row(parts.scope, head, tail);
    if (parts.info != nullptr) {
      parts.quantity = head;
      parts.statistic = tail;
    }
  }
  return parts;
}

Show show_of(std::string_view name, std::string_view unit) {
  const MetricParts parts = metric_parts(name);
  if (parts.statistic == "count") return Show::count;
  if (parts.info != nullptr) return parts.info->show;
  if (unit == "s") return Show::time;
  if (unit == "W") return Show::power;
  if (unit == "J") return Show::energy;
  if (unit == "jobs") return Show::count;
  if (unit == "accelerator s") return Show::accelerator_time;
  return Show::number;
}

std::string metric_label(const MetricParts& parts, std::string_view name) {
  if (parts.info == nullptr) return std::string(name);
  std::string label(parts.info->label);
  if (!parts.number.empty()) {
    const std::size_t at = label.find('N');
    if (at != std::string::npos) label.replace(at, 1, parts.number);
  }
  if (parts.statistic.empty()) return label;
  return label + ", " + (parts.statistic == "max" ? "highest" : parts.statistic);
}

std::string metric_reference() {
  std::string out =
      "# Metrics\n\n"
      "A metric is named by its path in the scenario and its quantity: `workloads.W.wait.p95`. "
      "Values are in SI units; 1 is a pure number. Quantiles are within 0.2 % of the value. A "
      "metric that has no value says why. *Better* says which way `run` of several scenarios "
      "counts as an improvement.\n\n"
      "| metric | statistics | unit | better | meaning |\n|---|---|---|---|---|\n";
  for (const MetricInfoRow& row : kTable) {
    std::string name(row.scope);
    if (row.scope == "workloads") name += ".W.";
    if (row.scope == "pools") name += ".P.";
    if (row.scope == "regions") name += ".R.";
    name += row.quantity;
    std::string statistics;
    for (const char c : row.statistics) statistics += c == ' ' ? ", " : std::string(1, c);
    out += "| `" + name + "` | " + statistics + " | " + std::string(row.unit) + " | " +
           better_text(row.better) + " | " + std::string(row.meaning) + " |\n";
  }
  return out;
}

}  // namespace hyperdc
