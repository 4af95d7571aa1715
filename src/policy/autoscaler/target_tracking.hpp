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
  Duration out_cooldown, in_cooldown;
  bool scale_in = true;
};

class TargetTracking {
 public:
  explicit TargetTracking(const TrackingOptions& options);
  /// One period has passed: takes its data point and answers.
  std::optional<ScaleTo> period(const ScaleView& view);
  bool needs_token_times() const;

 private:
  /// Sees when what an addition asked for is ready, and when its cool-down is over.
  void follow_cooldown(const ScaleView& view);
  /// With `warm` replicas that should be `needed`.
  std::uint32_t wanted_out(std::uint32_t warm, std::uint32_t needed) const;

  struct Tracked {
    TrackedMetric of;
    DataPoints points;
  };
  TrackingOptions options_;
  std::vector<Tracked> tracked_;
  std::optional<std::uint32_t> before_out_;    // wanted before the additions that cool down
  std::optional<SimTime> ready_at_, removed_;  // what was added last; the last removal
};

/// What a policy with the parameters `companion`, `metric`, `target` and `warmup` has beside it.
std::optional<TargetTracking> companion_of(const Params& params);

}  // namespace hyperdc
