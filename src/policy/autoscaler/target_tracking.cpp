// Target tracking: the scaling policy of that name of Amazon EC2 Auto Scaling.
//
// Computes, every `period`, a data point m of each metric, a replica, from replicas that have been
// ready for `warmup`; w of them are warm and n wanted.
//   Out: m > target in the last `out_periods` (alarm.hpp). n becomes max(n, ceil(w m / target)):
//   the
//     ones that start or warm up count towards n and not towards w, so they are not asked for
//     twice.
//   In: m < in_share * target in the last `in_periods`, and none starts or warms up. n becomes
//     ceil(n m / target): of 1.5 that could go, one goes.
//   An alarm acts every period for as long as it lasts. With several metrics: out if any says so,
//   to
//     the largest; in only if all say so, to the largest.
//   Cool-downs (Application Auto Scaling). For `out_cooldown` after what an addition asked for is
//   ready, a further one is only the part that is larger: with b wanted before the first of them,
//   n becomes max(n, b + ceil(w m / target) - w). For `in_cooldown` after a removal there is no
//   other; an addition ends it.
// Units: shares, requests/s, tokens/s, requests, or s of a time to tokens; s.
// Source: Amazon EC2 Auto Scaling user guide (2023-06 archive): proportional, rounded so as not to
// add too few or remove too many, warm-up, no scale-in during a scale-out, several policies; period
// 60 s. Repetition of actions: CloudWatch user guide, "Using CloudWatch alarms". Cool-downs:
// ScaleOutCooldown and ScaleInCooldown of TargetTrackingScalingPolicyConfiguration ("after an
// activity completes", "unless a larger scale out is triggered", what was added "is calculated as
// part of the desired capacity for the next"); 300 s for endpoint variants of SageMaker, which have
// no warm-up, and none for groups of EC2.
// Assumptions: alarms of 3 and of 15 periods and the low one at 0.9 target (observed by users, not
// a contract; some report 0.7 for EC2 groups), warm-up 300 s (the default cooldown); all that may
// go goes at once; target 0.5; "larger" is more than the additions of the cool-down so far; a
// removal is complete when it is asked for. Leaves out: metrics of 5 min, instance weights, targets
// that refuse a change while another is carried out.
#include "policy/autoscaler/target_tracking.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "policy/autoscaler/autoscalers.hpp"
#include "policy/autoscaler/specs.hpp"

