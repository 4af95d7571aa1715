// Successive halving of a plan's candidates: all get the seeds of the first look, the better half
// those of the second, and so on.
//
// Source: Karnin, Koren & Somekh, Almost optimal exploration in multi-armed bandits, ICML 2013
// (sequential halving); Jamieson & Talwalkar, AISTATS 2016. Better: first those whose means meet
// every objective, the cheapest first, then those that miss, the nearest to their limits first.
// Leaves out: a promise. The least candidate may be dropped when its first seeds look bad.
#include <algorithm>
#include <cmath>
#include <set>

#include "experiment/plan_judge.hpp"
#include "scenario/study_design.hpp"

namespace hyperdc {
namespace {

/// All candidates, or where these are too many a Latin hypercube of them.
std::vector<PlanPoint> first_points(const PlanProblem& problem) {
  const std::size_t room = std::max<std::size_t>(1, problem.candidates / 2);
  double all = 1;
  std::vector<DesignKnob> knobs;
  for (std::size_t k = 0; k < problem.sizes.size(); ++k) {
    all *= static_cast<double>(problem.sizes[k]);
    knobs.push_back({std::to_string(k), problem.sizes[k]});
  }
  const bool whole = all <= static_cast<double>(room);
  std::set<PlanPoint> points;
  for (const auto& design : design_points(knobs, whole ? Design::grid : Design::latin_hypercube,
                                          room, problem.first_seed)) {
    PlanPoint point;
    for (const DesignPoint& one : design) point.push_back(one.value);
    points.insert(std::move(point));
  }
  return {points.begin(), points.end()};
}

/// How good it looks: less is better.
std::pair<double, double> rank_of(const PlanFinding& found) {
  const double cost = found.cost.value_or(HUGE_VAL);  // without one: not better than another
  double missed_by = 0;
  for (const PlanMeasure& measure : found.objectives) {
    if (!measure.mean) return {HUGE_VAL, cost};
    for (const auto& limit : {measure.bound.at_most, measure.bound.at_least}) {
      if (!limit || side_of(*measure.mean, measure.bound) == PlanVerdict::meets) continue;
      const double scale = *limit == 0 ? 1 : std::fabs(*limit);
      missed_by = std::max(missed_by, std::fabs(*measure.mean - *limit) / scale);
    }
  }
  return {missed_by, cost};
}

}  // namespace

void halve(PlanJudge& judge) {
  std::vector<PlanPoint> alive = first_points(judge.problem());
  for (std::size_t look = 1; look <= judge.looks().size(); ++look) {
    for (const PlanPoint& point : alive) judge.advance(point, look);
    std::erase_if(alive, [&](const PlanPoint& point) {
      const PlanVerdict verdict = judge.at(point).found.verdict;
      return verdict == PlanVerdict::fails || verdict == PlanVerdict::unknown;
    });
    if (look == judge.looks().size()) return;
    std::stable_sort(alive.begin(), alive.end(), [&](const PlanPoint& a, const PlanPoint& b) {
      return rank_of(judge.at(a).found) < rank_of(judge.at(b).found);
    });
    for (std::size_t keep = (alive.size() + 1) / 2; alive.size() > keep; alive.pop_back()) {
      PlanJudge::Entry& last = judge.at(alive.back());
      last.dropped = last.found.verdict == PlanVerdict::undecided;
    }
  }
}

}  // namespace hyperdc
