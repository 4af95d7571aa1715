// Knative: the autoscaler of Knative Serving (KPA), by concurrency, with a panic mode.
//
// Computes, every `tick`, from totals x (requests waiting or in service, or requests/s) and r ready
// replicas (1 if none): stable = ceil(mean of x over stable_window / t), panic = the same over
// panic_window, each kept within floor(r / max_down) and ceil(r * max_up). t = target_utilization *
// concurrency of a replica (or * requests_target).
//   Panic begins when ceil(panic mean / t) / r >= panic_threshold, lasts until stable_window has
//   passed since that last held, and meanwhile the answer is the greatest of stable and panic that
//   panic has seen. Else the answer is `stable`. A deployment of more than one replica starts in
//   panic. scale_down_delay: the greatest answer of that long. 0 replicas are answered when 0 has
//   been wanted for `grace`; until then 1.
// Units: requests or requests/s; s. The sensor's window must not be longer than the panic window,
// or panic sees what stable sees. Source: knative/serving, pkg/autoscaler/scaling/autoscaler.go and
// pkg/autoscaler/config (windows, threshold 200 %, target 70 %, 200 requests/s, rates 1000 and 2,
// grace 30 s); tick 2 s from memory. Leaves out: activation scale, burst capacity and the activator
// (requests wait in the deployment's queue), unlimited concurrency with its soft target of 100.
#include <algorithm>
#include <cmath>

#include "policy/autoscaler/autoscalers.hpp"
#include "policy/autoscaler/readings.hpp"
#include "policy/autoscaler/specs.hpp"
#include "policy/autoscaler/window.hpp"

namespace hyperdc {
namespace {

constexpr std::string_view kMetrics[] = {"concurrency", "requests-per-replica"};

struct Options {
  ScaleMetric metric = ScaleMetric::concurrency;
  double target_utilization = 0.7, requests_target = 200;
  Duration stable_window, panic_window;
  double panic_threshold = 2, max_up = 1000, max_down = 2;
  Duration scale_down_delay, grace, tick;
};

class Knative final : public Autoscaler {
 public:
  explicit Knative(const Options& options)
      : options_(options),
        stable_(options.stable_window),
        panic_(options.panic_window),
        delayed_(options.scale_down_delay) {}

  Duration interval() const override { return options_.tick; }

  std::optional<ScaleTo> decide(const ScaleView& view) override {
    if (!started_ && view.ready > 1) {
      panic_since_ = view.now;
      most_in_panic_ = view.ready;
    }
    started_ = true;
    const auto total = metric_total(view, options_.metric);
    if (total) {
      stable_.add(view.now, *total);
      panic_.add(view.now, *total);
    } else {
      stable_.forget(view.now);
      panic_.forget(view.now);
    }
    if (stable_.empty()) return std::nullopt;
    return answer(view, desired(view));
  }

 private:
  double target(const ScaleView& view) const {
    const double whole = options_.metric == ScaleMetric::concurrency
                             ? static_cast<double>(view.concurrency)
                             : options_.requests_target;
    return options_.target_utilization * whole;
  }

  double desired(const ScaleView& view) {
    const double ready = std::max(1.0, static_cast<double>(view.ready));
    const double most = std::ceil(options_.max_up * ready);
    const double least = std::floor(ready / options_.max_down);
    const double stable = std::ceil(*stable_.mean() / target(view));
    const double panic = std::ceil(panic_.mean().value_or(0) / target(view));
    if (panic / ready >= options_.panic_threshold) {
      panic_since_ = view.now;
    } else if (panic_since_ && *panic_since_ + options_.stable_window < view.now) {
      panic_since_.reset();
      most_in_panic_ = 0;
    }
    const double wish = std::clamp(stable, std::min(least, most), most);
    if (!panic_since_) return wish;
    const double rush = std::clamp(panic, std::min(least, most), most);
    most_in_panic_ = std::max({most_in_panic_, wish, rush});
    return most_in_panic_;
  }

  std::optional<ScaleTo> answer(const ScaleView& view, double wish) {
    if (options_.scale_down_delay.ns > 0) {
      delayed_.add(view.now, wish);
      wish = *delayed_.max();
    }
    if (wish > 0) {
      zero_since_.reset();
      return scale_to(view, whole_replicas(wish),
                      panic_since_ ? "panic: demand above the threshold" : "stable demand");
    }
    if (!zero_since_) zero_since_ = view.now;
    if (view.wanted == 0) return std::nullopt;
    const bool over = view.now - *zero_since_ >= options_.grace;
    return scale_to(view, over ? 0 : 1, "no demand");
  }

  Options options_;
  TimedWindow stable_, panic_, delayed_;
  bool started_ = false;
  double most_in_panic_ = 0;
  std::optional<SimTime> panic_since_, zero_since_;
};

constexpr ParamSpec kParams[] = {
    {.name = "metric",
     .kind = ParamKind::choice,
     .doc = "What is followed: requests waiting or in service, or offered requests/s.",
     .fallback = R"("concurrency")",
     .choices = kMetrics},
    number_spec(
        "target_utilization", "0.7", 0.01, 1,
        "Share of its concurrency (or of requests_target) that a replica should have; higher is "
        "fewer replicas."),
    number_spec("requests_target", "200", 0.01, 1e9,
                "Requests/s that a replica can serve, with requests-per-replica."),
    time_spec("stable_window", R"("60 s")", 1, 3600,
              "Time over which demand is averaged; longer is smoother and later."),
    time_spec("panic_window", R"("6 s")", 0.1, 3600,
              "Time over which demand is averaged to notice a burst."),
    number_spec(
        "panic_threshold", "2", 1, 1000,
        "Replicas that a burst needs over those that are ready, from which on it is panic."),
    number_spec("max_up", "1000", 1.0001, 1e6,
                "Most replicas at once, as a multiple of those that are ready."),
    number_spec("max_down", "2", 1.0001, 1e6,
                "Fewest replicas at once, as a divisor of those that are ready."),
    time_spec("scale_down_delay", R"("0 s")", 0, 3600,
              "Replicas are removed only down to the greatest answer of this long."),
    time_spec("grace", R"("30 s")", 0, 86400,
              "Time without demand, beyond the stable window, until the last replica is removed."),
    time_spec("tick", R"("2 s")", 0.1, 3600, "Time between two decisions."),
};

std::string check(const Params& params) {
  if (params.number("panic_window") <= params.number("stable_window")) return {};
  return "panic_window is longer than stable_window";
}

Options options_of(const Params& params) {
  Options options;
  options.metric = scale_metric(params.text("metric"));
  options.target_utilization = params.number("target_utilization");
  options.requests_target = params.number("requests_target");
  options.stable_window = params.duration("stable_window");
  options.panic_window = params.duration("panic_window");
  options.panic_threshold = params.number("panic_threshold");
  options.max_up = params.number("max_up");
  options.max_down = params.number("max_down");
  options.scale_down_delay = params.duration("scale_down_delay");
  options.grace = params.duration("grace");
  options.tick = params.duration("tick");
  return options;
}

constexpr AutoscalerEntry kEntry = {
    "knative", "Knative KPA: by concurrency over 60 s, and over 6 s when demand doubles at once.",
    kParams,
    [](const Params& params, const AutoscalerContext&) -> std::unique_ptr<Autoscaler> {
      return std::make_unique<Knative>(options_of(params));
    },
    check};

}  // namespace

const AutoscalerEntry& knative_autoscaler() {
  return kEntry;
}

}  // namespace hyperdc
