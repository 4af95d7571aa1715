// Azure Monitor: the autoscale rules of Azure, one out and one in.
//
// Computes, every `period`, a data point of the metric, a replica, over all that are ready, and m,
// the mean of those of the last `window` (time aggregation: average).
//   Out: m > out_at, and `out_cooldown` has passed since the last change: n becomes n + change.
//   In: m < in_at, and `in_cooldown` has passed since the last change. n becomes n - change, unless
//     the same load on what is left would ask for them again (flapping): m n / (n - change) >
//     out_at; change is then tried one smaller, down to 1.
//   change: `count`, or with `percent` that share of n rounded up. n counts what still starts.
//   If both hold, out wins.
// Units: shares, requests/s, tokens/s, requests, or s of a time to tokens; s.
// Source: Azure Monitor, autoscale settings: a rule has time grain, time window, time aggregation,
// and a cooldown, "the amount of time to wait since the last scaling action before this action
// occurs"; "Autoscale flapping": in is skipped where the projection would scale out. The rules
// (above 70 % of 5 min +1, below 30 % -1, 5 min) are those of the guides of Azure ML and from
// memory. Assumptions: a check every 60 s (memory: every 30 to 60 s); per cent are rounded up;
// flapping is projected for utilization, concurrency, queues and rates alike, as they share a load.
// Leaves out: profiles by time of day, several rules of one direction, other aggregations, divide
// by instance count.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "policy/autoscaler/autoscalers.hpp"
#include "policy/autoscaler/readings.hpp"
#include "policy/autoscaler/specs.hpp"
#include "policy/autoscaler/window.hpp"

namespace hyperdc {
namespace {

struct AzureRule {
  double at = 0, change = 1;
  Duration cooldown;
};

struct AzureOptions {
  ScaleMetric metric = ScaleMetric::utilization;
  bool percent = false;
  Duration period, window;
  AzureRule out, in;
};

class AzureMonitor final : public Autoscaler {
 public:
  explicit AzureMonitor(const AzureOptions& options) : options_(options), points_(options.window) {}

  Duration interval() const override { return options_.period; }

  std::optional<ScaleTo> decide(const ScaleView& view) override {
    if (const auto point = metric_average(view, options_.metric)) {
      points_.add(view.now, *point);
    } else {
      points_.forget(view.now);
    }
    const auto mean = points_.mean();
    if (!mean) return std::nullopt;
    if (*mean > options_.out.at) {
      if (cools(view.now, options_.out)) return std::nullopt;
      return changed(view, view.wanted + change(view.wanted, options_.out), "mean above the rule");
    }
    if (!(*mean < options_.in.at) || cools(view.now, options_.in)) return std::nullopt;
    for (std::uint32_t less = change(view.wanted, options_.in); less > 0; --less) {
      if (flaps(*mean, view.wanted, less)) continue;
      return changed(view, view.wanted - less, "mean below the rule");
    }
    return std::nullopt;
  }

 private:
  bool cools(SimTime now, const AzureRule& rule) const {
    return changed_ && now - *changed_ < rule.cooldown;
  }

  std::uint32_t change(std::uint32_t from, const AzureRule& rule) const {
    const std::uint32_t by =
        whole_replicas(options_.percent ? from * rule.change / 100 : rule.change);
    return &rule == &options_.in ? std::min(by, from) : by;
  }

  bool flaps(double mean, std::uint32_t wanted, std::uint32_t less) const {
    return wanted == less || mean * wanted > options_.out.at * (wanted - less);
  }

  /// A change that the bounds of the deployment take away is none.
  std::optional<ScaleTo> changed(const ScaleView& view, std::uint32_t replicas,
                                 std::string_view because) {
    const std::uint32_t to = std::clamp(replicas, view.min_replicas, view.max_replicas);
    if (to == view.wanted) return std::nullopt;
    changed_ = view.now;
    return scale_to(view, to, because);
  }

  AzureOptions options_;
  TimedWindow points_;
  std::optional<SimTime> changed_;
};

constexpr std::string_view kAzureUnits[] = {"count", "percent"};

constexpr ParamSpec azure_change_spec(std::string_view name, std::string_view doc) {
  return {
      .name = name, .kind = ParamKind::number, .doc = doc, .fallback = "1", .min = 1, .max = 1e6};
}

constexpr ParamSpec kAzureParams[] = {
    metric_spec(),
    period_spec(),
    time_spec("window", R"("5 min")", 1, 86400, "What the mean of the metric is over."),
    number_spec("out_at", "0.7", 1e-6, 1e9, "Mean above which replicas are added."),
    number_spec("in_at", "0.3", 0, 1e9, "Mean below which replicas are removed."),
    {.name = "change",
     .kind = ParamKind::choice,
     .doc = "What the changes are: a number of replicas, or per cent of those there are.",
     .fallback = R"("count")",
     .choices = kAzureUnits},
    azure_change_spec("out_change", "Added at a time."),
    azure_change_spec("in_change", "Removed at a time."),
    time_spec("out_cooldown", R"("5 min")", 0, 86400, "Time from any change to the next addition."),
    time_spec("in_cooldown", R"("5 min")", 0, 86400, "Time from any change to the next removal."),
};

std::string check_azure(const Params& params) {
  const double out = params.number("out_at");
  if (params.number("in_at") >= out) {
    return fmt::format("in_at is not below out_at {}: the same load would add and remove", out);
  }
  return target_problem(params.text("metric"), out);
}

AzureOptions azure_options_of(const Params& params) {
  AzureOptions options;
  options.metric = scale_metric(params.text("metric"));
  options.percent = params.text("change") == "percent";
  options.period = params.duration("period");
  options.window = params.duration("window");
  options.out = {params.number("out_at"), params.number("out_change"),
                 params.duration("out_cooldown")};
  options.in = {params.number("in_at"), params.number("in_change"), params.duration("in_cooldown")};
  return options;
}

constexpr AutoscalerEntry kAzureEntry = {
    "azure-monitor",
    "Azure Monitor rules: one more above 70 % over 5 min, one less below 30 %, 5 min apart.",
    kAzureParams,
    [](const Params& params, const AutoscalerContext&) -> std::unique_ptr<Autoscaler> {
      return std::make_unique<AzureMonitor>(azure_options_of(params));
    },
    check_azure};

}  // namespace

const AutoscalerEntry& azure_monitor_autoscaler() {
  return kAzureEntry;
}

}  // namespace hyperdc
