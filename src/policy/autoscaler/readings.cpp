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

std::optional<double> metric_total(const ScaleView& view, ScaleMetric metric) {
  switch (metric) {
    case ScaleMetric::utilization:
      if (!view.utilization || view.ready == 0) return std::nullopt;
      return *view.utilization * view.ready;
    case ScaleMetric::requests:
      return view.arrivals_per_s;
    case ScaleMetric::concurrency:
      return view.in_system;
    case ScaleMetric::queue:
      return view.queued;
  }
  return std::nullopt;
}

std::optional<double> metric_average(const ScaleView& view, ScaleMetric metric) {
  if (view.ready == 0) return std::nullopt;
  if (metric == ScaleMetric::utilization) return view.utilization;
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
  if (metric == kScaleMetrics[0] && target > 1) {
    return fmt::format("utilization is a share, and target {} is above 1", target);
  }
  return {};
}

WarmReplicas warm_replicas(const ScaleView& view, Duration warmup) {
  if (view.replicas.empty()) return {view.ready, view.utilization};
  WarmReplicas warm;
  double sum = 0;
  std::uint32_t sampled = 0;
  for (const ReplicaReading& replica : view.replicas) {
    if (!replica.ready_since || view.now - *replica.ready_since < warmup) continue;
    ++warm.count;
    if (!replica.utilization) continue;
    sum += *replica.utilization;
    ++sampled;
  }
  if (sampled > 0) warm.utilization = sum / sampled;
  return warm;
}

std::optional<double> warm_average(const ScaleView& view, const WarmReplicas& warm,
                                   ScaleMetric metric) {
  if (warm.count == 0) return std::nullopt;
  if (metric == ScaleMetric::utilization) return warm.utilization;
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
