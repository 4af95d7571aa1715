// Latency of a collective: how many steps of which level follow each other.
//
// Used by the closed forms and the plans, which differ in how bytes become time. Units: ns.
// The alphas of a chain add up; where chains run side by side the slowest counts.
#pragma once

#include <bit>
#include <cstdint>
#include <span>

#include <hyperdc/core/assert.hpp>

#include "ai/collective/collective.hpp"

namespace hyperdc::steps {

/// Levels have more than one rank each, in all functions.
using Levels = std::span<const CollectiveLevel>;

inline Duration times(std::uint64_t count, Duration alpha) {
  std::int64_t ns = 0;
  HYPERDC_CHECK(!__builtin_mul_overflow(count, alpha.ns, &ns), "a latency beyond 292 years");
  return {ns};
}

/// ceil(log2 n).
inline std::uint32_t depth(std::uint64_t n) {
  return static_cast<std::uint32_t>(std::bit_width(n - 1));
}

/// Once around the ring of all ranks in their order: of n edges, those that cross level l and no
/// outer one are n / (ranks up to l - 1) - n / (ranks up to l); the outermost also closes the ring.
Duration lap(Levels levels);

/// A ring in which each byte makes `laps` laps but one hop a lap (reduce-scatter, all-gather: 1;
/// all-reduce: 2). Each byte begins at another place; the one whose hops are slowest counts: all
/// hops of the laps but the fastest `laps` that follow each other.
Duration ring(Levels levels, std::uint32_t laps);

/// The chain from rank 0 to the last.
Duration chain(Levels levels);

}  // namespace hyperdc::steps
