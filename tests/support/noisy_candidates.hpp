// Candidates with known means and normal or lognormal noise, for tests of how a plan is searched.
#pragma once

#include <cmath>
#include <functional>
#include <set>

#include "core/math.hpp"
#include "core/rng.hpp"
#include "experiment/plan_search.hpp"

namespace hyperdc::test {

/// One objective, and one metric that costs if `cost` is given, without a value where it is NaN.
/// The noise of a seed is that of all candidates in part (common random numbers), and half of it
/// their own.
class NoisyCandidates final : public CandidateRuns {
 public:
  using Function = std::function<double(const PlanPoint&)>;
  NoisyCandidates(Function mean, double deviation, std::uint64_t study, Function cost = {})
      : mean_(std::move(mean)),
        deviation_(deviation),
        cost_(std::move(cost)),
        stream_(study, "n") {}

  CandidateBatch run(const PlanPoint& at, std::size_t begin, std::size_t end) override {
    CandidateBatch out;
    std::uint64_t candidate = 1;
    for (const std::size_t index : at) candidate = candidate * 1000 + index;
    asked.insert(at);
    for (std::size_t i = begin; i < end; ++i) {
      seeds.insert(i);
      const double shared = math::normal_quantile(stream_.uniform(i, 0));
      const double own = math::normal_quantile(stream_.uniform(i, candidate));
      const double noise = deviation_ * noise_of((shared + own) * 0.70710678118654752);
      CandidateSeed seed;
      const bool value = !without || !without(at, i);
      seed.objectives.push_back(value ? std::optional(mean_(at) + noise) : std::nullopt);
      if (!value) seed.reasons = {"no job ended"};
      if (cost_) {
        const double cost = cost_(at);
        seed.costs.push_back(std::isnan(cost) ? std::nullopt
                                              : std::optional<double>(cost + cost_noise * own));
        if (std::isnan(cost)) seed.no_cost = "no cost here";
      }
      out.seeds.push_back(std::move(seed));
    }
    if (stop_after > 0 && asked.size() >= stop_after) throw PlanStopped();
    return out;
  }

  std::set<PlanPoint> asked;
  std::set<std::size_t> seeds;
  std::size_t stop_after = 0;  // candidates; 0: never
  double cost_noise = 0.01;    // deviation
  /// Where the objective has no value, by candidate and seed; empty: nowhere.
  std::function<bool(const PlanPoint&, std::size_t)> without;
  double skew = 0;  // coefficient of variation of a lognormal; 0: normal

 private:
  /// Of mean 0 and deviation 1.
  double noise_of(double normal) const {
    if (skew == 0) return normal;
    const double variance = math::log1p(skew * skew);
    return (math::exp(normal * std::sqrt(variance) - variance / 2) - 1) / skew;
  }

  Function mean_;
  double deviation_;
  Function cost_;
  RandomStream stream_;
};

/// A grid of these sizes, all monotone, one objective at most `limit`, each knob's cost its index.
inline PlanProblem noisy_problem(std::vector<std::size_t> sizes, double limit) {
  PlanProblem problem;
  problem.sizes = std::move(sizes);
  problem.monotone.assign(problem.sizes.size(), true);
  problem.objectives.push_back({"wait", "s", {limit, std::nullopt}});
  for (const std::size_t size : problem.sizes) {
    std::vector<double> costs;
    for (std::size_t i = 0; i < size; ++i) costs.push_back(static_cast<double>(i));
    problem.knob_costs.push_back(std::move(costs));
  }
  return problem;
}

}  // namespace hyperdc::test
