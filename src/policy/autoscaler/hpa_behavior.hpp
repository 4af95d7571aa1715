// The `behavior` of the Kubernetes HPA: stabilisation windows and rate policies.
//
// Computes, from a recommendation d at n replicas:
//   stabilised: n, raised to the least recommendation of the last up.window (d among them), then
//     lowered to the greatest of the last down.window. Recommendations are kept as they came.
//   limited: p replicas at the start of a rule's period, p = n - added + removed within it.
//     Up: the greatest (select max) or least (min) of ceil(p (1 + v/100)) and p + v, never below
//     n. Down: the least (max) or greatest (min) of trunc(p (1 - v/100)) and p - v, never above n.
//     `disabled`: no change that way. Then minimum and maximum.
// A recommendation or change exactly as old as the window or period no longer counts.
// Source: kubernetes/kubernetes, pkg/controller/podautoscaler/horizontal.go
// (stabilizeRecommendationWithBehaviors, convertDesiredReplicasWithBehaviorRate,
// calculateScale{Up,Down}Limit...). Defaults: HPAScalingRules of autoscaling/v2.
// Leaves out: an HPA without `behavior`, which may go up to max(2 n, 4) at once where the default
// behavior stops at max(2 n, n + 4).
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include <hyperdc/core/time.hpp>

namespace hyperdc {

struct HpaRule {
  bool percent = false;
  std::int64_t value = 0;
  Duration period;
};

enum class HpaSelect { max, min, disabled };

struct HpaDirection {
  Duration window;
  std::vector<HpaRule> rules;
  HpaSelect select = HpaSelect::max;
};

class HpaBehavior {
 public:
  HpaBehavior(HpaDirection up, HpaDirection down) : up_(std::move(up)), down_(std::move(down)) {}

  struct Wish {
    std::int64_t current = 0, desired = 0, min = 0, max = 0;
  };
  struct Answer {
    std::int64_t replicas = 0;
    bool limited = false;  // by a rate, the minimum or the maximum
  };
  /// The first call also counts `current` as a recommendation of this moment.
  Answer normalise(SimTime now, const Wish& wish);
  /// The deployment was scaled.
  void scaled(SimTime now, std::int64_t from, std::int64_t to);
  /// The controller first saw the deployment.
  void first_seen(SimTime now, std::int64_t current);

 private:
  struct Timed {
    SimTime at;
    std::int64_t value = 0;
  };
  std::int64_t stabilise(SimTime now, const Wish& wish);
  std::int64_t period_start(SimTime now, std::int64_t current, Duration period) const;
  std::int64_t up_limit(SimTime now, std::int64_t current) const;
  std::int64_t down_limit(SimTime now, std::int64_t current) const;

  HpaDirection up_, down_;
  bool seen_ = false;
  std::deque<Timed> recommendations_;
  std::deque<Timed> changes_;  // positive: added
};

}  // namespace hyperdc
