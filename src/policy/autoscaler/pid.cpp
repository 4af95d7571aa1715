// PID: a discrete PID controller on the relative error of a metric.
//
// Computes, every `interval` dt, e = metric / target - 1 a replica (0 within the dead band) and
//   dx = x gain ((e - e1) + e dt / integral_time + derivative_time (e - 2 e1 + e2) / dt)
// on the real number x of replicas: the velocity form, e1 and e2 the errors before. dx is bounded
// to max_change x either way, x to the deployment's minimum and maximum; as the integral is in x, a
// bound that holds x also holds the integral (no wind-up). While replicas that were asked for are
// not ready, the terms of a positive error are left out but for its rise. The answer is x rounded
// up. From 0 ready replicas, for metrics that a queue shows: total / target. Units: e has none; s.
// Source: Astrom and Hagglund, PID Controllers, 2nd ed., chapter 3 (velocity form, anti-windup);
// multiplied by x, since a replica more matters less where there are many. Gains are ours.
// Valid for metrics that fall in proportion as replicas are added. Leaves out: feed-forward,
// filtering of the derivative, self-tuning.
#include <algorithm>
#include <cmath>

#include "policy/autoscaler/autoscalers.hpp"
#include "policy/autoscaler/specs.hpp"

namespace hyperdc {
namespace {

struct Options {
  ScaleMetric metric = ScaleMetric::utilization;
  double target = 0.6, gain = 0, integral_s = 0, derivative_s = 0;
  double dead_band = 0, max_change = 0;
  Duration interval;
};

class Pid final : public Autoscaler {
 public:
  explicit Pid(const Options& options) : options_(options) {}

  Duration interval() const override { return options_.interval; }

  std::optional<ScaleTo> decide(const ScaleView& view) override {
    if (view.ready == 0) return from_nothing(view);
    const auto metric = metric_average(view, options_.metric);
    if (!metric) return std::nullopt;
    // The deployment was bounded or changed by others: go on from what there is.
    if (whole_replicas(replicas_) != view.wanted) replicas_ = view.wanted;
    double error = *metric / options_.target - 1;
    if (std::fabs(error) <= options_.dead_band) error = 0;
    const double first = last_.value_or(error);
    const double second = before_.value_or(first);
    const double dt_s = to_seconds(options_.interval);
    double sum = error - first + options_.derivative_s * (error - 2 * first + second) / dt_s;
    const bool held = view.starting > 0 && error > 0;
    if (!held) sum += error * dt_s / options_.integral_s;
    before_ = first;
    last_ = error;
    const double base = std::max(1.0, replicas_);
    const double most = options_.max_change * base;
    replicas_ += std::clamp(base * options_.gain * sum, -most, most);
    replicas_ = std::clamp<double>(replicas_, std::min(view.min_replicas, view.max_replicas),
                                   view.max_replicas);
    const std::uint32_t answer = whole_replicas(replicas_);
    return scale_to(view, answer, answer > view.wanted ? "error above zero" : "error below zero");
  }

 private:
  std::optional<ScaleTo> from_nothing(const ScaleView& view) {
    last_.reset();
    before_.reset();
    const auto total = metric_total(view, options_.metric);
    if (!total) return std::nullopt;
    const std::uint32_t need = whole_replicas(*total / options_.target);
    if (need <= view.wanted) return std::nullopt;
    replicas_ = need;
    return scale_to(view, need, "load and no replica");
  }

  Options options_;
  double replicas_ = 0;
  std::optional<double> last_, before_;
};

constexpr ParamSpec kParams[] = {
    metric_spec(),
    target_spec("0.6"),
    number_spec("gain", "0.5", 0, 100, "Proportional gain; higher is faster and less steady."),
    time_spec("integral_time", R"("60 s")", 1, 1e6,
              "Time in which a lasting error is answered as much again; shorter is faster."),
    time_spec("derivative_time", R"("0 s")", 0, 1e6,
              "How far ahead the change of the error is extrapolated; 0: not at all."),
    number_spec("dead_band", "0.05", 0, 1, "Relative error that counts as none."),
    number_spec("max_change", "1", 0.01, 100,
                "Largest change of one decision, as a share of the replicas."),
    time_spec("interval", R"("30 s")", 0.1, 86400, "Time between two decisions."),
};

std::string check(const Params& params) {
  return target_problem(params.text("metric"), params.number("target"));
}

constexpr AutoscalerEntry kEntry = {
    "pid", "Ours: a discrete PID controller with anti-windup on the error of a metric.", kParams,
    [](const Params& params, const AutoscalerContext&) -> std::unique_ptr<Autoscaler> {
      Options options;
      options.metric = scale_metric(params.text("metric"));
      options.target = params.number("target");
      options.gain = params.number("gain");
      options.integral_s = params.number("integral_time");
      options.derivative_s = params.number("derivative_time");
      options.dead_band = params.number("dead_band");
      options.max_change = params.number("max_change");
      options.interval = params.duration("interval");
      return std::make_unique<Pid>(options);
    },
    check};

}  // namespace

const AutoscalerEntry& pid_autoscaler() {
  return kEntry;
}

}  // namespace hyperdc
