// Target tracking as a part: the policy of that name, and the reactive companion of `predictive`
// and `scheduled`.
#pragma once

#include <optional>
#include <vector>

#include "policy/autoscaler/alarm.hpp"
#include "policy/autoscaler/readings.hpp"

namespace hyperdc {

struct TrackedMetric {
  ScaleMetric metric = ScaleMetric::utilization;
  double target = 0;
};

struct TrackingOptions {
  std::vector<TrackedMetric> metrics;
  std::size_t out_periods = 3, in_periods = 15;
  double in_share = 0.9;  // of the target: below it is the low alarm
  Duration warmup = whole_seconds(300);
  bool scale_in = true;
};

class TargetTracking {
 public:
  explicit TargetTracking(const TrackingOptions& options);
  /// One period has passed: takes its data point and answers.
  std::optional<ScaleTo> period(const ScaleView& view);
  bool needs_token_times() const;

 private:
  struct Tracked {
    TrackedMetric of;
    DataPoints points;
  };
  TrackingOptions options_;
  std::vector<Tracked> tracked_;
};

/// What a policy with the parameters `companion`, `metric`, `target` and `warmup` has beside it.
std::optional<TargetTracking> companion_of(const Params& params);

}  // namespace hyperdc
