#include "ai/inference/iteration_time.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include <hyperdc/core/assert.hpp>

namespace hyperdc {
namespace {

/// Sum of floor((b + a i) / m) over i < n, by the lattice points below a line (as in Euclid's
/// algorithm): O(log m) steps.
WideNs floor_sum(WideNs n, WideNs m, WideNs a, WideNs b) {
  WideNs sum = 0;
  for (;;) {
    sum += n * (n - 1) / 2 * (a / m) + n * (b / m);
    a %= m;
    b %= m;
    const WideNs top = a * n + b;
    if (top < m) return sum;
    n = top / m;
    b = top % m;
    const WideNs swap = m;
    m = a;
    a = swap;
  }
}

}  // namespace

WideNs parts_of(double ns) {
  const double parts = ns * kNsParts;
  if (!(std::fabs(parts) < 0x1p100)) time_overflow();
  return static_cast<WideNs>(std::round(parts));
}

StretchTime in_token_parts(const StretchTime& whole, const IterationLoad& load) {
  if (load.fraction == 0 && load.growth == kTokenParts) return whole;
  StretchTime out;
  out.first = whole.first * kTokenParts + whole.step * static_cast<WideNs>(load.fraction);
  out.step = whole.step * static_cast<WideNs>(load.growth);
  out.parts = whole.parts * static_cast<std::int64_t>(kTokenParts);
  const WideNs valid =
      (static_cast<WideNs>(whole.valid) * kTokenParts - load.fraction + load.growth - 1) /
      load.growth;
  if (valid < static_cast<WideNs>(out.valid)) out.valid = static_cast<std::uint64_t>(valid);
  return out;
}

Duration time_of_first(const StretchTime& stretch) {
  const WideNs ns = std::max<WideNs>(stretch.first / stretch.parts, 1);
  if (ns > INT64_MAX) time_overflow();
  return {static_cast<std::int64_t>(ns)};
}

Duration sum_of(const StretchTime& stretch, std::uint64_t n) {
  HYPERDC_CHECK(n <= stretch.valid, "a stretch is summed further than it goes");
  if (n == 0) return {};
  const WideNs sum = floor_sum(n, stretch.parts, stretch.step, stretch.first);
  if (sum > INT64_MAX) time_overflow();
  return {static_cast<std::int64_t>(sum)};
}

Duration time_of(const IterationTime& time, const IterationLoad& first, std::uint64_t iterations) {
  if (iterations > 1) {
    if (const auto stretch = time.stretch(first)) return sum_of(*stretch, iterations);
  }
  Duration sum;
  IterationLoad load = first;
  for (std::uint64_t i = 0; i < iterations; ++i) {
    sum = sum + time.of(load);
    load.fraction += first.growth;
    load.cached += first.decoding * (load.fraction / kTokenParts);
    load.fraction %= kTokenParts;
  }
  return sum;
}

Duration time_alone(const IterationTime& time, std::uint64_t prompt, std::uint64_t output,
                    std::uint64_t growth, std::uint64_t adapters) {
  IterationLoad whole_prompt{prompt, 0, 0, 1, prompt * (prompt + 1) / 2};
  whole_prompt.adapters = adapters;
  const double first = static_cast<double>(time.of(whole_prompt).ns);
  IterationLoad half_way{0, 1, prompt + output / 2};
  half_way.adapters = adapters;
  const double later = static_cast<double>(time.of(half_way).ns);
  const double iterations = static_cast<double>(output - 1) * static_cast<double>(kTokenParts) /
                            static_cast<double>(growth);
  return {std::llround(std::min(9e18, first + iterations * later))};
}

}  // namespace hyperdc
