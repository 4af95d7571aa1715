// Rack power by the upper confidence limits of what was measured.
//
// Computes: of mean m and deviation s of n independent measurements the limits that hold together
//   at `confidence`, each at c = (1 + confidence) / 2 (Bonferroni):
//     m + t_c s / sqrt(n),  s sqrt(v / chi2),  v = n - 1,
//     t_c = z + (z^3 + z) / 4v + (5z^5 + 16z^3 + 3z) / 96v^2
//             + (3z^7 + 19z^5 + 17z^3 - 15z) / 384v^3,  z = z_c,
//     chi2 = v (1 - 2 / 9v - z_c sqrt(2 / 9v))^3.
// Units: W. Source: limits of a normal sample; Student's quantile by Abramowitz and Stegun 26.7.5,
//   chi-square by Wilson and Hilferty (PNAS 17, 1931).
// Valid range: 30 samples and more, confidence up to 0.999: then the deviation is at most 0.5 % too
//   large (never too small) and the distance of the mean within 0.1 %.
// Leaves out: limits of the correlation between racks, racks that are not alike.
#pragma once

#include "model/power/oversubscription.hpp"

namespace hyperdc {

RackPower at_confidence(RackPower rack, double samples, double confidence);

}  // namespace hyperdc
