// How long an iteration of a serving engine takes, by what it computes.
//
// Linear: ns = a + b p + c d + d_k k with p prompt tokens, d decoding sequences, k tokens in their
// caches, those being written included. Integers are used as they are; otherwise the ns are
// floor(x + 0.5), at least 1 (docs/models/batching.md).
// With speculation a decode has more than one token in an iteration, and not always as many: caches
// are counted in parts of a token then.
#pragma once

#include <cstdint>
#include <optional>

#include <hyperdc/core/time.hpp>

namespace hyperdc {

/// Parts of a token that caches grow by.
inline constexpr std::uint64_t kTokenParts = 1024;

/// What one iteration computes.
struct IterationLoad {
  std::uint64_t prompt = 0;    // tokens of prompts, recomputed ones included
  std::uint64_t decoding = 0;  // sequences that get a token more, or several
  std::uint64_t cached = 0;    // tokens in the caches of these, the one being written included
  std::uint64_t chunks = 0;    // sequences whose prompts, or parts of them, are computed
  /// Over the tokens of prompts: those that each attends to, itself included.
  std::uint64_t attended = 0;
  std::uint64_t fraction = 0;          // parts of a token that each cache has beside `cached`,
  std::uint64_t growth = kTokenParts;  // and that it grows by
  std::uint64_t adapters = 0;          // different ones (LoRA) that its sequences ask for
};

/// Tokens in the caches of those that decode, parts included.
inline double cached_tokens(const IterationLoad& load) {
  return static_cast<double>(load.cached) +
         static_cast<double>(load.decoding * load.fraction) / static_cast<double>(kTokenParts);
}

__extension__ using WideNs = __int128;

/// Times that are not whole ns are counted in so many parts of one.
inline constexpr std::int64_t kNsParts = 1 << 20;
/// To the nearest; less than 2^100 of them.
WideNs parts_of(double ns);

/// Iterations that differ only in their caches, which grow alike: the i-th from 0, for i < valid,
/// takes floor((first + i step) / parts) ns.
struct StretchTime {
  WideNs first = 1;  // at least parts
  WideNs step = 0;   // not negative
  std::int64_t parts = 1;
  std::uint64_t valid = ~std::uint64_t{0};
};

/// From one of whole tokens, with steps of a token a sequence, that of what the caches of the load
/// have and grow by.
StretchTime in_token_parts(const StretchTime& whole, const IterationLoad& load);
/// Its first iteration, at least 1 ns.
Duration time_of_first(const StretchTime& stretch);

/// Of the first n iterations of a stretch; n <= valid.
Duration sum_of(const StretchTime& stretch, std::uint64_t n);

/// What iterations had to do: operations, and bytes of weights and caches that they read.
struct IterationWork {
  double flops = 0, bytes = 0;
  IterationWork& operator+=(const IterationWork& more) {
    flops += more.flops;
    bytes += more.bytes;
    return *this;
  }
};

class IterationTime {
 public:
  virtual ~IterationTime() = default;
  /// At least 1 ns.
  virtual Duration of(const IterationLoad& load) const = 0;
  /// How the iterations go on that begin with this load, if that is linear: many are then summed
  /// at once. The first takes of(first).
  virtual std::optional<StretchTime> stretch(const IterationLoad& first) const {
    (void)first;
    return std::nullopt;
  }
  /// Of so many iterations that begin with this load and of which the caches grow; nothing where
  /// the time is not made of it.
  virtual IterationWork work(const IterationLoad& first, std::uint64_t iterations) const {
    (void)first, (void)iterations;
    return {};
  }
};

/// Of so many iterations that begin with this load, and of which the caches grow.
Duration time_of(const IterationTime& time, const IterationLoad& first, std::uint64_t iterations);

/// What one request takes that is alone: its prompt in one iteration, then the others, of which
/// each gives `growth` parts of a token, with the cache of half way; with an adapter or without.
/// At most 9e18 ns.
Duration time_alone(const IterationTime& time, std::uint64_t prompt, std::uint64_t output,
                    std::uint64_t growth = kTokenParts, std::uint64_t adapters = 0);

}  // namespace hyperdc
