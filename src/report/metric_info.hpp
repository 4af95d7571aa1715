// What screens and the reference know of a metric by its name: label, how to print it, whether less
// or more of it is better.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace hyperdc {

enum class Better { lower, higher, neither };

/// How a value is printed.
enum class Show {
  time,
  share,
  factor,
  count,
  power,
  energy,
  accelerator_time,
  replica_time,
  server_time,
  money,
  mass,
  volume,
  rate,
  bytes,
  data_rate,
  number
};

/// One family of metrics. `quantity` ends in ".N" where a number follows, and has a part in
/// capitals where a name stands: "POOL.ready", "classes.CLASS.latency".
struct MetricInfoRow {
  std::string_view scope;       // "workloads", "pools", "regions", or empty
  std::string_view quantity;    // "wait", "allocation_at.N"
  std::string_view statistics;  // "mean p50 …": suffixes that exist; empty: none
  std::string_view unit;
  Better better;
  Show show;
  std::string_view label;    // for tables: "wait"
  std::string_view meaning;  // one sentence for the reference
};

/// Every metric that runs report, in the order of the reference.
std::span<const MetricInfoRow> metric_info_table();

/// "pools.gpu.allocation_at.100" taken apart.
struct MetricParts {
  std::string scope, owner;             // "pools", "gpu"
  std::string quantity;                 // "allocation_at.N", "wait"
  std::string statistic;                // "mean"; empty if none
  std::string number;                   // "100"
  std::string part;                     // "us-east" of "us-east.ready"
  const MetricInfoRow* info = nullptr;  // nothing: not in the table
};
MetricParts metric_parts(std::string_view name);

/// Whether less or more of a metric is better; of what is not in the table, and of counts, neither.
Better better_of(const MetricParts& parts);

/// How to print a metric, by its name or, where that is not known, by its unit.
Show show_of(std::string_view name, std::string_view unit);

/// "wait, mean"; "allocated at 100 % of demand"; the name itself if it is not known.
std::string metric_label(const MetricParts& parts, std::string_view name);

/// What "wait" is called where jobs are stopped and wait again: only the first wait is in it.
inline constexpr std::string_view kWaitOfPreempted = "wait to first start";

/// Markdown: every metric with unit and meaning.
std::string metric_reference();

}  // namespace hyperdc
