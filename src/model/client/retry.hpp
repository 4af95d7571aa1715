// Retry policy of a client: how often a failed request is sent again, and after which pause.
//
// Computes: the pause after the k-th failed attempt (k = 1, 2, …),
//     d(k) = min(cap, base * multiplier^(k-1)),
// and with jitter, u uniform over the whole nanoseconds of its range,
//     none: d    full: u in [0, d]    equal: d/2 + u in [0, d/2].
// Units: nanoseconds. Source: M. Brooker, "Exponential backoff and jitter", AWS Architecture Blog
// (2015), for full and equal jitter; gRPC proposal A6 and Envoy use full jitter.
// Defaults: Envoy's route retries (base 25 ms, at most ten times that, doubling, full jitter); the
// number of attempts has none.
// Valid: multiplier >= 1, cap >= base. Leaves out: decorrelated jitter, pauses that servers ask for
// (Retry-After, gRPC push-back), hedging.
#pragma once

#include <cstdint>
#include <vector>

#include <hyperdc/core/time.hpp>

#include "core/rng.hpp"

namespace hyperdc {

enum class Jitter { none, full, equal };

struct RetrySpec {
  std::uint32_t max_attempts = 1;  // the first included; 1: no retry
  Duration base{25'000'000};
  double multiplier = 2;
  Duration cap{250'000'000};
  Jitter jitter = Jitter::full;
};

class RetryPolicy {
 public:
  explicit RetryPolicy(const RetrySpec& spec);
  /// May a request of which `attempts` have failed be sent again?
  bool again(std::uint32_t attempts) const { return attempts < max_attempts_; }
  /// d(k) above, without jitter.
  Duration longest_pause(std::uint32_t attempts) const;
  /// The pause before the next attempt of `request`; draws attribute `attempts` of it.
  Duration pause(std::uint32_t attempts, std::uint64_t request, const RandomStream& stream) const;

 private:
  std::uint32_t max_attempts_;
  Jitter jitter_;
  std::vector<Duration> pauses_;  // d(1), d(2), … up to the first that is the cap, or the last used
};

}  // namespace hyperdc
