// The distribution of the time from arrival to completion, as 64 strata.
//
//   FCFS   T = W + S, independent; W = 0 or V
//   PS     T(x) = x + excess: mean x e, variance x^2 v g(x / m), g(u) = 2 (u - 1 + e^-u) / u^2
//          (e, v, m of SlowdownShape); mixed over the sizes x. For M/M/1-PS mean and variance are
//          exact (Ott 1984)
//   V      where it is M + Y1 + .. + YN (gigc.hpp): by Panjer's recursion (ASTIN Bulletin 12, 1981)
//          on a grid of 512 points; elsewhere fitted to two moments
//   fit    squared variation at most 1: gamma, its quantiles by Wilson and Hilferty (PNAS 17,
//          1931); above: hyperexponential with balanced means for V (Tijms, appendix B), nothing
//          or an exponential for the excess of PS
// Units: seconds. The fit is exact for M/M/c waits; its error is the error of the quantiles in
// docs/models/queueing.md. Leaves out dependence between wait and size.
#pragma once

#include <vector>

#include "model/queueing/gigc.hpp"
#include "model/queueing/service_shape.hpp"

namespace hyperdc::queueing {

struct Weighted {
  double value;
  double weight;
};
/// Means of the strata of a discrete distribution of positive values; the weights sum to 1. Values
/// within 1/128 of an octave are taken for their mean.
Strata strata_of(const std::vector<Weighted>& all);

Strata sojourn_fcfs(const ServiceShape& service, const WaitShape& wait);
/// Of the wait alone, those that do not wait included.
Strata waits_fcfs(const ServiceShape& service, const WaitShape& wait);
Strata sojourn_ps(const ServiceShape& service, const SlowdownShape& slowdown);

/// The value at p in (0, 1), between the middles of the strata.
double quantile(const Strata& strata, double p);
double mean(const Strata& strata);
/// How far the values of each stratum reach from its lower to its upper bound, straight between the
/// middles of the strata and never below 0: the value at a place u of [0, 1) within stratum k is
/// strata[k] + (u - 1/2) * reach[k].
Strata reach_of(const Strata& strata);
/// The share that is not above `value`: between the middles of strata that rise, whole strata of
/// others.
double share_within(const Strata& strata, double value);

/// Quantile of the two-moment fit for waits; p in (0, 1).
double fitted_quantile(const Moments& moments, double p);

}  // namespace hyperdc::queueing
