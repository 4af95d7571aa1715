// Retry flow: what clients that retry send, as expected numbers, step by step.
//
// Computes: attempts of each origin by how many of their request failed before. Of those that fail
// in a step the k-th attempts are sent again in the next one while k < max_attempts, and while the
// budget allows (retry_budget.hpp), which all attempts meet alike:
//     granted = min(1, (min_per_s * W + ratio * requests in W - retries in the last W - T) /
//     wanted)
// over W, the window or the step, whichever is longer; T is the step. The others are given up. What
// their requests have spent is carried along as a mean: how long the attempts took and the mean
// pauses (longest pause, or 1/2 or 3/4 of it by the jitter).
// Units: requests, seconds. Source: definition; client.hpp is the same, one by one. Valid range:
// steps that are long beside timeouts and pauses; what is sent again comes a step late, and an
// overload that feeds itself takes max_attempts steps to build up. Leaves out: the spread of what
// was spent, circuit breakers.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "model/client/client.hpp"

namespace hyperdc {

class RetryFlow {
 public:
  struct Attempts {
    double number = 0;
    double measured = 0;  // of those, of requests that arrived after the warm-up
    double spent_s = 0;   // by each of their requests, before
  };
  struct Ended {
    double given_up = 0, retries = 0;
    double given_up_measured = 0;  // as above
  };

  RetryFlow(const ClientSpec& spec, std::size_t origins);

  /// Begins the step of an origin: new requests (after the warm-up or not), and what is to be sent
  /// again.
  void begin(std::size_t origin, double requests, bool measured);
  /// Those sent in this step, by how many attempts of their request failed before.
  std::span<const Attempts> sent(std::size_t origin) const;
  double sent_in_all(std::size_t origin) const;
  /// Attempts of requests with `before` failures have failed too; `spent_s` is with this one.
  void fail(std::size_t origin, std::size_t before, const Attempts& attempts);
  /// Ends the step of all origins.
  Ended end(double step_s);
  /// Requests that wait to be sent again, or to be given up.
  double waiting() const;

 private:
  double granted_share(double wanted, double step_s);

  std::size_t most_;
  std::vector<double> pause_s_;  // mean, by failures before
  std::optional<RetryBudgetSpec> budget_;
  std::vector<Attempts> sent_, again_, failing_;  // by origin and failures before
  double requests_ = 0;                           // new ones, of all origins, in this step

  struct Past {
    double step_s, requests, retries;
  };
  std::deque<Past> past_;  // of the budget's window, newest last
};

}  // namespace hyperdc
