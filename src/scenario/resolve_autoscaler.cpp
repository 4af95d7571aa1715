#include "scenario/resolve_autoscaler.hpp"

#include <algorithm>
#include <fmt/format.h>

#include <hyperdc/policy/autoscaler.hpp>

#include "policy/autoscaler/readings.hpp"
#include "scenario/policy_choice.hpp"

namespace hyperdc {
namespace {

/// Every metric that the autoscaler names, where it does.
std::vector<View> metrics_of(const View& autoscaler) {
  std::vector<View> named;
  if (const View metric = autoscaler["metric"]) named.push_back(metric);
  for (const auto& [_, metric, span] : autoscaler["also_metrics"].each()) {
    if (metric) named.push_back(metric);
  }
  return named;
}

/// What comes nearest to a metric of engines where there is none.
std::string_view without_engine(ScaleMetric metric) {
  switch (metric) {
    case ScaleMetric::kv:
      return "utilization";
    case ScaleMetric::tokens:
      return "requests-per-replica";
    case ScaleMetric::ttft_p95:
    case ScaleMetric::ttft_p99:
      return "queue-per-replica";
    default:
      return "concurrency";
  }
}

bool is_first_token(ScaleMetric metric) {
  return metric == ScaleMetric::ttft_p95 || metric == ScaleMetric::ttft_p99;
}

bool is_later_token(ScaleMetric metric) {
  return is_token_time(metric) && !is_first_token(metric);
}

/// The metric of engines that is named; nothing of any other.
std::optional<ScaleMetric> engine_metric(const std::string& name) {
  if (std::ranges::find(kScaleMetrics, name) == std::end(kScaleMetrics)) return std::nullopt;
  const ScaleMetric metric = scale_metric(name);
  return is_of_engines(metric) ? std::optional(metric) : std::nullopt;
}

/// Of every request the first token is the last. False also where that is not known.
bool gives_one_token(const InferenceSpec& spec) {
  if (spec.handed) return false;
  if (spec.trace) {
    return std::ranges::all_of(spec.trace->rows,
                               [](const TokenRequest& row) { return row.output == 1; });
  }
  return !spec.classes.empty() && std::ranges::all_of(spec.classes, [](const TokenClass& k) {
    const auto* constant = std::get_if<Constant>(&k.output);
    return constant != nullptr && constant->value == 1;
  });
}

void check_metric(Resolution& r, const View& at, const ServiceWorkload& service) {
  const std::string name = at.text();
  const auto metric = engine_metric(name);
  if (!metric) return;
  if (!service.inference) {
    r.error("E034", at, fmt::format("\"{}\" is measured by the engines of llm-inference", name),
            fmt::format("\"{}\" comes nearest", without_engine(*metric)));
  } else if (service.inference->handed && is_first_token(*metric)) {
    r.error("E034", at, "first tokens are given where the prompts are computed",
            R"("tpot-p95" or "tpot-p99": the tokens that are given here)");
  } else if (service.inference->handoff && is_later_token(*metric)) {
    r.error("E034", at, "the tokens after the first are given where the requests are handed over",
            R"("ttft-p95" or "ttft-p99": the token that is given here)");
  } else if (!service.inference->keeps_cache() && *metric == ScaleMetric::kv) {
    r.error("E034", at, "the model keeps no cache", R"("utilization" or "concurrency")");
  } else if (!service.inference->keeps_cache() && is_later_token(*metric)) {
    r.error("E034", at, "the model gives one result, after which no token comes",
            R"("ttft-p95" or "ttft-p99")");
  } else if (is_later_token(*metric) && gives_one_token(*service.inference)) {
    r.error("E034", at, "every request asks for one token, after which none comes",
            R"("ttft-p95" or "ttft-p99")");
  }
}

/// One that goes by tokens, which nothing else measures.
void check_planner(Resolution& r, const View& workload, const ServiceWorkload& service) {
  const View policy = workload["autoscaler"]["policy"];
  if (policy.text() != "sla-planner") return;
  if (!service.inference) {
    r.error("E034", policy, "\"sla-planner\" plans by tokens, which llm-inference has alone",
            "\"erlang\" holds a goal for the wait");
  } else if (service.replicas.min == 0) {
    r.error("E034", policy, "without a replica nothing shows the lengths of requests to plan by",
            R"("replicas": {"min": 1})");
  }
}

/// At no replica engines show nothing, so that what goes by it would never start one.
void check_wakes(Resolution& r, const View& workload, const ServiceWorkload& service) {
  const View autoscaler = workload["autoscaler"];
  const View metric = autoscaler["metric"];
  const std::string policy = autoscaler["policy"].text();
  if (service.replicas.min > 0 || !metric || policy == "scheduled") return;  // the clock wakes it
  const std::string wakes = autoscaler["activation_metric"].text();
  if (!wakes.empty() && wakes != "metric") return;
  // Of several metrics the one that shows a load wakes it.
  const std::vector<View> named = metrics_of(autoscaler);
  if (!std::ranges::all_of(named,
                           [](const View& m) { return engine_metric(m.text()).has_value(); }))
    return;
  r.error(
      "E034", metric,
      fmt::format("without a replica nothing shows \"{}\": none would ever start", metric.text()),
      policy == "keda" ? R"(add "activation_metric": "concurrency", or "replicas": {"min": 1})"
                       : R"("replicas": {"min": 1}, or "keda" with an "activation_metric")");
}

}  // namespace

PolicyChoice autoscaler_of(Resolution& r, const View& autoscaler) {
  return checked_choice_of(r, autoscaler, autoscalers());
}

void check_metrics(Resolution& r, const View& workload, const ServiceWorkload& service) {
  for (const View& metric : metrics_of(workload["autoscaler"])) check_metric(r, metric, service);
  check_planner(r, workload, service);
  if (service.inference) check_wakes(r, workload, service);
}

}  // namespace hyperdc
