#include "policy/autoscaler/hpa_replicas.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace hyperdc {
namespace {

/// Samples as the controller sees them: counts, and use in millicores of those that count.
struct Groups {
  std::int64_t counted = 0, unready = 0, missing = 0;
  std::int64_t use_milli = 0;
  std::int64_t request_milli = 1;  // of each
};

/// A quantity in thousandths, rounded up as Kubernetes does; millionths are noise of the simulator.
std::int64_t milli(double value) {
  constexpr double kMost = 9e12;
  const auto micro = static_cast<std::int64_t>(std::nearbyint(std::min(value, kMost) * 1e6));
  return (micro + 999) / 1000;
}

std::int64_t ceil32(double value) {
  constexpr double kMost = std::numeric_limits<std::int32_t>::max();
  return static_cast<std::int64_t>(std::min(std::ceil(value), kMost));
}

bool ready_for_sample(const ScaleView& view, const ReplicaReading& replica,
                      Duration initialization) {
  if (!replica.ready_since) return false;
  if (replica.created + initialization <= view.now) return true;
  return view.now - view.age >= *replica.ready_since + view.window;
}

Groups groups_of(const ScaleView& view, Duration initialization) {
  Groups groups;
  groups.request_milli = std::max<std::int64_t>(1, milli(view.cores));
  if (view.replicas.empty()) {
    groups.unready = view.starting;
    if (!view.utilization) {
      groups.missing = view.ready;
      return groups;
    }
    groups.counted = view.ready;
    groups.use_milli = groups.counted * milli(*view.utilization * view.cores);
    return groups;
  }
  for (const ReplicaReading& replica : view.replicas) {
    if (!replica.utilization) {
      ++(replica.ready_since ? groups.missing : groups.unready);
    } else if (!ready_for_sample(view, replica, initialization)) {
      ++groups.unready;
    } else {
      ++groups.counted;
      groups.use_milli += milli(*replica.utilization * view.cores);
    }
  }
  return groups;
}

double usage_ratio(const Groups& groups, std::int64_t counted, std::int64_t use_milli,
                   std::int64_t target_percent) {
  const std::int64_t percent = use_milli * 100 / (counted * groups.request_milli);
  return static_cast<double>(percent) / static_cast<double>(target_percent);
}

std::optional<std::int64_t> by_utilization(const ScaleView& view, std::int64_t target_percent,
                                           HpaTolerance tolerance, Duration initialization) {
  const Groups groups = groups_of(view, initialization);
  if (groups.counted == 0) return std::nullopt;
  const std::int64_t current = view.wanted;
  const double ratio = usage_ratio(groups, groups.counted, groups.use_milli, target_percent);
  const bool up_with_unready = groups.unready > 0 && ratio > 1.0;
  if (!up_with_unready && groups.missing == 0) {
    if (tolerance.holds(ratio)) return current;
    return ceil32(ratio * static_cast<double>(groups.counted));
  }
  std::int64_t counted = groups.counted;
  std::int64_t use_milli = groups.use_milli;
  if (ratio != 1.0) counted += groups.missing;
  if (ratio < 1.0) {
    use_milli +=
        groups.missing * (groups.request_milli * std::max<std::int64_t>(100, target_percent) / 100);
  }
  if (up_with_unready) counted += groups.unready;
  const double again = usage_ratio(groups, counted, use_milli, target_percent);
  const bool turned = (ratio < 1.0 && again > 1.0) || (ratio > 1.0 && again < 1.0);
  if (tolerance.holds(again) || turned) return current;
  const std::int64_t replicas = ceil32(again * static_cast<double>(counted));
  const bool against = (again < 1.0 && replicas > current) || (again > 1.0 && replicas < current);
  return against ? current : replicas;
}

/// Nothing says how the value is shared: the ready replicas are multiplied by its ratio.
std::int64_t by_value(const ScaleView& view, double value_s, double target_s,
                      HpaTolerance tolerance) {
  const double target_ms = static_cast<double>(std::max<std::int64_t>(1, milli(target_s * 1e3)));
  const double ratio = static_cast<double>(milli(value_s * 1e3)) / target_ms;
  if (view.wanted == 0) return ceil32(ratio);
  return tolerance.holds(ratio) ? view.wanted : ceil32(ratio * view.ready);
}

}  // namespace

std::optional<std::int64_t> hpa_replicas(const ScaleView& view, const HpaMetric& metric,
                                         HpaTolerance tolerance, Duration initialization) {
  if (metric.metric == ScaleMetric::utilization) {
    const auto percent = static_cast<std::int64_t>(std::nearbyint(metric.target * 100));
    return by_utilization(view, std::max<std::int64_t>(1, percent), tolerance, initialization);
  }
  const auto total = metric_total(view, metric.metric);
  if (!total) return std::nullopt;
  if (is_token_time(metric.metric)) return by_value(view, *total, metric.target, tolerance);
  const auto use = static_cast<double>(milli(*total));
  const double target = static_cast<double>(std::max<std::int64_t>(1, milli(metric.target)));
  if (view.wanted == 0 && use == 0) return 0;
  if (view.wanted > 0 && tolerance.holds(use / (target * view.wanted))) return view.wanted;
  return ceil32(use / target);
}

}  // namespace hyperdc