namespace hyperdc {

TargetTracking::TargetTracking(const TrackingOptions& options) : options_(options) {
  for (const TrackedMetric& metric : options_.metrics) {
    tracked_.push_back({metric, DataPoints(std::max(options_.out_periods, options_.in_periods))});
  }
}

std::optional<ScaleTo> TargetTracking::period(const ScaleView& view) {
  const WarmReplicas warm = warm_replicas(view, options_.warmup);
  const bool scaling_out = view.starting > 0 || warm.count < view.ready;
  follow_cooldown(view);
  std::uint32_t out = 0;
  std::uint32_t in = 0;
  bool all_low = true;
  for (Tracked& each : tracked_) {
    const double target = each.of.target;
    each.points.add(warm_average(view, warm, each.of.metric));
    const double ratio = each.points.latest().value_or(0) / target;
    if (each.points.alarm(options_.out_periods, [&](double m) { return m > target; })) {
      out = std::max(out, wanted_out(warm.count, whole_replicas(warm.count * ratio)));
    }
    const bool low = each.points.alarm(options_.in_periods,
                                       [&](double m) { return m < options_.in_share * target; });
    all_low = all_low && low;
    in = std::max(in, whole_replicas(view.wanted * ratio));
  }
  out = std::min(out, view.max_replicas);
  if (out > view.wanted) {
    if (options_.out_cooldown.ns > 0 && !before_out_) before_out_ = view.wanted;
    ready_at_.reset();
    removed_.reset();
    return scale_to(view, out, "metric above target");
  }
  const bool cools = removed_ && view.now - *removed_ < options_.in_cooldown;
  if (options_.scale_in && all_low && !scaling_out && !cools && in < view.wanted) {
    removed_ = view.now;
    before_out_.reset();
    return scale_to(view, in, "metrics below target");
  }
  return std::nullopt;
}

void TargetTracking::follow_cooldown(const ScaleView& view) {
  if (!before_out_ || view.starting > 0) return;
  if (!ready_at_) ready_at_ = view.now;
  if (view.now - *ready_at_ >= options_.out_cooldown) before_out_.reset();
}

std::uint32_t TargetTracking::wanted_out(std::uint32_t warm, std::uint32_t needed) const {
  if (!before_out_ || needed <= warm) return needed;
  return *before_out_ + (needed - warm);
}

bool TargetTracking::needs_token_times() const {
  return std::any_of(tracked_.begin(), tracked_.end(),
                     [](const Tracked& each) { return is_token_time(each.of.metric); });
}

std::optional<TargetTracking> companion_of(const Params& params) {
  if (params.text("companion") == "none") return std::nullopt;
  TrackingOptions options;
  options.metrics.push_back({scale_metric(params.text("metric")), params.number("target")});
  options.warmup = params.duration("warmup");
  return TargetTracking(options);
}

namespace {

constexpr ParamSpec kParams[] = {
    any_metric_spec(),
    target_spec("0.5"),
    {.name = "also_metrics",
     .kind = ParamKind::text_list,
     .doc =
         "Metrics of more policies on the same deployment: out if any says so, in only if all do.",
     .fallback = "[]",
     .choices = kScaleMetrics,
     .example = R"(["requests-per-replica"])"},
    {.name = "also_targets",
     .kind = ParamKind::quantity_list,
     .doc = "Their targets, in the same order.",
     .fallback = "[]",
     .min = 1e-6,
     .max = 1e9,
     .example = "[100]"},
    period_spec(),
    {.name = "out_periods",
     .kind = ParamKind::integer,
     .doc = "Data points above the target that it takes to add replicas; more is later.",
     .fallback = "3",
     .min = 1,
     .max = 1440},
    {.name = "in_periods",
     .kind = ParamKind::integer,
     .doc = "Data points below in_share of the target that it takes to remove replicas.",
     .fallback = "15",
     .min = 1,
     .max = 1440},
    number_spec(
        "in_share", "0.9", 0, 1,
        "Share of the target below which the load counts as low; lower keeps more replicas."),
    warmup_spec(),
    time_spec("out_cooldown", R"("0 s")", 0, 86400,
              "For so long after an addition is ready, only what is larger than it is added."),
    time_spec("in_cooldown", R"("0 s")", 0, 86400, "Time between two removals."),
    {.name = "scale_in",
     .kind = ParamKind::boolean,
     .doc = "Whether replicas are removed at all.",
     .fallback = "true"},
};

std::string check(const Params& params) {
  std::string problem = target_problem(params.text("metric"), params.number("target"));
  const auto& metrics = params.texts("also_metrics");
  const auto& targets = params.list("also_targets");
  if (metrics.size() != targets.size()) {
    return fmt::format("also_metrics has {} entries and also_targets {}", metrics.size(),
                       targets.size());
  }
  for (std::size_t i = 0; i < metrics.size() && problem.empty(); ++i) {
    problem = target_problem(metrics[i], targets[i]);
  }
  return problem;
}

TrackingOptions options_of(const Params& params) {
  TrackingOptions options;
  options.metrics.push_back({scale_metric(params.text("metric")), params.number("target")});
  const auto& metrics = params.texts("also_metrics");
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    options.metrics.push_back({scale_metric(metrics[i]), params.list("also_targets").at(i)});
  }
  options.out_periods = static_cast<std::size_t>(params.integer("out_periods"));
  options.in_periods = static_cast<std::size_t>(params.integer("in_periods"));
  options.in_share = params.number("in_share");
  options.warmup = params.duration("warmup");
  options.out_cooldown = params.duration("out_cooldown");
  options.in_cooldown = params.duration("in_cooldown");
  options.scale_in = params.flag("scale_in");
  return options;
}

class TrackingPolicy final : public Autoscaler {
 public:
  TrackingPolicy(const TrackingOptions& options, Duration period)
      : tracking_(options), period_(period) {}
  Duration interval() const override { return period_; }
  bool needs_token_times() const override { return tracking_.needs_token_times(); }
  std::optional<ScaleTo> decide(const ScaleView& view) override { return tracking_.period(view); }

 private:
  TargetTracking tracking_;
  Duration period_;
};

constexpr AutoscalerEntry kEntry = {
    "target-tracking",
    "AWS target tracking: out in proportion after 3 min above the target, in after 15 min below.",
    kParams,
    [](const Params& params, const AutoscalerContext&) -> std::unique_ptr<Autoscaler> {
      return std::make_unique<TrackingPolicy>(options_of(params), params.duration("period"));
    },
    check};

}  // namespace

const AutoscalerEntry& target_tracking_autoscaler() {
  return kEntry;
}

}  // namespace hyperdc
