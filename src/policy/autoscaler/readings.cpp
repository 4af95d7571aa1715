#include "policy/autoscaler/readings.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>

#include <hyperdc/core/assert.hpp>

namespace hyperdc {

ScaleMetric scale_metric(std::string_view name) {
  const auto* const at = std::find(std::begin(kScaleMetrics), std::end(kScaleMetrics), name);
  HYPERDC_CHECK(at != std::end(kScaleMetrics), fmt::format("no metric is called \"{}\"", name));
  return static_cast<ScaleMetric>(at - std::begin(kScaleMetrics));
}

namespace {

/// What is measured as a share of a replica or as a time, not as a sum over replicas.
std::optional<double> mean_reading(const ScaleView& view, ScaleMetric metric) {
  const auto p95 = [](const TailReading& tail) { return tail.p95_s; };
  const auto p99 = [](const TailReading& tail) { return tail.p99_s; };
  const auto of = [](const std::optional<TailReading>& tail, auto part) {
    return tail ? std::optional<double>(part(*tail)) : std::nullopt;
  };
  switch (metric) {
    case ScaleMetric::utilization:
      return view.utilization;
    case ScaleMetric::kv:
      return view.kv_utilization;
    case ScaleMetric::ttft_p95:
      return of(view.ttft, p95);
    case ScaleMetric::ttft_p99:
      return of(view.ttft, p99);
    case ScaleMetric::tpot_p95:
      return of(view.tpot, p95);
    case ScaleMetric::tpot_p99:
      return of(view.tpot, p99);
    default:
      return std::nullopt;
  }
}

bool is_share(ScaleMetric metric) {
  return metric == ScaleMetric::utilization || metric == ScaleMetric::kv;
}

/// Over those that have a sample.
struct Mean {
  void add(const std::optional<double>& value) {
    if (!value) return;
    sum += *value;
    ++count;
  }
  std::optional<double> get() const {
    return count > 0 ? std::optional<double>(sum / count) : std::nullopt;
  }

  double sum = 0;
  std::uint32_t count = 0;
};

}  // namespace

std::optional<double> metric_total(const ScaleView& view, ScaleMetric metric) {
  switch (metric) {
    case ScaleMetric::requests:
      return view.arrivals_per_s;
    case ScaleMetric::concurrency:
      return view.in_system;
    case ScaleMetric::queue:
      return view.queued;
    case ScaleMetric::tokens:
      return view.tokens_per_s;
    default:
      break;
  }
  const auto mean = mean_reading(view, metric);
  if (!is_share(metric) || !mean) return mean;
  if (view.ready == 0) return std::nullopt;
  return *mean * view.ready;
}

std::optional<double> metric_average(const ScaleView& view, ScaleMetric metric) {
  if (view.ready == 0) return std::nullopt;
  if (is_share(metric) || is_token_time(metric)) return mean_reading(view, metric);
  const auto total = metric_total(view, metric);
  if (!total) return std::nullopt;
  return *total / view.ready;
}

std::uint32_t whole_replicas(double need) {
  const double up = std::ceil(need - 1e-9 * std::max(1.0, need));
  if (!(up > 0)) return 0;  // a number that is none asks for nothing
  constexpr double kMost = std::numeric_limits<std::uint32_t>::max();
  return up >= kMost ? std::numeric_limits<std::uint32_t>::max() : static_cast<std::uint32_t>(up);
}

std::string target_problem(std::string_view metric, double target) {
  if (!(target > 0)) return fmt::format("target {} is not above 0", target);
  if (is_share(scale_metric(metric)) && target > 1) {
    return fmt::format("{} is a share, and target {} is above 1", metric, target);
  }
  return {};
}

WarmReplicas warm_replicas(const ScaleView& view, Duration warmup) {
  if (view.replicas.empty()) return {view.ready, view.utilization, view.kv_utilization};
  WarmReplicas warm;
  Mean utilization;
  Mean kv_utilization;
  for (const ReplicaReading& replica : view.replicas) {
    if (!replica.ready_since || view.now - *replica.ready_since < warmup) continue;
    ++warm.count;
    utilization.add(replica.utilization);
    kv_utilization.add(replica.kv_utilization);
  }
  warm.utilization = utilization.get();
  warm.kv_utilization = kv_utilization.get();
  return warm;
}

std::optional<double> warm_average(const ScaleView& view, const WarmReplicas& warm,
                                   ScaleMetric metric) {
  if (warm.count == 0) return std::nullopt;
  if (metric == ScaleMetric::utilization) return warm.utilization;
  if (metric == ScaleMetric::kv) return warm.kv_utilization;
  return metric_average(view, metric);
}

std::optional<ScaleTo> scale_to(const ScaleView& view, std::uint32_t replicas,
                                std::string_view because) {
  if (replicas == view.wanted) return std::nullopt;
  return ScaleTo{replicas, because, std::nullopt};
}

std::optional<ScaleTo> at_least(const ScaleView& view, std::optional<ScaleTo> wish,
                                std::uint32_t floor, std::string_view because) {
  const std::uint32_t wished = wish ? wish->replicas : view.wanted;
  return wished < floor ? scale_to(view, floor, because) : wish;
}

}  // namespace hyperdc
