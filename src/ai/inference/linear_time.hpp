// An iteration time that is linear in what is computed: ns = a + b p + c d + e k
// (iteration_time.hpp). Units: ns, and ns a token or sequence. Where all four are whole the time is
// computed in integers; else floor(x + 0.5) of the sum in double, from left to right, at least 1.
// Valid: coefficients of 0 to 1e12 ns. Leaves out: that small batches are bound by memory and
// large ones by arithmetic.
#pragma once

#include "ai/inference/iteration_time.hpp"

namespace hyperdc {

/// Whole ns.
struct LinearNs {
  std::int64_t base = 0, per_prompt = 0, per_decoding = 0, per_cached = 0;
};

struct LinearCoefficients {
  double base_ns = 0, prompt_ns = 0, sequence_ns = 0, cached_ns = 0;
};

class LinearTime final : public IterationTime {
 public:
  explicit LinearTime(const LinearCoefficients& ns);
  Duration of(const IterationLoad& load) const override;
  std::optional<StretchTime> stretch(const IterationLoad& first) const override;

 private:
  LinearCoefficients ns_;
  std::optional<LinearNs> whole_;
};

}  // namespace hyperdc
