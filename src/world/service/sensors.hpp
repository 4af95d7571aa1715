// Sensors of one deployment: what its autoscaler can know.
//
// Computes: means over the last `window`, from samples taken every `scrape`, of which the newest is
// `delay` old. A sample is lost with probability `loss`; a window without a sample has no reading.
// Units: s, 1/s, requests. Source: the shape of metrics servers (Kubernetes: scrape 15 s, window
// 60 s; CloudWatch: 60 s), the numbers are the scenario's.
// Leaves out: noise of the measurement itself, clocks that differ, sampling within a scrape.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include <hyperdc/core/time.hpp>
#include <hyperdc/policy/autoscaler.hpp>

#include "metrics/histogram.hpp"
#include "scenario/service.hpp"

namespace hyperdc {

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
  bool lost = false;
};

class Sensors {
 public:
  void configure(const SensorSpec& spec, bool keep_latency) {
    spec_ = spec;
    keep_latency_ = keep_latency;
  }
  /// Between two scrapes, for each request.
  void arrived() { open_.arrivals += 1; }
  void completed(double latency_s, double service_s) {
    open_.completions += 1;
    open_.latency_s += latency_s;
    open_.service_s += service_s;
    if (keep_latency_) open_.latency.add(latency_s);
  }
  /// The same for a fluid service: expected numbers, and sums over the completions.
  void flowed(double arrivals, double completions, double latency_s, double service_s) {
    open_.arrivals += arrivals;
    open_.completions += completions;
    open_.latency_s += latency_s;
    open_.service_s += service_s;
  }
  void latencies(double latency_s, std::uint64_t times) { open_.latency.add(latency_s, times); }
  /// Ends the sample that began at the last scrape.
  void scrape(SimTime now, double busy_s, double slots_s, double load_s, bool lost);
  /// Fills the readings of `view` for view.now.
  void read(ScaleView& view) const;
  SimTime last_scrape() const { return last_; }
  bool keeps_latency() const { return keep_latency_; }

 private:
  SensorSpec spec_;
  bool keep_latency_ = false;
  SensorSample open_;
  SimTime last_;
  std::deque<SensorSample> samples_;  // oldest first
};

}  // namespace hyperdc
