// Predictive: predictive scaling of Amazon EC2 Auto Scaling, with a forecaster of ours.
//
// Computes, every `period`, the total of the metric, averaged by hours of the run. Once history_min
// hours are closed, and then every `refresh`, the next `horizon` hours are forecast from the last
// history_max (hourly_forecast.hpp). The floor of a moment t is ceil(forecast / target) of the
// hour of t, or of t + `buffer` if that is more: capacity is there `buffer` before the hour in
// which it is needed. The answer is the greater of the floor and the companion's wish (target
// tracking, same metric and target); the floor alone never removes a replica. An hour without a
// forecast has no floor. Units: shares, requests/s or requests; s. Source: Amazon EC2 Auto Scaling
// user guide, "How predictive scaling works" and PredictiveScalingConfiguration: 14 d of history,
// at least 24 h, 48 h ahead, every 6 h, at the start of each hour, never in; the largest of several
// policies counts; SchedulingBufferTime. Assumptions: SchedulingBufferTime 300 s; the load of an
// hour is its mean; target as target-tracking. Leaves out: MaxCapacityBreachBehavior (the
// deployment's maximum holds), pairs of unlike metrics, history from before the run.
#include <algorithm>
#include <vector>

#include "policy/autoscaler/autoscalers.hpp"
#include "policy/autoscaler/hourly_forecast.hpp"
#include "policy/autoscaler/specs.hpp"
#include "policy/autoscaler/target_tracking.hpp"

namespace hyperdc {
namespace {

struct Options {
  TrackedMetric metric;
  Duration period, refresh, buffer;
  std::size_t history_min = 24, history_max = 336, horizon = 48;  // hours
  bool act = true;
};

class Predictive final : public Autoscaler {
 public:
  Predictive(const Options& options, std::optional<TargetTracking> companion)
      : options_(options), load_(options.history_max), companion_(std::move(companion)) {}

  Duration interval() const override { return options_.period; }

  std::optional<ScaleTo> decide(const ScaleView& view) override {
    load_.add(view.now, metric_total(view, options_.metric.metric));
    const bool due = !made_ || view.now - *made_ >= options_.refresh;
    if (due && load_.closed() >= options_.history_min) {
      made_ = view.now;
      first_hour_ = load_.current();
      forecast_ = forecast(load_, options_.horizon);
    }
    std::optional<ScaleTo> wish;
    if (companion_) wish = companion_->period(view);
    if (!options_.act) return wish;
    const std::uint32_t floor = std::max(floor_of(view.now), floor_of(view.now + options_.buffer));
    return at_least(view, wish, floor, "forecast load needs more");
  }

 private:
  std::uint32_t floor_of(SimTime t) const {
    const std::int64_t at = hour_of(t) - first_hour_;
    if (at < 0 || at >= static_cast<std::int64_t>(forecast_.size())) return 0;
    const auto load = forecast_[static_cast<std::size_t>(at)];
    return load ? whole_replicas(*load / options_.metric.target) : 0;
  }

  Options options_;
  HourlyLoad load_;
  std::optional<TargetTracking> companion_;
  std::optional<SimTime> made_;
  std::int64_t first_hour_ = 0;
  std::vector<std::optional<double>> forecast_;
};

constexpr std::string_view kModes[] = {"forecast-and-scale", "forecast-only"};

constexpr ParamSpec kParams[] = {
    metric_spec(),
    target_spec("0.5"),
    {.name = "mode",
     .kind = ParamKind::choice,
     .doc = "Whether the forecast sets a floor, or is only made.",
     .fallback = R"("forecast-and-scale")",
     .choices = kModes},
    time_spec("history_min", R"("24 h")", 3600, 1209600,
              "Whole hours of history that it takes to forecast."),
    time_spec("history_max", R"("14 d")", 86400, 31536000,
              "Whole hours of history that are kept; a week and more makes weekends differ."),
    time_spec("horizon", R"("48 h")", 3600, 604800,
              "Whole hours that are forecast; shorter than refresh leaves hours without a floor."),
    time_spec("refresh", R"("6 h")", 60, 604800, "Time between two forecasts."),
    time_spec("buffer", R"("5 min")", 0, 3600,
              "How long before its hour the forecast capacity is asked for."),
    companion_spec(),
    warmup_spec(),
    period_spec(),
};

std::string check(const Params& params) {
  if (params.number("history_min") > params.number("history_max")) {
    return "history_min is longer than history_max";
  }
  return target_problem(params.text("metric"), params.number("target"));
}

std::size_t hours_of(const Params& params, std::string_view name) {
  return static_cast<std::size_t>(params.duration(name).ns / kHour.ns);
}

constexpr AutoscalerEntry kEntry = {
    "predictive",
    "AWS predictive scaling (forecaster ours): a floor for each hour, with target tracking above "
    "it.",
    kParams,
    [](const Params& params, const AutoscalerContext&) -> std::unique_ptr<Autoscaler> {
      Options options;
      options.metric = {scale_metric(params.text("metric")), params.number("target")};
      options.period = params.duration("period");
      options.refresh = params.duration("refresh");
      options.buffer = params.duration("buffer");
      options.history_min = hours_of(params, "history_min");
      options.history_max = hours_of(params, "history_max");
      options.horizon = hours_of(params, "horizon");
      options.act = params.text("mode") == kModes[0];
      return std::make_unique<Predictive>(options, companion_of(params));
    },
    check};

}  // namespace

const AutoscalerEntry& predictive_autoscaler() {
  return kEntry;
}

}  // namespace hyperdc
