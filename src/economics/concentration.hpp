// Concentration of ownership: shares, the Herfindahl-Hirschman index and the largest few, of known
// amounts and of amounts that are known within bounds.
//
// Computes: of amounts a_i with total A = sum a_i + others
//   share_i = a_i / A;  HHI = sum (100 share_i)^2, where `others` are either so many that each is
//   nobody (they add nothing) or one owner (they add (100 others / A)^2): the two bounds of what is
//   not known;  CR_k = the sum of the k largest shares of named owners.
//   Bounds: the least and the most of both where l_i <= a_i <= h_i, each on its own, others nobody.
//   HHI and CR_k are quasi-convex in a (a norm, and a largest sum, over a positive linear total),
//   so that the most is at a corner of the box: all corners are looked at. The least is at a_i =
//   clamp(c, l_i, h_i) for one c: below c more of an owner evens out, above c less does. CR_k is a
//   ratio of linear functions of c between the l and h, so that its least is at one of them; HHI
//   has its least there or where c = sum a_i^2 / A.
// Units: amounts of any kind; HHI in points, 0 to 10,000. Source: US DOJ and FTC, Merger Guidelines
// (2023), section 2.1: above 1,000 moderately, above 1,800 highly concentrated, of a market.
// Valid range: amounts at or above 0, not all 0; bounds of at most kMostUnsure owners whose l < h.
// Leaves out: who controls whom; what is idle; that errors of owners may go together.
#pragma once

#include <cstddef>
#include <span>

namespace hyperdc {

/// HHI with `others` as nobody (atomistic) or as one.
double hhi(std::span<const double> amounts, double others, bool others_are_one);
/// The share that the `k` largest have.
double top_share(std::span<const double> amounts, double others, std::size_t k);

/// An amount that is known within bounds.
struct AmountBounds {
  double low = 0, high = 0;
};
struct ConcentrationBounds {
  AmountBounds hhi, top_4;
};
inline constexpr std::size_t kMostUnsure = 14;
/// How many owners are known within bounds only.
std::size_t unsure(std::span<const AmountBounds> amounts);
ConcentrationBounds concentration_bounds(std::span<const AmountBounds> amounts,
                                         AmountBounds others);

}  // namespace hyperdc
