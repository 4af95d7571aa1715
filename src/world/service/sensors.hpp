// Sensors of one deployment: what its autoscaler can know.
//
// Computes: means over the last `window`, from samples taken every `scrape`, of which the newest is
// `delay` old. A sample is lost with probability `loss`; a window without a sample has no reading.
// Of an endpoint of a language model also, of the replicas that serve at a scrape, the share of
// their cache blocks in use, over the time since the last scrape that they served; tokens that
// engines computed (of prompts, again after a preemption, not those found in the cache, and of
// outputs), counted when a batch changes, so late by one stretch of iterations at most; and
// quantiles of the times to tokens, of first tokens and of answers that came since the last scrape,
// abandoned requests included: from arrival at the replica, without what is outside the engine; and
// the mean prompt and output of requests that were served.
// Units: s, 1/s, requests, tokens. Source: the shape of metrics servers (Kubernetes: scrape 15 s,
// window 60 s; CloudWatch: 60 s), the numbers are the scenario's. Leaves out: noise of the
// measurement itself, clocks that differ, sampling within a scrape.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include <hyperdc/core/time.hpp>
#include <hyperdc/policy/autoscaler.hpp>

#include "metrics/histogram.hpp"
#include "scenario/service.hpp"

namespace hyperdc {

/// What a scrape of engines saw: amounts since the one before.
struct EngineSample {
  double cache_s = 0;    // share of the cache in use * s, summed over replicas
  double replica_s = 0;  // served
  double tokens = 0;     // computed
  double served = 0, prompts = 0, outputs = 0;  // requests, and tokens of them
  Histogram ttft_s, tpot_s;                     // empty unless times to tokens are kept
};

/// What one scrape saw: amounts since the one before.
struct SensorSample {
  SimTime at;
  Duration span;
  double busy_s = 0;                     // slots taken * s
  double slots_s = 0;                    // ready slots * s
  double load_s = 0;                     // requests * s
  double arrivals = 0, completions = 0;  // whole numbers, but of a fluid service
  double latency_s = 0;                  // summed over completions
  double service_s = 0;                  // summed over completions
  Histogram latency;                     // of completions; empty unless quantiles are kept
  EngineSample engines;                  // nothing but of an endpoint of a language model
  bool lost = false;
};

/// What costs something and is not of interest to everybody.
struct SensorScope {
  bool latency = false;      // quantiles of it
  bool engines = false;      // replicas have some
  bool token_times = false;  // of engines
};

class Sensors {
 public:
  void configure(const SensorSpec& spec, SensorScope scope) {
    spec_ = spec;
    scope_ = scope;
  }
  /// Between two scrapes, for each request.
  void arrived() { open_.arrivals += 1; }
  void completed(double latency_s, double service_s) {
    open_.completions += 1;
    open_.latency_s += latency_s;
    open_.service_s += service_s;
    if (scope_.latency) open_.latency.add(latency_s);
  }
  /// The same for each engine.
  void computed(std::uint64_t tokens) { open_.engines.tokens += static_cast<double>(tokens); }
  /// A request whose part of this endpoint is done, and what all of it asked for.
  void served(std::uint64_t prompt, std::uint64_t output) {
    open_.engines.served += 1;
    open_.engines.prompts += static_cast<double>(prompt);
    open_.engines.outputs += static_cast<double>(output);
  }
  void first_token(double ttft_s) {
    if (scope_.token_times) open_.engines.ttft_s.add(ttft_s);
  }
  void last_token(double tpot_s) {
    if (scope_.token_times) open_.engines.tpot_s.add(tpot_s);
  }
  /// At a scrape, for each replica that serves.
  void cache_used(double cache_s, double replica_s) {
    open_.engines.cache_s += cache_s;
    open_.engines.replica_s += replica_s;
  }
  /// The same for a fluid service: expected numbers, and sums over the completions.
  void flowed(double arrivals, double completions, double latency_s, double service_s) {
    open_.arrivals += arrivals;
    open_.completions += completions;
    open_.latency_s += latency_s;
    open_.service_s += service_s;
  }
  /// Of its engines, if it has some: expected tokens and requests.
  struct EngineFlow {
    double tokens = 0, served = 0, prompts = 0, outputs = 0;
  };
  void engines_flowed(const EngineFlow& flow) {
    open_.engines.tokens += flow.tokens;
    open_.engines.served += flow.served;
    open_.engines.prompts += flow.prompts;
    open_.engines.outputs += flow.outputs;
  }
  void first_tokens(double ttft_s, std::uint64_t times) { open_.engines.ttft_s.add(ttft_s, times); }
  void later_tokens(double tpot_s, std::uint64_t times) { open_.engines.tpot_s.add(tpot_s, times); }
  void latencies(double latency_s, std::uint64_t times) { open_.latency.add(latency_s, times); }
  /// Ends the sample that began at the last scrape.
  void scrape(SimTime now, double busy_s, double slots_s, double load_s, bool lost);
  /// Fills the readings of `view` for view.now.
  void read(ScaleView& view) const;
  SimTime last_scrape() const { return last_; }
  bool keeps_latency() const { return scope_.latency; }
  bool keeps_token_times() const { return scope_.token_times; }

 private:
  SensorSpec spec_;
  SensorScope scope_;
  SensorSample open_;
  SimTime last_;
  std::deque<SensorSample> samples_;  // oldest first
};

}  // namespace hyperdc
