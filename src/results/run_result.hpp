// RunResult: what one run measured. The same bytes for the same scenario, seed and build.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/place_maps.hpp"

namespace hyperdc {

struct ResultMetric {
  std::string name;
  std::string unit;
  std::optional<double> value;  // nothing: `reason` says why (JSON null)
  std::string reason;
};

struct ResultObjective {
  std::string metric;
  std::optional<double> at_most, at_least;
  std::string unit;
  std::optional<double> value;
  bool met = false;
};

struct ResultCheck {
  std::string name;  // "little", "energy-of-parts"
  std::string text;  // "L = 12.31 jobs, lambda W = 12.31 jobs"
  double error = 0;  // relative
};

struct ResultTable {                 // time series
  std::vector<std::string> columns;  // first is "time_s"
  std::vector<double> rows;          // row-major
};

/// `count` samples between `from` and `to`; bins ascend and have each sample once.
struct ResultBin {
  double from = 0, to = 0;
  std::uint64_t count = 0;
};

/// How the samples of a metric are distributed: metrics/histogram.hpp says in which bins.
struct ResultDistribution {
  std::string metric, unit;  // "workloads.shop.latency", "s"
  std::vector<ResultBin> bins;
};

struct ResultAssumption {
  std::string path, text;
};

/// One item of the bill (world/bill.hpp).
struct ResultCharge {
  std::string region, account, item;
  double quantity = 0;
  std::string unit;
  std::optional<double> usd;  // to the millionth
  std::string reason;         // why there is no amount
  std::string source;         // of the price; empty: not said
};

struct ResultFile {
  std::string path, sha256;
};

struct RunResult {
  std::string scenario;  // name
  std::uint64_t seed = 0;
  std::string sha256;  // of the resolved scenario and its files
  std::string resolved_json;
  std::uint64_t fingerprint = 0;
  std::vector<std::uint64_t> hourly_fingerprints;
  double simulated_s = 0;
  std::uint64_t events = 0;
  bool complete = true;               // false: interrupted
  std::vector<ResultMetric> metrics;  // in order of declaration
  std::vector<ResultObjective> objectives;
  std::vector<ResultCheck> checks;
  std::vector<ResultAssumption> assumptions;
  std::vector<ResultCharge> bill;  // empty where nothing has a price
  std::vector<ResultFile> files;
  ResultTable series;
  std::vector<ResultDistribution> distributions;  // only if asked for; not part of result.json
  std::shared_ptr<const PlaceMaps> places;        // null: not recorded
};

/// What depends on the machine; never part of the result.
struct RunCost {
  double wall_s = 0;
  double cpu_s = 0;
  std::uint64_t peak_rss_bytes = 0;
};

/// Walks over all metrics; for many names there is MetricIndex.
const ResultMetric* find_metric(const RunResult& result, std::string_view name);

/// The metrics of a result by name. The result must stay, and its metrics as they are.
class MetricIndex {
 public:
  explicit MetricIndex(const RunResult& result);
  const ResultMetric* find(std::string_view name) const;  // null if there is none

 private:
  std::vector<const ResultMetric*> by_name_;
};

/// schema "hyperdc.result/1", two-space indentation, keys in a fixed order.
std::string to_json(const RunResult& result);
/// schema "hyperdc.results/1": {"schema", "results": [...], "summary": [...]}.
std::string to_json(const std::vector<RunResult>& results);
std::string series_csv(const RunResult& result);
/// A line a bin; the same bytes for any number of threads.
inline constexpr std::string_view kDistributionsHead = "metric,unit,from,to,count";
std::string distributions_csv(const RunResult& result);

}  // namespace hyperdc
