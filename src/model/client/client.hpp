// Client: what those who send requests to a service do when it is slow or fails.
//
// Computes: for each attempt whether it is sent, and for each that failed whether and when the
// request is sent again; by a circuit breaker, a retry policy and a retry budget, each of which may
// be absent. A request's life, told by its owner (who has the clock and the timeout events):
//     begin -> [sent] -> ended(ok)                          done
//                     -> ended(failed) -> after(k)  pause   -> again -> [sent] -> …
//                                                  or given up, with the reason
//     begin or again -> not sent: the breaker is open; the request fails at once, without a retry.
// The budget is asked when the retry is decided, before its pause. A failed attempt is one that
// timed out, was refused or got lost. A timeout is per attempt; the service may still work on the
// request. Units: nanoseconds. Sources: see retry.hpp, retry_budget.hpp, circuit_breaker.hpp.
// Leaves out: hedging; a deadline over all attempts; one breaker and budget for each of many client
// processes: all requests that share a Client share both.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <hyperdc/core/time.hpp>

#include "core/rng.hpp"
#include "model/client/circuit_breaker.hpp"
#include "model/client/retry.hpp"
#include "model/client/retry_budget.hpp"

namespace hyperdc {

/// As the scenario states it. Without any of these a client waits for ever and never retries.
struct ClientSpec {
  std::optional<Duration> timeout;  // of each attempt
  RetrySpec retry;
  std::optional<RetryBudgetSpec> budget;
  std::optional<BreakerSpec> breaker;
};

class Client {
 public:
  using Permit = CircuitBreaker::Permit;
  enum class GaveUp { no, attempts, budget };
  struct Next {
    GaveUp gave_up = GaveUp::no;
    Duration pause;  // before the next attempt; if it has not given up
  };

  Client(const ClientSpec& spec, std::uint64_t seed);

  /// A new request. Nothing: the breaker is open, the attempt is not sent.
  std::optional<Permit> begin(SimTime now);
  /// The next attempt of a request, after its pause. Nothing: as above.
  std::optional<Permit> again(SimTime now);
  /// An attempt that was sent has its answer, or has failed.
  void ended(SimTime now, Permit permit, bool failed);
  /// What happens to `request` after its `attempts`-th attempt failed (1, 2, …).
  Next after(SimTime now, std::uint64_t request, std::uint32_t attempts);

  std::optional<Duration> timeout() const { return timeout_; }
  const std::optional<CircuitBreaker>& breaker() const { return breaker_; }

 private:
  std::optional<Duration> timeout_;
  RetryPolicy retry_;
  std::optional<RetryBudget> budget_;
  std::optional<CircuitBreaker> breaker_;
  RandomStream stream_;
};

/// "no attempt left", "retry budget spent"; for the counts of requests that failed.
std::string_view reason_of(Client::GaveUp gave_up);

}  // namespace hyperdc
