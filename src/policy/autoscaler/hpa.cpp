// HPA: the Horizontal Pod Autoscaler of Kubernetes (autoscaling/v2).
//
// Computes, every `sync`, with n replicas wanted:
//   n above the maximum or below the minimum: that bound at once. n = 0 with a minimum: nothing.
//   Else d = the greatest proposal of the metrics (hpa_replicas.hpp: in the main
//   d = ceil(ready * metric / target), n within the tolerance). If no metric has a proposal, or one
//   has none and the rest would go below n, nothing. Then stabilised and limited
//   (hpa_behavior.hpp).
// Units: shares, requests/s, tokens/s, requests, or s of a time to tokens; s.
// Source: kubernetes/kubernetes, pkg/controller/podautoscaler/horizontal.go (reconcileAutoscaler,
// computeReplicasForMetrics). Defaults: tolerance 0.1 (kubernetes.io, 2025-04-28), sync 15 s, CPU
// initialisation 300 s and down window 300 s (flags of kube-controller-manager), up max(100 %, 4
// pods) and down 100 % per 15 s (HPAScalingRules); target 80 % (autoscaling/v2 defaults).
// Assumption: utilization is use over request, that is the busy share of the replica's concurrency.
// Leaves out: see the two parts; conditions and events of the object.
#include "policy/autoscaler/hpa.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include <hyperdc/core/assert.hpp>

#include "policy/autoscaler/autoscalers.hpp"
#include "policy/autoscaler/specs.hpp"

namespace hyperdc {

std::vector<HpaRule> hpa_rules(const std::vector<std::string>& kinds,
                               const std::vector<double>& values,
                               const std::vector<double>& periods_s) {
  HYPERDC_CHECK(kinds.size() == values.size() && kinds.size() == periods_s.size(),
                "rate policies of different length");
  std::vector<HpaRule> rules;
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    rules.push_back(
        {kinds[i] == "percent", static_cast<std::int64_t>(values[i]), seconds(periods_s[i])});
  }
  return rules;
}

std::optional<std::int64_t> Hpa::proposal(const ScaleView& view) const {
  std::optional<std::int64_t> most;
  bool failed = false;
  for (const HpaMetric& metric : options_.metrics) {
    const auto replicas = hpa_replicas(view, metric, options_.tolerance, options_.initialization);
    if (!replicas) failed = true;
    if (replicas && (!most || *replicas > *most)) most = replicas;
  }
  if (failed && most && *most < view.wanted) return std::nullopt;
  return most;
}

bool Hpa::needs_token_times() const {
  return std::any_of(options_.metrics.begin(), options_.metrics.end(),
                     [](const HpaMetric& metric) { return is_token_time(metric.metric); });
}

std::optional<ScaleTo> Hpa::rescale(const ScaleView& view, std::int64_t replicas,
                                    std::string_view because) {
  behavior_.scaled(view.now, view.wanted, replicas);
  return ScaleTo{static_cast<std::uint32_t>(replicas), because, std::nullopt};
}

std::optional<ScaleTo> Hpa::sync(const ScaleView& view, std::uint32_t min_replicas) {
  const std::int64_t current = view.wanted;
  behavior_.first_seen(view.now, current);
  if (current == 0 && min_replicas != 0) return std::nullopt;
  if (current > view.max_replicas) return rescale(view, view.max_replicas, "above the maximum");
  if (current < min_replicas) return rescale(view, min_replicas, "below the minimum");
  const auto desired = proposal(view);
  if (!desired) return std::nullopt;
  const auto answer =
      behavior_.normalise(view.now, {current, *desired, min_replicas, view.max_replicas});
  if (answer.replicas == current) return std::nullopt;
  if (answer.replicas > current) {
    return rescale(
        view, answer.replicas,
        answer.limited ? "metric above target, as far as the limits let" : "metric above target");
  }
  return rescale(
      view, answer.replicas,
      answer.limited ? "metrics below target, as far as the limits let" : "metrics below target");
}

