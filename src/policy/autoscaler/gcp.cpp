// GCP: the autoscaler of Compute Engine's managed instance groups.
//
// Computes, every `period`: the size that the load needs, ceil(ready * m / target), m the mean of
// replicas whose `initialization` is over (counted from their creation; without such a replica,
// nothing). For metrics other than utilization ceil(total / target). The recommendation is the
// greatest size of the last max(stabilization, initialization): enough for the peak of that time.
// Scale-in control: with max_scaled_in > 0 the recommendation is not below the greatest
// recommendation of the last scale_in_window less max_scaled_in (per cent of it, cut off, at least
// 1, with `percent`). Mode: `on`, `only-scale-out` (never fewer), `off` (nothing is done).
// Units: shares, requests/s or requests; s.
// Source: docs.cloud.google.com/compute/docs/autoscaler/understanding-autoscaler-decisions (peak
// over the stabilisation period, modes), google_cloud_compute_v1 AutoscalingPolicy (initialisation
// 60 s), AutoscalingPolicyScaleInControl (deducted from the peak recommendation), target 0.6.
// Assumptions: stabilisation 600 s; a decision every 60 s; rounding of per cent; replicas that
// still initialise carry as much as the others, so the mean of the others is taken for them. Leaves
// out: predictive mode (its forecaster is not published; see `predictive`), schedules, several
// signals at once, load balancing capacity.
#include <algorithm>
#include <cmath>

#include "policy/autoscaler/autoscalers.hpp"
#include "policy/autoscaler/readings.hpp"
#include "policy/autoscaler/specs.hpp"
#include "policy/autoscaler/window.hpp"

namespace hyperdc {
namespace {

enum class Mode { on, only_scale_out, off };

struct Options {
  ScaleMetric metric = ScaleMetric::utilization;
  double target = 0.6;
  Duration period, initialization, stabilization;
  double max_scaled_in = 0;
  bool percent = false;
  Duration scale_in_window;
  Mode mode = Mode::on;
};

/// Mean utilization of replicas created at least `initialization` ago.
std::optional<double> settled_utilization(const ScaleView& view, Duration initialization) {
  if (view.replicas.empty()) return view.utilization;
  double sum = 0;
  std::uint32_t count = 0;
  for (const ReplicaReading& replica : view.replicas) {
    if (!replica.utilization || view.now - replica.created < initialization) continue;
    sum += *replica.utilization;
    ++count;
  }
  if (count == 0) return std::nullopt;
  return sum / count;
}

class Gcp final : public Autoscaler {
 public:
  explicit Gcp(const Options& options)
      : options_(options),
        sizes_(std::max(options.stabilization, options.initialization)),
        recommendations_(options.scale_in_window) {}

  Duration interval() const override { return options_.period; }

  std::optional<ScaleTo> decide(const ScaleView& view) override {
    if (options_.mode == Mode::off) return std::nullopt;
    const auto size = needed(view);
    if (size) {
      sizes_.add(view.now, *size);
    } else {
      sizes_.forget(view.now);
    }
    const auto peak = sizes_.max();
    if (!peak) return std::nullopt;
    double recommended = *peak;
    if (options_.max_scaled_in > 0) {
      recommendations_.forget(view.now);
      const double before = recommendations_.max().value_or(view.wanted);
      recommended = std::max(recommended, before - allowed_from(before));
    }
    recommendations_.add(view.now, recommended);
    const std::uint32_t replicas = whole_replicas(recommended);
    if (replicas > view.wanted) return scale_to(view, replicas, "peak load needs more");
    if (options_.mode == Mode::only_scale_out) return std::nullopt;
    return scale_to(view, replicas, "peak load needs fewer");
  }

 private:
  std::optional<double> needed(const ScaleView& view) const {
    if (options_.metric != ScaleMetric::utilization) {
      const auto total = metric_total(view, options_.metric);
      if (!total) return std::nullopt;
      return whole_replicas(*total / options_.target);
    }
    const auto mean = settled_utilization(view, options_.initialization);
    if (!mean || view.ready == 0) return std::nullopt;
    return whole_replicas(view.ready * *mean / options_.target);
  }

  double allowed_from(double peak) const {
    if (!options_.percent) return options_.max_scaled_in;
    return std::max(1.0, std::floor(peak * options_.max_scaled_in / 100));
  }

  Options options_;
  TimedWindow sizes_;
  TimedWindow recommendations_;
};

constexpr std::string_view kModes[] = {"on", "only-scale-out", "off"};
constexpr std::string_view kUnits[] = {"replicas", "percent"};

constexpr ParamSpec kParams[] = {
    metric_spec(),
    target_spec("0.6"),
    time_spec("period", R"("60 s")", 1, 86400, "Time between two decisions."),
    time_spec("initialization", R"("60 s")", 0, 86400,
              "The utilization of a replica counts when it was created this long ago."),
    time_spec("stabilization", R"("600 s")", 0, 86400,
              "The size is enough for the peak load of this long; longer keeps replicas longer."),
    {.name = "max_scaled_in",
     .kind = ParamKind::number,
     .doc = "Scale-in control: most replicas below the peak recommendation of the window; 0: no "
            "control.",
     .fallback = "0",
     .min = 0,
     .max = 1e6,
     .example = "2"},
    {.name = "scaled_in_unit",
     .kind = ParamKind::choice,
     .doc = "What max_scaled_in counts: replicas, or per cent of the peak recommendation.",
     .fallback = R"("replicas")",
     .choices = kUnits},
    time_spec("scale_in_window", R"("600 s")", 1, 86400,
              "Window of the scale-in control; longer removes more slowly."),
    {.name = "mode",
     .kind = ParamKind::choice,
     .doc = "Whether recommendations are followed: all of them, those that add, or none.",
     .fallback = R"("on")",
     .choices = kModes},
};

std::string check(const Params& params) {
  return target_problem(params.text("metric"), params.number("target"));
}

Options options_of(const Params& params) {
  Options options;
  options.metric = scale_metric(params.text("metric"));
  options.target = params.number("target");
  options.period = params.duration("period");
  options.initialization = params.duration("initialization");
  options.stabilization = params.duration("stabilization");
  options.max_scaled_in = params.number("max_scaled_in");
  options.percent = params.text("scaled_in_unit") == "percent";
  options.scale_in_window = params.duration("scale_in_window");
  if (params.text("mode") == "off") options.mode = Mode::off;
  if (params.text("mode") == "only-scale-out") options.mode = Mode::only_scale_out;
  return options;
}

constexpr AutoscalerEntry kEntry = {
    "gcp", "GCP managed instance groups: enough replicas for the peak of the last ten minutes.",
    kParams,
    [](const Params& params, const AutoscalerContext&) -> std::unique_ptr<Autoscaler> {
      return std::make_unique<Gcp>(options_of(params));
    },
    check};

}  // namespace

const AutoscalerEntry& gcp_autoscaler() {
  return kEntry;
}

}  // namespace hyperdc
