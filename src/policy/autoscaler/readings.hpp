// What autoscalers follow: one of ten metrics, in total and a replica, and how a real number of
// replicas becomes a whole one.
//
// Loads have a total that is shared by replicas. Times to tokens have none: they are the same for
// all, and a policy takes them in proportion to its target only because it has nothing better.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <hyperdc/policy/autoscaler.hpp>

namespace hyperdc {

enum class ScaleMetric {
  utilization,  // busy share of a replica, 0..1; in total: busy replicas
  requests,     // offered requests/s
  concurrency,  // requests waiting or in service
  queue,        // requests waiting
  // Of endpoints of language models alone:
  kv,      // share of the cache blocks of a replica in use, 0..1; in total: full replicas
  tokens,  // computed/s
  ttft_p95,
  ttft_p99,
  tpot_p95,
  tpot_p99,  // s
};

inline constexpr std::string_view kScaleMetrics[] = {"utilization",    "requests-per-replica",
                                                     "concurrency",    "queue-per-replica",
                                                     "kv-utilization", "tokens-per-replica",
                                                     "ttft-p95",       "ttft-p99",
                                                     "tpot-p95",       "tpot-p99"};

/// Those that replicas share: all but times to tokens.
inline constexpr std::span<const std::string_view> kLoadMetrics{kScaleMetrics, 6};

ScaleMetric scale_metric(std::string_view name);

constexpr bool is_token_time(ScaleMetric metric) {
  return metric >= ScaleMetric::ttft_p95;
}
/// Nothing but an engine has it.
constexpr bool is_of_engines(ScaleMetric metric) {
  return metric >= ScaleMetric::kv;
}

/// Over all replicas; a time to tokens as it is. Utilizations need a ready replica, the others only
/// a sample.
std::optional<double> metric_total(const ScaleView& view, ScaleMetric metric);

/// Over ready replicas; nothing without a sample or without a ready replica.
std::optional<double> metric_average(const ScaleView& view, ScaleMetric metric);

/// `need` rounded up, at least 0 and at most what fits. A billionth of slack keeps a quotient that
/// is whole but for its rounding from asking for one more.
std::uint32_t whole_replicas(double need);

/// What is wrong with a target of the metric; empty: nothing.
std::string target_problem(std::string_view metric, double target);

/// Ready replicas that have been so for `warmup`, and what they show.
struct WarmReplicas {
  std::uint32_t count = 0;
  std::optional<double> utilization, kv_utilization;  // means of those with a sample
};
/// Without a list of replicas every ready one counts as warm.
WarmReplicas warm_replicas(const ScaleView& view, Duration warmup);

/// What a warm replica shows of the metric; nothing without one. What is not measured replica by
/// replica is the mean over all that are ready.
std::optional<double> warm_average(const ScaleView& view, const WarmReplicas& warm,
                                   ScaleMetric metric);

/// An answer if it changes anything.
std::optional<ScaleTo> scale_to(const ScaleView& view, std::uint32_t replicas,
                                std::string_view because);

/// The wish of another policy, but not below `floor`: raised with the reason `because`.
std::optional<ScaleTo> at_least(const ScaleView& view, std::optional<ScaleTo> wish,
                                std::uint32_t floor, std::string_view because);

}  // namespace hyperdc
