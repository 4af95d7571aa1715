// Parameters that several autoscalers have, described once.
#pragma once

#include <hyperdc/core/params.hpp>

#include "policy/autoscaler/readings.hpp"

namespace hyperdc {

/// Of a policy that shares a load between replicas.
constexpr ParamSpec metric_spec() {
  return {.name = "metric",
          .kind = ParamKind::choice,
          .doc =
              "What is compared with the target, a replica: busy share of its concurrency, "
              "offered requests/s, requests waiting or in service, or requests waiting; of an "
              "endpoint of a language model also the share of its cache in use, or tokens that it "
              "computes/s.",
          .fallback = R"("utilization")",
          .choices = kLoadMetrics};
}

/// Of one that goes by the ratio of anything to its target.
constexpr ParamSpec any_metric_spec() {
  ParamSpec spec = metric_spec();
  spec.doc =
      "What is compared with the target, a replica: busy share of its concurrency, offered "
      "requests/s, requests waiting or in service, or requests waiting; of an endpoint of a "
      "language model also the share of its cache in use, tokens that it computes/s, or, of all "
      "replicas together, a quantile of the time to the first token or of that from one token to "
      "the next.";
  spec.choices = kScaleMetrics;
  return spec;
}

constexpr ParamSpec target_spec(std::string_view fallback) {
  return {.name = "target",
          .kind = ParamKind::number,
          .doc =
              "What one replica should have of the metric: a share up to 1 with utilization and "
              "kv-utilization, requests/s, tokens/s, requests, or s of a time to tokens; higher is "
              "fewer replicas.",
          .fallback = fallback,
          .min = 1e-3,
          .max = 1e9};
}

constexpr ParamSpec time_spec(std::string_view name, std::string_view fallback, double min,
                              double max, std::string_view doc) {
  return {.name = name,
          .kind = ParamKind::quantity,
          .dimension = Dimension::time,
          .doc = doc,
          .fallback = fallback,
          .min = min,
          .max = max};
}

constexpr ParamSpec number_spec(std::string_view name, std::string_view fallback, double min,
                                double max, std::string_view doc) {
  return {.name = name,
          .kind = ParamKind::number,
          .doc = doc,
          .fallback = fallback,
          .min = min,
          .max = max};
}

constexpr ParamSpec period_spec() {
  return time_spec("period", R"("60 s")", 1, 86400,
                   "Time between two data points, and between two decisions.");
}

constexpr ParamSpec warmup_spec() {
  return time_spec("warmup", R"("300 s")", 0, 86400,
                   "A replica counts as warm, and in the metric, when it has been ready for this "
                   "long.");
}

constexpr ParamSpec down_window_spec() {
  return time_spec("down_window", R"("300 s")", 0, 86400,
                   "Replicas are removed only down to the greatest recommendation of this long.");
}

inline constexpr std::string_view kCompanions[] = {"target-tracking", "none"};

constexpr ParamSpec companion_spec() {
  return {.name = "companion",
          .kind = ParamKind::choice,
          .doc =
              "What follows the load above that floor: AWS target tracking with the same metric "
              "and target, or nothing.",
          .fallback = R"("target-tracking")",
          .choices = kCompanions};
}

}  // namespace hyperdc
