// Rack power by the upper confidence limits of what was measured.
//
// Computes: of mean m and deviation s of n independent measurements the limits that hold together
//   at `confidence`, each at c = (1 + confidence) / 2 (Bonferroni):
//     m + z_c s / sqrt(n),  s sqrt((n - 1) / chi2),
//     chi2 = (n - 1) (1 - 2 / (9 (n - 1)) - z_c sqrt(2 / (9 (n - 1))))^3.
// Units: W. Source: limits of a normal sample; chi-square by Wilson and Hilferty (PNAS 17, 1931).
// Valid range: 30 samples and more: the limit of the mean is then within 5 % of Student's.
// Leaves out: limits of the correlation between racks, racks that are not alike.
#pragma once

#include "model/power/oversubscription.hpp"

namespace hyperdc {

RackPower at_confidence(RackPower rack, double samples, double confidence);

}  // namespace hyperdc
