// Concentration of ownership: shares, the Herfindahl-Hirschman index and the largest few.
//
// Computes: of amounts a_i with total A = sum a_i + others
//   share_i = a_i / A;  HHI = sum (100 share_i)^2, where `others` are either so many that each is
//   nobody (they add nothing) or one owner (they add (100 others / A)^2): the two bounds of what is
//   not known;  CR_k = the sum of the k largest shares of named owners.
// Units: amounts of any kind; HHI in points, 0 to 10,000. Source: US DOJ and FTC, Merger Guidelines
// (2023), section 2.1: above 1,000 moderately, above 1,800 highly concentrated, of a market.
// Valid range: amounts at or above 0, not all 0. Leaves out: who controls whom; what is idle.
#pragma once

#include <cstddef>
#include <span>

namespace hyperdc {

/// HHI with `others` as nobody (atomistic) or as one.
double hhi(std::span<const double> amounts, double others, bool others_are_one);
/// The share that the `k` largest have.
double top_share(std::span<const double> amounts, double others, std::size_t k);

}  // namespace hyperdc
