// Recorder: the MetricSink of a run. Counters are summed, levels integrated over time, samples
// put into log-bucket histograms (quantiles within 0.2 % of the value), all from the end of the
// warm-up on; the time series alone shows the warm-up too. Definitions: docs/models/metrics.md.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <hyperdc/core/time.hpp>
#include <hyperdc/metrics/sink.hpp>

#include "metrics/histogram.hpp"

namespace hyperdc {

/// Bounds of the time series of one run: rows, and values over all columns (160 MB).
inline constexpr std::uint64_t kMaxSeriesRows = 1'000'000;
inline constexpr std::uint64_t kMaxSeriesValues = 20'000'000;

enum class MetricKind { counter, level, sample };

struct MetricInfo {
  std::string name;     // "pools.h100.wait": path in the scenario + quantity
  std::string unit;     // "s", "1" for a ratio, "jobs"
  std::string meaning;  // one sentence for the reference
  MetricKind kind = MetricKind::sample;
};

/// One number of the result. Without a value there is a reason ("power of G2 is not published").
struct MetricValue {
  std::string name;
  std::string unit;
  std::optional<double> value;
  std::string reason;
};

/// How the samples of a metric are distributed.
struct MetricDistribution {
  std::string name, unit;  // of the metric: "workloads.shop.latency", "s"
  std::vector<HistogramBin> bins;
};

/// Bins of all distributions of a run, and of one; 16 are left to each metric however many.
inline constexpr std::size_t kMostBins = 100'000, kMostBinsEach = 400;

class Recorder final : public MetricSink {
 public:
  /// `warmup`: nothing before it is counted; a level that began earlier counts from there.
  explicit Recorder(SimTime warmup);
  ~Recorder() override;

  MetricId declare(MetricInfo info);
  void add(MetricId id, SimTime at, double amount) override;
  void level(MetricId id, SimTime at, double value) override;
  void sample(MetricId id, SimTime at, double value) override;
  void sample(MetricId id, SimTime at, double value, std::uint64_t times) override;

  /// Ends the integration of levels at `end`. Nothing may be written afterwards.
  void finish(SimTime end);

  // Readings, after finish() (series readings during the run). A sample metric without samples has
  // no mean, max, min or quantile: InvariantError, ask count() first. A level whose window is empty
  // has the value in force at its end.
  double total(MetricId id) const;  // counter: sum
  double mean(MetricId id) const;   // level: over time; sample: over samples
  double max(MetricId id) const;
  double min(MetricId id) const;
  double integral(MetricId id) const;            // level: value * seconds
  std::uint64_t count(MetricId id) const;        // samples
  double quantile(MetricId id, double q) const;  // sample: q in [0, 1]

  /// Appends the numbers of every metric, in order of declaration:
  ///   counter: NAME; level: NAME.mean, NAME.max; sample: NAME.mean, .p50, .p90, .p95, .p99, .max,
  ///   and NAME.count. A sample metric without samples has no value and the reason "no samples".
  std::vector<MetricValue> values() const;
  /// Of the sample metrics that have samples, in order of declaration.
  std::vector<MetricDistribution> distributions() const;

  // Time series: one row a step, a column a counter (amount within the step) and a level (mean
  // over the step).
  void close_step(SimTime at);  // ends the step that lasted since the last call (or 0)
  /// Joins rows in pairs: as if the steps, equal and even in number, had been twice as long.
  void join_steps();
  std::uint64_t series_size() const;                // rows
  std::vector<std::string> series_columns() const;  // "NAME_unit"; a ratio (unit "1") just "NAME"
  const std::vector<double>& series_rows() const;   // row-major: end of the step in s, columns

  const std::vector<MetricInfo>& infos() const;

 private:
  struct State;
  State& writable(MetricId id, MetricKind kind);
  const State& readable(MetricId id) const;

  std::vector<MetricInfo> infos_;
  std::set<std::string> names_;  // of infos_
  std::vector<State> states_;
  std::vector<double> rows_;
  SimTime warmup_;
  SimTime step_start_;
  SimTime end_;
  bool finished_ = false;
};

}  // namespace hyperdc