namespace {

constexpr std::string_view kRuleKinds[] = {"pods", "percent"};
constexpr std::string_view kSelects[] = {"max", "min", "disabled"};

constexpr ParamSpec kParams[] = {
    any_metric_spec(),
    target_spec("0.8"),
    {.name = "also_metrics",
     .kind = ParamKind::text_list,
     .doc = "More metrics; the one that asks for most replicas counts.",
     .fallback = "[]",
     .choices = kScaleMetrics,
     .example = R"(["queue-per-replica"])"},
    {.name = "also_targets",
     .kind = ParamKind::quantity_list,
     .doc = "Their targets, in the same order.",
     .fallback = "[]",
     .min = 1e-3,
     .max = 1e9,
     .example = "[10]"},
    time_spec("sync", R"("15 s")", 0.1, 86400, "Time between two decisions; longer reacts later."),
    number_spec("up_tolerance", "0.1", 0, 100,
                "Share by which the metric may exceed the target before replicas are added."),
    number_spec(
        "down_tolerance", "0.1", 0, 1,
        "Share by which the metric may fall short of the target before replicas are removed."),
    time_spec("cpu_initialization", R"("300 s")", 0, 86400,
              "After its creation a replica's utilization counts for this long only if the whole "
              "sample was taken while it was ready."),
    time_spec("up_window", R"("0 s")", 0, 3600,
              "Replicas are added only up to the least recommendation of this long."),
    {.name = "up_policies",
     .kind = ParamKind::text_list,
     .doc = "Rate limits of adding: so many pods, or so many per cent, in a period.",
     .fallback = R"(["pods", "percent"])",
     .choices = kRuleKinds},
    {.name = "up_values",
     .kind = ParamKind::quantity_list,
     .doc = "How many pods or per cent, one for each of them.",
     .fallback = "[4, 100]",
     .min = 1,
     .max = 1e6},
    {.name = "up_periods",
     .kind = ParamKind::quantity_list,
     .dimension = Dimension::time,
     .doc = "In which time, one for each of them.",
     .fallback = R"(["15 s", "15 s"])",
     .min = 1,
     .max = 1800},
    {.name = "up_select",
     .kind = ParamKind::choice,
     .doc = "Which limit counts: the one that lets most through, the strictest, or no adding.",
     .fallback = R"("max")",
     .choices = kSelects},
    down_window_spec(),
    {.name = "down_policies",
     .kind = ParamKind::text_list,
     .doc = "Rate limits of removing: so many pods, or so many per cent, in a period.",
     .fallback = R"(["percent"])",
     .choices = kRuleKinds},
    {.name = "down_values",
     .kind = ParamKind::quantity_list,
     .doc = "How many pods or per cent, one for each of them.",
     .fallback = "[100]",
     .min = 1,
     .max = 1e6},
    {.name = "down_periods",
     .kind = ParamKind::quantity_list,
     .dimension = Dimension::time,
     .doc = "In which time, one for each of them.",
     .fallback = R"(["15 s"])",
     .min = 1,
     .max = 1800},
    {.name = "down_select",
     .kind = ParamKind::choice,
     .doc = "Which limit counts: the one that lets most through, the strictest, or no removing.",
     .fallback = R"("max")",
     .choices = kSelects},
};

std::string param_of(std::string_view direction, std::string_view rest) {
  return fmt::format("{}_{}", direction, rest);
}

HpaDirection direction_of(const Params& params, std::string_view name) {
  HpaDirection direction;
  direction.window = params.duration(param_of(name, "window"));
  direction.rules =
      hpa_rules(params.texts(param_of(name, "policies")), params.list(param_of(name, "values")),
                params.list(param_of(name, "periods")));
  const std::string& select = params.text(param_of(name, "select"));
  if (select == "min") direction.select = HpaSelect::min;
  if (select == "disabled") direction.select = HpaSelect::disabled;
  return direction;
}

std::string rules_problem(const Params& params, std::string_view name) {
  const std::size_t count = params.texts(param_of(name, "policies")).size();
  if (count == 0) return fmt::format("{}_policies is empty; to forbid it, select disabled", name);
  for (const std::string_view list : {"values", "periods"}) {
    const std::size_t entries = params.list(param_of(name, list)).size();
    if (entries != count) {
      return fmt::format("{}_policies has {} entries and {}_{} {}", name, count, name, list,
                         entries);
    }
  }
  for (const double value : params.list(param_of(name, "values"))) {
    if (value != std::floor(value)) return fmt::format("{}_values: {} is not whole", name, value);
  }
  return {};
}

std::string metric_problem(const std::string& metric, double target) {
  std::string problem = target_problem(metric, target);
  const double percent = target * 100;
  if (problem.empty() && metric == "utilization" &&
      std::fabs(percent - std::nearbyint(percent)) > 1e-9) {
    problem = fmt::format("Kubernetes takes whole per cent of utilization, not {}", target);
  }
  return problem;
}

std::string check(const Params& params) {
  std::string problem = metric_problem(params.text("metric"), params.number("target"));
  const auto& metrics = params.texts("also_metrics");
  const auto& targets = params.list("also_targets");
  if (metrics.size() != targets.size()) {
    return fmt::format("also_metrics has {} entries and also_targets {}", metrics.size(),
                       targets.size());
  }
  for (std::size_t i = 0; i < metrics.size() && problem.empty(); ++i) {
    problem = metric_problem(metrics[i], targets[i]);
  }
  if (problem.empty()) problem = rules_problem(params, "up");
  if (problem.empty()) problem = rules_problem(params, "down");
  return problem;
}

HpaOptions options_of(const Params& params) {
  HpaOptions options;
  options.metrics.push_back({scale_metric(params.text("metric")), params.number("target")});
  const auto& metrics = params.texts("also_metrics");
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    options.metrics.push_back({scale_metric(metrics[i]), params.list("also_targets").at(i)});
  }
  options.tolerance = {params.number("up_tolerance"), params.number("down_tolerance")};
  options.initialization = params.duration("cpu_initialization");
  options.up = direction_of(params, "up");
  options.down = direction_of(params, "down");
  return options;
}

class HpaPolicy final : public Autoscaler {
 public:
  HpaPolicy(HpaOptions options, Duration sync) : hpa_(std::move(options)), sync_(sync) {}
  Duration interval() const override { return sync_; }
  bool needs_token_times() const override { return hpa_.needs_token_times(); }
  std::optional<ScaleTo> decide(const ScaleView& view) override {
    return hpa_.sync(view, view.min_replicas);
  }

 private:
  Hpa hpa_;
  Duration sync_;
};

constexpr AutoscalerEntry kEntry = {
    "hpa", "Kubernetes HPA (autoscaling/v2): replicas in proportion to metric over target.",
    kParams,
    [](const Params& params, const AutoscalerContext&) -> std::unique_ptr<Autoscaler> {
      return std::make_unique<HpaPolicy>(options_of(params), params.duration("sync"));
    },
    check};

}  // namespace

const AutoscalerEntry& hpa_autoscaler() {
  return kEntry;
}

}  // namespace hyperdc
