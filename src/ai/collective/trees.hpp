// Two binary trees over n places, each with half of the bytes, so that no place sends or gets more
// than twice the bytes of an all-reduce (once those of a broadcast).
//
// Place 0 is the root and feeds both; the first tree has the places 1 to n - 1 in order, with those
// that are odd as leaves, the second the same places mirrored (n odd) or shifted by one (n even),
// so that who has children in one has none in the other. Both have ceil(log2 n) hops.
// Source: Sanders, Speck, Traff, "Two-tree algorithms for full bandwidth broadcast, reduction and
// scan", Parallel Computing 35(12), 2009; NCCL's double binary trees have the same loads.
#pragma once

#include <cstdint>

namespace hyperdc::trees {

/// Parent of place p > 0 in a tree whose places below n are in order: p's lowest bit tells its
/// height; where the parent of a full tree would be missing, the one before it takes its part.
inline std::uint64_t parent(std::uint64_t p, std::uint64_t n) {
  const std::uint64_t low = p & (~p + 1);
  if ((p & low << 1) != 0 || p + low >= n) return p - low;
  return p + low;
}

/// Which place takes that of p in the second tree.
inline std::uint64_t second(std::uint64_t p, std::uint64_t n) {
  if (p == 0) return 0;
  const std::uint64_t others = n - 1;
  return others % 2 == 0 ? n - p : p % others + 1;
}

/// Calls visit(parent, child, tree) for the 2 (n - 1) edges, tree 0 first.
template <class Visit>
void for_each_edge(std::uint64_t n, Visit&& visit) {
  for (std::uint64_t p = 1; p < n; ++p) visit(parent(p, n), p, 0U);
  for (std::uint64_t p = 1; p < n; ++p) visit(second(parent(p, n), n), second(p, n), 1U);
}

/// Most halves of the bytes that a place sends in an all-reduce: S for 2 places, 1.5 S for 3.
inline std::uint64_t most_halves(std::uint64_t n) {
  return n >= 4 ? 4 : n;
}

}  // namespace hyperdc::trees
