// KEDA: scale to zero and from zero by events, and the Kubernetes HPA in between.
//
// Computes, every `polling`, whether the trigger is active: total > activation, of the metric or of
// a second trigger, `activation_metric` (a missing sample leaves things as they are). Active at 0
// replicas: max(1, minimum). Not active, minimum 0, and the last active poll more than `cooldown`
// ago (or none yet): 0. With replicas the HPA decides every `sync` (hpa_replicas.hpp,
// hpa_behavior.hpp), with the total over target a replica as an external metric and not below 1.
// Units: requests/s, tokens/s, requests, shares, or s of a time to tokens; s.
// Source: kedacore/keda, pkg/scaling/executor/scale_scaledobjects.go; keda.sh ScaledObject
// specification (polling 30 s, cooldown 300 s, activation 0, minimum 0); the HPA as in hpa.cpp.
// Assumption: default metric and target are those of its SQS scaler (5 messages, in flight or not).
// What only a replica shows (cache, tokens, times to tokens) cannot wake an endpoint from zero: it
// takes the second trigger, whose target never decides. Leaves out: more triggers, fallback, idle
// replicas, pauses, initial cooldown (0 s by default).
#include "policy/autoscaler/autoscalers.hpp"
#include "policy/autoscaler/hpa.hpp"
#include "policy/autoscaler/specs.hpp"

namespace hyperdc {
namespace {

/// All but utilization, which KEDA leaves to the HPA.
constexpr std::span<const std::string_view> kMetrics = std::span(kScaleMetrics).subspan(1);
constexpr std::string_view kWakes[] = {"metric", "requests-per-replica", "concurrency",
                                       "queue-per-replica"};
constexpr std::string_view kKinds[] = {"pods", "percent"};

struct Options {
  ScaleMetric wakes = ScaleMetric::concurrency;
  double activation = 0;
  Duration polling, cooldown, sync;
};

class Keda final : public Autoscaler {
 public:
  Keda(const Options& options, HpaOptions hpa) : options_(options), hpa_(std::move(hpa)) {}

  Duration interval() const override { return options_.sync; }
  bool needs_token_times() const override { return hpa_.needs_token_times(); }

  std::optional<ScaleTo> decide(const ScaleView& view) override {
    if (!polled_ || view.now - *polled_ >= options_.polling) {
      polled_ = view.now;
      if (const auto answer = poll(view)) return answer;
    }
    if (view.wanted == 0) return std::nullopt;
    return hpa_.sync(view, least(view));
  }

 private:
  static std::uint32_t least(const ScaleView& view) { return std::max(1U, view.min_replicas); }

  std::optional<ScaleTo> poll(const ScaleView& view) {
    const auto total = metric_total(view, options_.wakes);
    if (!total) return std::nullopt;
    if (*total > options_.activation) {
      active_ = view.now;
      return view.wanted == 0 ? scale_to(view, least(view), "trigger active") : std::nullopt;
    }
    if (view.wanted == 0 || view.min_replicas > 0) return std::nullopt;
    if (active_ && *active_ + options_.cooldown >= view.now) return std::nullopt;
    return scale_to(view, 0, "trigger not active");
  }

  Options options_;
  Hpa hpa_;
  std::optional<SimTime> polled_, active_;
};

constexpr ParamSpec kParams[] = {
    {.name = "metric",
     .kind = ParamKind::choice,
     .doc =
         "What triggers, a replica: offered requests/s, requests waiting or in service, or "
         "requests waiting; of an endpoint of a language model also the share of its cache in use, "
         "tokens that it computes/s, or, of all replicas together, a quantile of the time to the "
         "first token or of that from one token to the next.",
     .fallback = R"("concurrency")",
     .choices = kMetrics},
    target_spec("5"),
    {.name = "activation_metric",
     .kind = ParamKind::choice,
     .doc = "What tells whether there is work: the metric, or a second trigger, which also sees "
            "requests that come where no replica is.",
     .fallback = R"("metric")",
     .choices = kWakes},
    number_spec("activation", "0", 0, 1e9,
                "Total of it above which there is work, so that a replica is started."),
    time_spec("polling", R"("30 s")", 0.1, 86400,
              "Time between two looks at the trigger; longer starts the first replica later."),
    time_spec("cooldown", R"("300 s")", 0, 604800,
              "Time after the last work until the last replica is removed."),
    time_spec("sync", R"("15 s")", 0.1, 86400, "Time between two decisions of the HPA."),
    number_spec("tolerance", "0.1", 0, 1,
                "Share by which the metric may miss the target before the HPA acts."),
    down_window_spec(),
};

HpaOptions hpa_of(const Params& params) {
  HpaOptions hpa;
  hpa.metrics.push_back({scale_metric(params.text("metric")), params.number("target")});
  hpa.tolerance = {params.number("tolerance"), params.number("tolerance")};
  const std::string pods(kKinds[0]);
  const std::string percent(kKinds[1]);
  hpa.up.rules = hpa_rules({pods, percent}, {4, 100}, {15, 15});
  hpa.down.rules = hpa_rules({percent}, {100}, {15});
  hpa.down.window = params.duration("down_window");
  return hpa;
}

std::string check(const Params& params) {
  return target_problem(params.text("metric"), params.number("target"));
}

constexpr AutoscalerEntry kEntry = {
    "keda", "KEDA: to zero when there has been no work for a while, above it the Kubernetes HPA.",
    kParams,
    [](const Params& params, const AutoscalerContext&) -> std::unique_ptr<Autoscaler> {
      Options options;
      const std::string& wakes = params.text("activation_metric");
      options.wakes = scale_metric(wakes == kWakes[0] ? params.text("metric") : wakes);
      options.activation = params.number("activation");
      options.polling = params.duration("polling");
      options.cooldown = params.duration("cooldown");
      options.sync = params.duration("sync");
      return std::make_unique<Keda>(options, hpa_of(params));
    },
    check};

}  // namespace

const AutoscalerEntry& keda_autoscaler() {
  return kEntry;
}

}  // namespace hyperdc
