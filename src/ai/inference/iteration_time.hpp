// How long an iteration of a serving engine takes, by what it computes.
//
// Linear: ns = a + b p + c d + d_k k with p prompt tokens, d decoding sequences, k tokens in their
// caches, those being written included. Integers are used as they are; otherwise the ns are
// floor(x + 0.5), at least 1 (docs/models/batching.md).
#pragma once

#include <cstdint>
#include <optional>

#include <hyperdc/core/time.hpp>

namespace hyperdc {

/// What one iteration computes.
struct IterationLoad {
  std::uint64_t prompt = 0;    // tokens of prompts, recomputed ones included
  std::uint64_t decoding = 0;  // sequences that get one more token
  std::uint64_t cached = 0;    // tokens in the caches of these, the one being written included
};

/// Whole ns; all of them not negative.
struct LinearNs {
  std::int64_t base = 0, per_prompt = 0, per_decoding = 0, per_cached = 0;
};

class IterationTime {
 public:
  virtual ~IterationTime() = default;
  /// At least 1 ns.
  virtual Duration of(const IterationLoad& load) const = 0;
  /// The coefficients if it is linear in whole ns: many iterations are then summed at once.
  virtual std::optional<LinearNs> whole() const { return std::nullopt; }
};

}  // namespace hyperdc
