#include "experiment/plan_judge.hpp"

#include <algorithm>
#include <fmt/format.h>

#include <hyperdc/core/assert.hpp>

namespace hyperdc {

PlanJudge::PlanJudge(const PlanProblem& problem, CandidateRuns& runs, std::size_t claims)
    : problem_(problem), runs_(runs), looks_(look_sizes(problem.first, problem.most)) {
  std::size_t bounds = 0;  // an objective with two bounds can be judged wrongly on two sides
  for (const PlanObjective& objective : problem.objectives) {
    bounds += (objective.bound.at_most ? 1U : 0U) + (objective.bound.at_least ? 1U : 0U);
  }
  if (!costs_are_known()) ++bounds;  // that the least costs less than another is claimed too
  const double shared = static_cast<double>(claims * looks_.size() * bounds);
  look_confidence_ = shared_confidence(problem.confidence, shared);
}

double PlanJudge::knob_cost(const PlanPoint& at) const {
  double cost = 0;
  for (std::size_t k = 0; k < at.size(); ++k) {
    if (!problem_.knob_costs[k].empty()) cost += problem_.knob_costs[k][at[k]];
  }
  return cost;
}

std::optional<double> PlanJudge::known_cost(const PlanPoint& at) const {
  if (!costs_are_known()) return std::nullopt;
  return knob_cost(at);
}

std::optional<std::vector<double>> PlanJudge::seed_costs(const PlanPoint& at) const {
  std::vector<double> out;
  for (const CandidateSeed& seed : all_.at(at).seeds) {
    const std::optional<double> cost = seed_cost(at, seed);
    if (!cost) return std::nullopt;
    out.push_back(*cost);
  }
  return out;
}

std::optional<double> PlanJudge::seed_cost(const PlanPoint& at, const CandidateSeed& seed) const {
  double cost = knob_cost(at);
  for (std::size_t i = 0; i < seed.costs.size(); ++i) {
    if (!seed.costs[i]) return std::nullopt;
    cost += problem_.metric_weights[i] * *seed.costs[i];
  }
  return cost;
}

CandidateBatch PlanJudge::run(const PlanPoint& at, std::size_t begin, std::size_t end) {
  CandidateBatch batch = runs_.run(at, begin, end);
  HYPERDC_CHECK(batch.seeds.size() == (batch.draws ? end - begin : 1), "a run for each seed");
  run_count_ += batch.seeds.size();
  return batch;
}

PlanMeasure PlanJudge::measure(std::size_t objective, const std::vector<CandidateSeed>& seeds,
                               bool draws, double confidence) const {
  PlanMeasure out;
  const PlanObjective& asked = problem_.objectives[objective];
  out.metric = asked.metric;
  out.unit = asked.unit;
  out.bound = asked.bound;
  std::vector<double> values;
  std::string reason;
  for (const CandidateSeed& seed : seeds) {
    if (seed.objectives[objective]) {
      values.push_back(*seed.objectives[objective]);
    } else if (reason.empty() && objective < seed.reasons.size()) {
      reason = seed.reasons[objective];
    }
  }
  // A run without a value says nothing of the others' mean: p99 of no requests, or no job that
  // ended because there was room for none.
  if (values.size() < seeds.size()) {
    out.verdict = PlanVerdict::unknown;
    out.reason = fmt::format("no value in {} of {} runs{}{}", seeds.size() - values.size(),
                             seeds.size(), reason.empty() ? "" : ": ", reason);
    return out;
  }
  if (!draws) {
    out.mean = values.front();
    out.interval = {values.front(), values.front()};
    out.verdict = side_of(values.front(), asked.bound);
    return out;
  }
  const LookResult look = look_at(values, asked.bound, confidence);
  out.mean = look.moments.mean;
  out.interval = look.interval;
  out.verdict = look.verdict;
  if (look.verdict == PlanVerdict::undecided) {
    out.to_decide = values_to_decide(look.moments, asked.bound, confidence);
  }
  return out;
}

PlanFinding PlanJudge::finding(const PlanPoint& at, const std::vector<CandidateSeed>& seeds,
                               bool draws, double confidence) const {
  PlanFinding out;
  out.runs = seeds.size();
  for (std::size_t i = 0; i < problem_.objectives.size(); ++i) {
    out.objectives.push_back(measure(i, seeds, draws, confidence));
  }
  // What decides, the strongest first: an objective that is undecided may still be shown to fail,
  // one that is unknown may not.
  out.verdict = PlanVerdict::meets;
  for (const PlanVerdict verdict :
       {PlanVerdict::unknown, PlanVerdict::undecided, PlanVerdict::fails}) {
    const bool some = std::any_of(out.objectives.begin(), out.objectives.end(),
                                  [&](const auto& one) { return one.verdict == verdict; });
    if (some) out.verdict = verdict;
  }
  set_cost(at, seeds, draws, out);
  return out;
}

void PlanJudge::set_cost(const PlanPoint& at, const std::vector<CandidateSeed>& seeds, bool draws,
                         PlanFinding& out) const {
  std::vector<double> costs;
  out.cost.reset();
  out.cost_runs = seeds.size();
  for (const CandidateSeed& seed : seeds) {
    const std::optional<double> cost = seed_cost(at, seed);
    if (!cost) return;
    costs.push_back(*cost);
  }
  const Moments moments = moments_of(costs);
  out.cost = moments.mean;
  if (!costs_are_known() && draws)
    out.cost_half_width = half_width_of(moments, problem_.confidence);
}

/// Whole looks only: what is stopped in between is not told.
void PlanJudge::keep(const PlanPoint& at, Entry entry) {
  if (entry.found.verdict == PlanVerdict::meets && !entry.found.cost) {
    const auto without = std::find_if(entry.seeds.begin(), entry.seeds.end(),
                                      [](const auto& seed) { return !seed.no_cost.empty(); });
    throw PlanFailed(without == entry.seeds.end() ? "what meets has no cost" : without->no_cost);
  }
  all_[at] = std::move(entry);
}

PlanVerdict PlanJudge::advance(const PlanPoint& at, std::size_t looks) {
  if (all_.find(at) == all_.end() && all_.size() >= problem_.candidates) throw PlanExhausted();
  Entry entry;
  if (const auto there = all_.find(at); there != all_.end()) entry = there->second;
  while (entry.looked < looks && entry.found.verdict == PlanVerdict::undecided && entry.draws) {
    const std::size_t size = looks_[entry.looked];
    CandidateBatch batch = run(at, entry.seeds.size(), size);
    entry.draws = batch.draws;
    for (CandidateSeed& seed : batch.seeds) entry.seeds.push_back(std::move(seed));
    entry.found = finding(at, entry.seeds, entry.draws, look_confidence_);
    entry.found.first_seed = problem_.first_seed;
    ++entry.looked;
    entry.dropped = false;  // it is judged after all
    keep(at, entry);
  }
  return entry.found.verdict;
}

bool PlanJudge::more(const PlanPoint& at) {
  Entry entry = all_.at(at);
  if (!entry.draws || entry.looked == looks_.size()) return false;
  if (entry.found.verdict == PlanVerdict::undecided) {
    advance(at, entry.looked + 1);
    return true;
  }
  CandidateBatch batch = run(at, entry.seeds.size(), looks_[entry.looked]);
  for (CandidateSeed& seed : batch.seeds) entry.seeds.push_back(std::move(seed));
  ++entry.looked;
  set_cost(at, entry.seeds, entry.draws, entry.found);
  keep(at, std::move(entry));
  return true;
}

PlanFinding PlanJudge::fresh(const PlanPoint& at, double confidence) {
  const Entry& entry = all_.at(at);
  if (!entry.draws) return entry.found;
  const CandidateBatch batch = run(at, problem_.most, problem_.most + entry.found.runs);
  PlanFinding out = finding(at, batch.seeds, batch.draws, confidence);
  out.first_seed = problem_.first_seed + problem_.most;
  return out;
}

}  // namespace hyperdc
