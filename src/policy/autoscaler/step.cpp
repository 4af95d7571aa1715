// Step scaling: the scaling policy of that name of Amazon EC2 Auto Scaling, one out and one in.
//
// Computes, every `period`, a data point m of the metric, a replica, from replicas that have been
// ready for `warmup`; w of them are warm and n wanted.
//   Out: m >= out_at[0] in the last `out_periods` (alarm.hpp). The step is the last i with
//     m >= out_at[i]; n becomes max(n, w + change(w)): the ones that start or warm up count
//     towards n and not towards w, so breaches of one step during a warm-up add once.
//   In: m <= in_at[0] in the last `in_periods`, none starts or warms up, and `cooldown` has passed
//     since the last removal. The step is the last i with m <= in_at[i]; n becomes n + change(n).
//   change(x): `count`: the number itself; `percent`: x * number / 100, cut off towards 0, but a
//     value between 0 and 1 counts as 1 and at least `min_change`; `exact`: number - x.
//   Bounds: adding belongs to the step from its bound on, removing to its bound.
// Units: shares, requests/s, tokens/s, requests, or s of a time to tokens; s.
// Source: Amazon EC2 Auto Scaling user guide (2023-06 archive), "Step and simple scaling policies":
// steps, warm-up, rounding, minimum magnitude, and the example of the defaults (50 %: +10 % from 60
// on, +30 % from 70 on, mirrored). Cooldown 300 s: Application Auto Scaling, Cooldown of
// StepScalingPolicyConfiguration, scale-in only; for groups of EC2 set it to 0 s.
// Assumptions: one period of 60 s for both alarms (the console's "1 out of 1"), warm-up 300 s.
// Leaves out: simple scaling; a cooldown for adding; steps of unequal type; instance weights.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <vector>

#include <hyperdc/core/assert.hpp>

#include "policy/autoscaler/alarm.hpp"
#include "policy/autoscaler/autoscalers.hpp"
#include "policy/autoscaler/readings.hpp"
#include "policy/autoscaler/specs.hpp"

namespace hyperdc {
namespace {

enum class Adjust { count, percent, exact };

struct Steps {
  std::size_t periods = 1;
  std::vector<double> at, change;
};

struct Options {
  ScaleMetric metric = ScaleMetric::utilization;
  Duration period;
  Adjust adjust = Adjust::percent;
  double min_change = 1;
  Steps out, in;
  Duration warmup, cooldown;
};

/// Bounds are inclusive, and a mean of equal readings may be off by its rounding.
bool reaches(double metric, double bound) {
  return metric >= bound - 1e-9 * std::max(1.0, std::fabs(bound));
}

class Step final : public Autoscaler {
 public:
  explicit Step(Options options)
      : options_(std::move(options)),
        points_(std::max(options_.out.periods, options_.in.periods)) {}

  Duration interval() const override { return options_.period; }
  bool needs_token_times() const override { return is_token_time(options_.metric); }

  std::optional<ScaleTo> decide(const ScaleView& view) override {
    const WarmReplicas warm = warm_replicas(view, options_.warmup);
    points_.add(warm_average(view, warm, options_.metric));
    const double metric = points_.latest().value_or(0);
    const double out_from = options_.out.at.front();
    if (points_.alarm(options_.out.periods, [&](double m) { return reaches(m, out_from); })) {
      std::size_t step = 0;
      while (step + 1 < options_.out.at.size() && reaches(metric, options_.out.at[step + 1]))
        ++step;
      const double to = warm.count + change(warm.count, options_.out.change[step]);
      const std::uint32_t replicas = whole_replicas(to);
      if (replicas > view.wanted) return scale_to(view, replicas, "metric above a step");
      return std::nullopt;
    }
    return in(view, warm.count < view.ready, metric);
  }

 private:
  std::optional<ScaleTo> in(const ScaleView& view, bool warming, double metric) {
    const double in_from = options_.in.at.front();
    if (!points_.alarm(options_.in.periods, [&](double m) { return reaches(-m, -in_from); })) {
      return std::nullopt;
    }
    if (view.starting > 0 || warming) return std::nullopt;
    if (removed_ && view.now - *removed_ < options_.cooldown) return std::nullopt;
    std::size_t step = 0;
    while (step + 1 < options_.in.at.size() && reaches(-metric, -options_.in.at[step + 1])) ++step;
    const double to = view.wanted + change(view.wanted, options_.in.change[step]);
    const std::uint32_t replicas = whole_replicas(to);
    if (replicas >= view.wanted) return std::nullopt;
    removed_ = view.now;
    return scale_to(view, replicas, "metric below a step");
  }

  double change(std::uint32_t from, double number) const {
    if (options_.adjust == Adjust::count) return number;
    if (options_.adjust == Adjust::exact) return number - from;
    const double share = from * number / 100;
    if (share == 0) return 0;
    const double least = std::max(1.0, options_.min_change);
    const double whole = std::max(least, std::floor(std::fabs(share)));
    return share < 0 ? -whole : whole;
  }

