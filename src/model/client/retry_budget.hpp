// Retry budget: how many retries the requests of a client may cause, whatever each of them wants.
//
// Computes: each request deposits `ratio` tokens, which are good for `window`; a retry costs one.
// The balance is
//     min_per_s * window  +  ratio * requests in the window  -  retries in the window,
// and a retry is allowed while it is at least one. So in no window are there more retries than
// ratio * requests + min_per_s * window (but for one slice of a tenth, see WindowSum): the load of
// a service that answers nothing grows by `ratio` and not by the number of attempts. Units: tokens
// in millionths, integers; ratio is rounded to 1e-6. Source: Finagle's RetryBudget (a token bucket
// whose credits expire); its defaults are ours: ratio 0.2, 10 retries a second, 10 s (Finagle blog,
// "Retry budgets", 2016). Linkerd has the same with a ttl; Envoy's retry budget (20 % of active
// requests, at least 3) and gRPC's throttle (A6: a failure costs one token, a success returns
// token_ratio, no retry below half of max_tokens) bound the same thing by other counts and are not
// modelled. Valid: 0 <= ratio <= 1000. Leaves out: one budget for each of many client processes;
// this is one for all who share it.
#pragma once

#include <cstdint>

#include <hyperdc/core/time.hpp>

#include "model/client/window_sum.hpp"

namespace hyperdc {

struct RetryBudgetSpec {
  double ratio = 0.2;
  double min_per_s = 10;
  Duration window{10'000'000'000};
};

class RetryBudget {
 public:
  explicit RetryBudget(const RetryBudgetSpec& spec);
  /// A request (not a retry) is sent.
  void deposit(SimTime now);
  /// Takes a token for one retry; false, and nothing taken, if there is none.
  bool withdraw(SimTime now);
  /// In millionths of a retry.
  std::int64_t balance_micro(SimTime now);

 private:
  std::int64_t deposit_micro_;
  std::int64_t reserve_micro_;
  WindowSum window_;
};

}  // namespace hyperdc
