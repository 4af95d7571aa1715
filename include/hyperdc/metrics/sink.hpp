// MetricSink: written inside the loop, read only after it. Components publish; nobody integrates
// by hand.
#pragma once

#include <cstdint>

#include <hyperdc/core/id.hpp>
#include <hyperdc/core/time.hpp>

namespace hyperdc {

class MetricSink {
 public:
  virtual ~MetricSink() = default;
  virtual void add(MetricId id, SimTime at, double amount) = 0;    // counter: jobs, tokens, USD
  virtual void level(MetricId id, SimTime at, double value) = 0;   // step signal: W, servers busy
  virtual void sample(MetricId id, SimTime at, double value) = 0;  // distribution: seconds waited
  /// The same value `times` times, as many calls would; models that move many requests at once.
  virtual void sample(MetricId id, SimTime at, double value, std::uint64_t times) = 0;
};

}  // namespace hyperdc