  Options options_;
  DataPoints points_;
  std::optional<SimTime> removed_;
};

constexpr std::string_view kAdjusts[] = {"count", "percent", "exact"};

constexpr ParamSpec kParams[] = {
    any_metric_spec(),
    period_spec(),
    {.name = "adjust",
     .kind = ParamKind::choice,
     .doc = "What the changes are: a number of replicas, per cent of those there are, or how many "
            "there shall be.",
     .fallback = R"("percent")",
     .choices = kAdjusts},
    {.name = "min_change",
     .kind = ParamKind::integer,
     .doc = "Fewest replicas that a change in per cent adds or removes.",
     .fallback = "1",
     .min = 1,
     .max = 1e6},
    {.name = "out_periods",
     .kind = ParamKind::integer,
     .doc = "Data points at or above the first of out_at that it takes to add replicas.",
     .fallback = "1",
     .min = 1,
     .max = 1440},
    {.name = "out_at",
     .kind = ParamKind::quantity_list,
     .doc = "Values of the metric at which the steps of adding begin, rising.",
     .fallback = "[0.6, 0.7]",
     .min = 0,
     .max = 1e9},
    {.name = "out_change",
     .kind = ParamKind::quantity_list,
     .doc = "Change of each of these steps.",
     .fallback = "[10, 30]",
     .min = 0,
     .max = 1e6},
    {.name = "in_periods",
     .kind = ParamKind::integer,
     .doc = "Data points at or below the first of in_at that it takes to remove replicas.",
     .fallback = "1",
     .min = 1,
     .max = 1440},
    {.name = "in_at",
     .kind = ParamKind::quantity_list,
     .doc = "Values of the metric at which the steps of removing begin, falling.",
     .fallback = "[0.4, 0.3]",
     .min = 0,
     .max = 1e9},
    {.name = "in_change",
     .kind = ParamKind::quantity_list,
     .doc = "Change of each of these steps: 0 or below, or how many there shall be.",
     .fallback = "[-10, -30]",
     .min = -1e6,
     .max = 1e6},
    warmup_spec(),
    time_spec("cooldown", R"("300 s")", 0, 86400, "Time between two removals."),
};

std::string steps_problem(const Params& params, std::string_view name, bool rising) {
  const auto& at = params.list(fmt::format("{}_at", name));
  const auto& change = params.list(fmt::format("{}_change", name));
  if (at.empty()) return fmt::format("{}_at is empty", name);
  if (at.size() != change.size()) {
    return fmt::format("{}_at has {} entries and {}_change {}", name, at.size(), name,
                       change.size());
  }
  for (std::size_t i = 1; i < at.size(); ++i) {
    if (rising ? at[i] <= at[i - 1] : at[i] >= at[i - 1]) {
      return fmt::format("{}_at must {}", name, rising ? "rise" : "fall");
    }
  }
  return {};
}

std::string check(const Params& params) {
  std::string problem = steps_problem(params, "out", true);
  if (problem.empty()) problem = steps_problem(params, "in", false);
  if (!problem.empty()) return problem;
  if (params.list("in_at").front() >= params.list("out_at").front()) {
    return "in_at begins at or above out_at: the same load would add and remove";
  }
  const bool exact = params.text("adjust") == "exact";
  for (const double change : params.list("in_change")) {
    if (exact && change < 0) return fmt::format("in_change: {} replicas cannot be", change);
    if (!exact && change > 0) return fmt::format("in_change: {} would add replicas", change);
  }
  return {};
}

Options options_of(const Params& params) {
  HYPERDC_CHECK(check(params).empty(), check(params));
  Options options;
  options.metric = scale_metric(params.text("metric"));
  options.period = params.duration("period");
  const std::string& adjust = params.text("adjust");
  if (adjust == "count") options.adjust = Adjust::count;
  if (adjust == "exact") options.adjust = Adjust::exact;
  options.min_change = params.number("min_change");
  options.out = {static_cast<std::size_t>(params.integer("out_periods")), params.list("out_at"),
                 params.list("out_change")};
  options.in = {static_cast<std::size_t>(params.integer("in_periods")), params.list("in_at"),
                params.list("in_change")};
  options.warmup = params.duration("warmup");
  options.cooldown = params.duration("cooldown");
  return options;
}

constexpr AutoscalerEntry kEntry = {
    "step", "AWS step scaling: changes by how far the metric is past a threshold.", kParams,
    [](const Params& params, const AutoscalerContext&) -> std::unique_ptr<Autoscaler> {
      return std::make_unique<Step>(options_of(params));
    },
    check};

}  // namespace

const AutoscalerEntry& step_autoscaler() {
  return kEntry;
}

}  // namespace hyperdc
