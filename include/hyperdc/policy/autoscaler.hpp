// Autoscaler: how many replicas a deployment should have (and, where it scales vertically, how
// large they should be).
//
// The world calls decide() every interval() with the readings of the deployment's sensors: what a
// monitoring system would have told by then, window, delay and gaps included. The answer is a
// wish; the world bounds it by the deployment's minimum and maximum, starts replicas through the
// pool and drains those that are too many. A policy keeps its own history and knows no engine, no
// clock but view.now, no metrics and no files.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include <hyperdc/core/params.hpp>
#include <hyperdc/core/time.hpp>

namespace hyperdc {

/// One replica as the monitoring system shows it.
struct ReplicaReading {
  SimTime created;                     // when the deployment asked for it
  std::optional<SimTime> ready_since;  // nothing: not ready
  /// Busy share of its concurrency over the sensor's window, 0..1; nothing: no sample yet.
  std::optional<double> utilization;
  /// Of an endpoint of a language model: share of its cache blocks in use, the same.
  std::optional<double> kv_utilization;
};

/// Tail of a distribution, and its mean.
struct TailReading {
  double p95_s = 0, p99_s = 0, mean_s = 0;
};

/// Readings over the sensor's window, all replicas of the deployment together. Without a value the
/// sample is missing (no replica was ready, the sensor's delay has not passed, samples were lost).
struct ScaleView {
  SimTime now;
  Duration window;             // of the sensor: what the readings are means over; 0: not known
  Duration age;                // of the newest sample in them
  std::uint32_t wanted = 0;    // replicas asked for so far
  std::uint32_t ready = 0;     // serving
  std::uint32_t starting = 0;  // asked for and not ready: waiting for a server, booting, warming up
  std::uint32_t min_replicas = 0, max_replicas = 0;
  std::uint32_t concurrency = 1;         // requests that one replica serves at a time
  double cores = 1;                      // of one replica
  std::optional<double> utilization;     // mean busy share of ready replicas, 0..1
  std::optional<double> arrivals_per_s;  // offered to the deployment, retries included
  std::optional<double> completions_per_s;
  std::optional<double> in_system;  // requests waiting or in service, mean over the window
  std::optional<double> queued;     // requests waiting, mean over the window
  std::optional<double> latency_mean_s, latency_p95_s, latency_p99_s;  // of requests that completed
  std::optional<double> service_mean_s;  // time in service of requests that completed
  // Of an endpoint of a language model; nothing elsewhere.
  std::optional<double> kv_utilization;  // mean share of the cache blocks of ready replicas in use
  std::optional<double> tokens_per_s;    // that engines computed, of prompts and of outputs
  /// From arrival at a replica to the first token, and from one token to the next; of those that
  /// came to it in the window.
  std::optional<TailReading> ttft, tpot;
  /// Tokens of a prompt and of an answer, means of the requests that were served in the window.
  std::optional<double> prompt_mean, output_mean;
  /// Those that are not draining, in order of creation; none: the totals above are all there is.
  std::span<const ReplicaReading> replicas;
};

struct ScaleTo {
  std::uint32_t replicas = 0;
  std::string_view because;     // a constant of the policy
  std::optional<double> cores;  // of one replica; nothing: as they are
};

/// What one replica of an endpoint of a language model can do, by its iteration times.
class EngineCapacity {
 public:
  virtual ~EngineCapacity() = default;
  /// Of a prompt that is computed alone.
  virtual double first_token_s(double prompt) const = 0;
  /// Of a token of each of so many sequences, with `context` in the cache.
  virtual double next_token_s(std::uint32_t sequences, double context) const = 0;
  /// That run at a time: by the engine's limit, and by its cache. At least 1.
  virtual std::uint32_t most_sequences(double context) const = 0;
};

/// What an autoscaler may know of its deployment before anything runs.
struct AutoscalerContext {
  std::uint32_t min_replicas = 1, max_replicas = 1;
  std::uint32_t concurrency = 1;
  double service_mean_s = 0;  // as the scenario states it
  double service_cv = 1;
  Duration start;  // mean from wish to ready, once a server is there
  // Of an endpoint of a language model:
  std::shared_ptr<const EngineCapacity> engine;
  bool first_tokens = true, later_tokens = true;  // it gives; false: another endpoint does
};

class Autoscaler {
 public:
  virtual ~Autoscaler() = default;
  /// Time between calls of decide().
  virtual Duration interval() const = 0;
  /// True: the view has quantiles of the latency, which cost a little at each request.
  virtual bool needs_latency() const { return false; }
  /// The same of the times to tokens.
  virtual bool needs_token_times() const { return false; }
  /// Nothing: leave it as it is.
  virtual std::optional<ScaleTo> decide(const ScaleView& view) = 0;
};

using AutoscalerEntry = Entry<Autoscaler, AutoscalerContext>;
/// Every autoscaler, in the order of the reference. Listed by hand in policy/builtin.cpp.
std::span<const AutoscalerEntry> autoscalers();

}  // namespace hyperdc
