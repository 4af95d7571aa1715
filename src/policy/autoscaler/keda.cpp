// KEDA: scale to zero and from zero by events, and the Kubernetes HPA in between.
//
// Computes, every `polling`, whether the trigger is active: total > activation (a missing sample
// leaves things as they are). Active at 0 replicas: max(1, minimum). Not active, minimum 0, and the
// last active poll more than `cooldown` ago (or none yet): 0. With replicas the HPA decides every
// `sync` (hpa_replicas.hpp, hpa_behavior.hpp), with the total over target a replica as an
// external metric and not below 1.
// Units: requests/s or requests; s.
// Source: kedacore/keda, pkg/scaling/executor/scale_scaledobjects.go; keda.sh ScaledObject
// specification (polling 30 s, cooldown 300 s, activation 0, minimum 0); the HPA as in hpa.cpp.
// Assumption: default metric and target are those of its SQS scaler (5 messages, in flight or not).
// Leaves out: several triggers, fallback, idle replicas, pauses, initial cooldown (0 s by default).
#include "policy/autoscaler/autoscalers.hpp"
#include "policy/autoscaler/hpa.hpp"
#include "policy/autoscaler/specs.hpp"

namespace hyperdc {
namespace {

constexpr std::string_view kMetrics[] = {"requests-per-replica", "concurrency",
                                         "queue-per-replica"};
constexpr std::string_view kKinds[] = {"pods", "percent"};

struct Options {
  ScaleMetric metric = ScaleMetric::concurrency;
  double activation = 0;
  Duration polling, cooldown, sync;
};

class Keda final : public Autoscaler {
 public:
  Keda(const Options& options, HpaOptions hpa) : options_(options), hpa_(std::move(hpa)) {}

  Duration interval() const override { return options_.sync; }

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
    const auto total = metric_total(view, options_.metric);
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
         "What triggers: offered requests/s, requests waiting or in service, or requests waiting.",
     .fallback = R"("concurrency")",
     .choices = kMetrics},
    number_spec("target", "5", 1e-3, 1e9,
                "What one replica should have of the metric; higher is fewer replicas."),
    number_spec("activation", "0", 0, 1e9,
                "Total of the metric above which there is work, so that a replica is started."),
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

constexpr AutoscalerEntry kEntry = {
    "keda", "KEDA: to zero when there has been no work for a while, above it the Kubernetes HPA.",
    kParams, [](const Params& params, const AutoscalerContext&) -> std::unique_ptr<Autoscaler> {
      Options options;
      options.metric = scale_metric(params.text("metric"));
      options.activation = params.number("activation");
      options.polling = params.duration("polling");
      options.cooldown = params.duration("cooldown");
      options.sync = params.duration("sync");
      return std::make_unique<Keda>(options, hpa_of(params));
    }};

}  // namespace

const AutoscalerEntry& keda_autoscaler() {
  return kEntry;
}

}  // namespace hyperdc
