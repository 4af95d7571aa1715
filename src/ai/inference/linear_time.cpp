#include "ai/inference/linear_time.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace hyperdc {
namespace {

/// A text like "20 us" is a number of seconds by now: whole ns, but for its last bits.
std::optional<std::int64_t> whole_ns(double ns) {
  const double nearest = std::round(ns);
  if (std::fabs(ns - nearest) > 1e-12 * std::max(1.0, ns)) return std::nullopt;
  return static_cast<std::int64_t>(nearest);
}

WideNs whole_sum(const LinearNs& ns, const IterationLoad& load) {
  const auto n = [](std::uint64_t x) { return static_cast<WideNs>(x); };
  return ns.base + ns.per_prompt * n(load.prompt) + ns.per_decoding * n(load.decoding) +
         ns.per_cached * n(load.cached);
}

}  // namespace

LinearTime::LinearTime(const LinearCoefficients& ns) : ns_(ns) {
  const auto base = whole_ns(ns.base_ns), prompt = whole_ns(ns.prompt_ns);
  const auto sequence = whole_ns(ns.sequence_ns), cached = whole_ns(ns.cached_ns);
  if (base && prompt && sequence && cached) whole_ = LinearNs{*base, *prompt, *sequence, *cached};
}

std::optional<StretchTime> LinearTime::stretch(const IterationLoad& first) const {
  if (!whole_) return std::nullopt;
  return in_token_parts({std::max<WideNs>(1, whole_sum(*whole_, first)),
                         whole_->per_cached * static_cast<WideNs>(first.decoding)},
                        first);
}

Duration LinearTime::of(const IterationLoad& load) const {
  if (whole_) {
    return time_of_first(*stretch(load));
  }
  const auto n = [](std::uint64_t x) { return static_cast<double>(x); };
  const double ns = ns_.base_ns + ns_.prompt_ns * n(load.prompt) +
                    ns_.sequence_ns * n(load.decoding) + ns_.cached_ns * cached_tokens(load);
  if (!(ns < 0x1p63)) time_overflow();
  return {std::max<std::int64_t>(1, static_cast<std::int64_t>(std::floor(ns + 0.5)))};
}

}  // namespace hyperdc
