// Circuit breaker: a client that stops asking a service that fails, for a while.
//
// Computes: three states.
//   closed     every call is permitted. Results are counted over a sliding window: the last
//              `window_calls`, or those of the last `window`. As soon as the window has
//              `minimum_calls` and failures >= failure_rate * calls, the breaker opens.
//   open       no call is permitted. After `open_for` the next call makes it half-open.
//   half-open  `probes` calls are permitted and no more until they are back. Then the breaker opens
//              again if failures >= failure_rate * probes, and closes otherwise, with an empty
//              window.
// The result of a call that was permitted before the last change of state is ignored.
// Units: the rate in thousandths, compared in integers.
// Source: resilience4j, whose defaults are ours: COUNT_BASED window of 100, minimum 100, failure
// rate 50 %, open for 60 s, 10 probes (resilience4j docs, CircuitBreakerConfig). Its time window
// has slices of a second, ours of a tenth of the window: the same for 10 s. "Circuit breaking" of
// Envoy is a limit of connections and requests and not this; its outlier detection ejects hosts.
// Leaves out: slow calls as failures (a timeout is one), forced states, a longest time half-open:
// every call ends, by its timeout if by nothing else.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <hyperdc/core/time.hpp>

#include "model/client/window_sum.hpp"

namespace hyperdc {

struct BreakerSpec {
  double failure_rate = 0.5;
  std::uint32_t window_calls = 100;  // ignored with `window`
  std::optional<Duration> window;    // nothing: a window of calls
  std::uint32_t minimum_calls = 100;
  Duration open_for{60'000'000'000};
  std::uint32_t probes = 10;
};

class CircuitBreaker {
 public:
  enum class State { closed, open, half_open };
  /// Given out with a permit, handed back with the result.
  using Permit = std::uint32_t;

  explicit CircuitBreaker(const BreakerSpec& spec);
  /// May a call be made? Opens the way for probes when `open_for` has passed.
  std::optional<Permit> permit(SimTime now);
  void result(SimTime now, Permit permit, bool failed);
  State state() const { return state_; }
  /// How often it has opened.
  std::uint64_t openings() const { return openings_; }

 private:
  void enter(State state, SimTime now);
  void count(SimTime now, bool failed);
  bool too_many(std::int64_t failures, std::int64_t calls) const;

  std::int64_t failure_rate_milli_;
  std::int64_t minimum_calls_;
  Duration open_for_;
  std::uint32_t probes_;

  State state_ = State::closed;
  Permit epoch_ = 0;  // number of the present state; permits of earlier ones are void
  SimTime since_;
  std::uint64_t openings_ = 0;
  std::uint32_t permitted_ = 0;            // probes, half-open
  std::int64_t calls_ = 0, failures_ = 0;  // of the window of calls, or of the probes
  std::vector<bool> ring_;                 // results of the last calls, by place
  std::size_t place_ = 0;                  // of the next
  std::optional<WindowSum> timed_calls_, timed_failures_;
};

}  // namespace hyperdc
