// Sequential test: does the mean of a metric over seeds meet a bound? Looked at after fixed numbers
// of values, until it is clear.
//
// Computes: at look j, after n_j values, the t interval mean -+ t(1 - 2 e, n_j - 1) s / sqrt(n_j).
// The bound is met when it lies outside of the interval on the good side, missed when on the bad
// side; e is the error that one look may make. With K looks, m candidates and q objectives that
// share the error alpha evenly (Bonferroni), e = alpha / (K m q): the probability that any verdict
// is false is at most alpha, however looks, candidates and objectives depend on each other. Each
// verdict can be false on one side only, hence 2 e for an interval of two sides.
// Units: those of the values.
// Source: Bonferroni's inequality; Jennison & Turnbull, Group Sequential Methods (2000), section
// 1.3, for why looks must share; the t interval: Law, Simulation Modeling and Analysis, 5th ed.,
// eq. 4.12.
// Valid: seeds are independent and values not far from normal; docs/models/plan.md has the measured
// rates of error, also for skewed values.
// Leaves out: boundaries that use the joint distribution of looks (Pocock, O'Brien-Fleming), which
// would need a tenth fewer values; values that are all equal have an interval of no width.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "results/statistics.hpp"

namespace hyperdc {

/// unknown: some run had no value, so that there is no mean, whatever other seeds say.
enum class PlanVerdict { meets, fails, undecided, unknown };
std::string_view name_of(PlanVerdict verdict);

/// What a mean must be; at least one of them.
struct Bound {
  std::optional<double> at_most, at_least;
};

/// Numbers of values at which is looked: first, twice that, ... and most.
std::vector<std::size_t> look_sizes(std::size_t first, std::size_t most);

/// The confidence of an interval of two sides when `claims` share the error, each on one side;
/// never below `confidence` itself.
double shared_confidence(double confidence, double claims);

struct LookResult {
  Moments moments;
  Interval interval;
  PlanVerdict verdict = PlanVerdict::undecided;
};
/// At least two values. A bound that is met exactly and without noise is met.
LookResult look_at(std::span<const double> values, const Bound& bound, double confidence);

/// On which side of its bound a mean is.
PlanVerdict side_of(double mean, const Bound& bound);

/// How many values would decide with 80 % power if mean and deviation stay as they are.
std::optional<std::size_t> values_to_decide(const Moments& moments, const Bound& bound,
                                            double confidence);

}  // namespace hyperdc
