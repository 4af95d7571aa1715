#include "model/client/retry.hpp"

#include <algorithm>
#include <cmath>

#include <hyperdc/core/assert.hpp>

namespace hyperdc {

RetryPolicy::RetryPolicy(const RetrySpec& spec)
    : max_attempts_(spec.max_attempts), jitter_(spec.jitter) {
  HYPERDC_CHECK(spec.max_attempts >= 1 && spec.multiplier >= 1, "retry policy");
  HYPERDC_CHECK(spec.base.ns >= 0 && spec.cap >= spec.base, "retry policy");
  const auto cap = static_cast<double>(spec.cap.ns);
  double pause_ns = static_cast<double>(spec.base.ns);
  for (std::uint32_t k = 1; k < spec.max_attempts; ++k) {
    pauses_.push_back(pause_ns < cap ? Duration{std::llround(pause_ns)} : spec.cap);
    const double next = std::min(cap, pause_ns * spec.multiplier);
    if (next == pause_ns) break;  // all that follow are the same
    pause_ns = next;
  }
}

Duration RetryPolicy::longest_pause(std::uint32_t attempts) const {
  HYPERDC_CHECK(attempts >= 1 && again(attempts), "no attempt follows");
  return pauses_[std::min<std::size_t>(attempts, pauses_.size()) - 1];
}

Duration RetryPolicy::pause(std::uint32_t attempts, std::uint64_t request,
                            const RandomStream& stream) const {
  const Duration longest = longest_pause(attempts);
  if (jitter_ == Jitter::none) return longest;
  const std::int64_t fixed = jitter_ == Jitter::equal ? longest.ns / 2 : 0;
  const auto range = static_cast<std::uint64_t>(longest.ns - fixed);
  const std::uint64_t drawn = stream.below(range + 1, request, attempts);
  return Duration{fixed + static_cast<std::int64_t>(drawn)};
}

}  // namespace hyperdc
