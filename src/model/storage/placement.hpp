// Placement of fragments: which drives hold a group.
//
// Computes: sets of n drives, none of which breaks a spread: at most so many of a group in one
// domain (server, rack, zone).
//   spread at random: each drive of each group uniformly among those that are allowed (by
//   rejection). With one drive a node and no domains this is the random replication of RAMCloud.
//   copysets: ceil(S / (n - 1)) random permutations of the drives, each cut into sets of n; every
//   group is put on one of these sets, so that a drive shares groups with about S others and there
//   are S / (n - 1) * N / n sets in all (Cidon et al., "Copysets", ATC'13). Where a cut would
//   break a spread, the next drive of the permutation that does not takes the place.
// Equation, of all groups of m distinct random sets when f of N nodes fail for good at once, where
// all n of a group must fail to lose it: the expected number of sets lost is
//   m C(f, n) / C(N, n), and the probability to lose any about 1 - exp(-that) if sets are
//   independent. Units: none. Valid range: 2^32 - 1 drives.
// Leaves out: balance of what drives hold beyond chance, weights of drives of several sizes.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "core/rng.hpp"

namespace hyperdc {

/// At most `most` drives of one group are in the same domain.
struct SpreadRule {
  std::vector<std::uint32_t> domain_of;  // by drive
  std::uint32_t most = 1;
};

/// Groups one after the other, `width` drives each.
struct PlacedGroups {
  std::uint32_t width = 1;
  std::vector<std::uint32_t> drives;
  std::size_t size() const { return drives.size() / width; }
  std::span<const std::uint32_t> group(std::size_t i) const {
    return {drives.data() + i * width, width};
  }
};

/// Would one more fragment on `drive` keep the rules beside these?
bool keeps_spread(std::span<const SpreadRule> rules, std::span<const std::uint32_t> members,
                  std::uint32_t drive);
/// Would it, and is the drive not among them?
bool fits_beside(std::span<const SpreadRule> rules, std::span<const std::uint32_t> members,
                 std::uint32_t drive);

/// Empty when the rules leave no place. `groups` of `width` of `drives`, `most` of them on each as
/// long as the rules leave others.
PlacedGroups place_at_random(std::uint32_t drives, std::uint32_t width, std::uint64_t groups,
                             std::span<const SpreadRule> rules, const RandomStream& stream,
                             std::uint64_t most = std::numeric_limits<std::uint64_t>::max());

/// The copysets themselves; fewer than N / n of a permutation where the rules leave drives over. No
/// more permutations are drawn once there are `most` sets.
PlacedGroups copysets(std::uint32_t drives, std::uint32_t width, std::uint32_t scatter_width,
                      std::uint64_t most, std::span<const SpreadRule> rules,
                      const RandomStream& stream);
/// Groups dealt over the copysets: each has as many as any other, or one more.
PlacedGroups place_on_copysets(const PlacedGroups& copysets, std::uint64_t groups);

/// Sets of drives that hold a group or more, in any order of the drives. By 64-bit hashes: of 1e8
/// sets two are taken for one with a chance of 0.03 %.
std::uint64_t distinct_sets(const PlacedGroups& placed);

/// C(f, n) / C(N, n): that all of one set of n are among f failed of N.
double all_fail(std::uint32_t drives, std::uint32_t failed, std::uint32_t width);

}  // namespace hyperdc
