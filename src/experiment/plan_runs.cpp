#include "experiment/plan_runs.hpp"

#include <algorithm>
#include <fmt/format.h>

#include <hyperdc/core/assert.hpp>

#include "experiment/sweep.hpp"
#include "world/simulate.hpp"

namespace hyperdc {
namespace {

constexpr std::size_t kKeptScenarios = 8;

}  // namespace

SimulatedCandidates::SimulatedCandidates(const PlanStudy& study, const PlanProblem& problem,
                                         Options options, std::atomic<bool>& stop)
    : study_(study),
      problem_(problem),
      options_(std::move(options)),
      stop_(stop),
      sources_(sources_sha256()) {}

const SimulatedCandidates::Kept& SimulatedCandidates::load(const PlanPoint& at) {
  const auto known =
      std::find_if(kept_.begin(), kept_.end(), [&](const Kept& kept) { return kept.at == at; });
  if (known != kept_.end()) {
    std::rotate(known, known + 1, kept_.end());
    return kept_.back();
  }
  Variation variation = plan_variation(study_.plan, at);
  Result<Loaded> result = load_variation(study_.study, variation, options_.load);
  if (const auto* issues = std::get_if<Issues>(&result)) {
    const Issue& first = issues->front();
    throw PlanFailed(fmt::format("{}: {}: {}", variation.name, first.path, first.message));
  }
  if (kept_.size() == kKeptScenarios) kept_.erase(kept_.begin());
  kept_.push_back({at, std::move(variation),
                   std::make_shared<const Loaded>(std::move(std::get<Loaded>(result)))});
  return kept_.back();
}

CandidateSeed SimulatedCandidates::values_of(const RunResult& result,
                                             const std::string& candidate) const {
  CandidateSeed out;
  const MetricIndex metrics(result);
  for (const ResultObjective& objective : result.objectives) {
    out.objectives.push_back(objective.value);
    const ResultMetric* metric = metrics.find(objective.metric);
    out.reasons.push_back(metric == nullptr ? "" : metric->reason);
  }
  HYPERDC_CHECK(out.objectives.size() == problem_.objectives.size(), "the same objectives");
  for (const PlanTerm& term : study_.plan.minimize) {
    if (term.knob) continue;
    const ResultMetric* metric = metrics.find(term.name);
    out.costs.push_back(metric == nullptr ? std::nullopt : metric->value);
    if (out.costs.back() || !out.no_cost.empty()) continue;
    out.no_cost = fmt::format(
        "{} (seed {}): {} has no value and cannot be minimised: {}", candidate, result.seed,
        term.name, metric == nullptr ? "the scenario does not report it" : metric->reason);
  }
  return out;
}

void SimulatedCandidates::tell(const Kept& candidate) const {
  if (options_.progress == nullptr) return;
  options_.progress->progress(candidate.variation.name, there_ + now_.size());
}

void SimulatedCandidates::list(const StudyPlan& plan, const Kept& candidate) {
  const auto [of, fresh] = listed_.emplace(candidate.at, listed_.size());
  if (fresh) {
    options_.store->add_variation(plan.variations.front(),
                                  candidate.loaded->scenario.resolved_json);
  }
  std::vector<StudyRun> runs = plan.runs;
  for (StudyRun& run : runs) run.variation = of->second;
  options_.store->extend_plan(runs);
}

std::vector<std::optional<RunResult>> SimulatedCandidates::results_of(const StudyPlan& plan,
                                                                      const Kept& candidate) {
  std::vector<std::optional<RunResult>> results(plan.runs.size());
  std::vector<std::string> errors(plan.runs.size());
  SweepWork work{study_.study, plan, options_.load, {}, {candidate.loaded}};
  if (options_.store != nullptr) list(plan, candidate);
  for (std::size_t i = 0; i < plan.runs.size(); ++i) {
    std::optional<StoredRun> stored;
    if (options_.store != nullptr) stored = options_.store->find_done(plan.runs[i].key);
    if (!stored) {
      work.missing.push_back(i);
      continue;
    }
    results[i] = std::move(stored->result);
    if (now_.count(plan.runs[i].key) == 0) ++there_;
  }
  tell(candidate);
  LocalEngine(options_.threads).run(work, stop_, [&](std::vector<EndedRun>& some) {
    std::vector<StoredRun> kept;
    for (EndedRun& one : some) {
      const std::size_t i = one.stored.seed - plan.runs.front().seed;
      results[i] = one.stored.result;
      errors[i] = one.stored.error;
      if (one.stored.result) now_.insert(one.stored.key);
      if (one.stored.result || one.lasting) kept.push_back(std::move(one.stored));
    }
    if (options_.store != nullptr) options_.store->add(kept);
    tell(candidate);
  });
  for (std::size_t i = 0; i < errors.size(); ++i) {
    if (errors[i].empty()) continue;
    throw PlanFailed(
        fmt::format("{} (seed {}): {}", candidate.variation.name, plan.runs[i].seed, errors[i]));
  }
  return results;
}

CandidateBatch SimulatedCandidates::run(const PlanPoint& at, std::size_t begin, std::size_t end) {
  const Kept& candidate = load(at);
  const Scenario& scenario = candidate.loaded->scenario;
  CandidateBatch out;
  out.draws = depends_on_seed(scenario);
  StudyPlan plan;
  plan.variations.push_back(
      {candidate.variation.name, candidate.variation.parameters, scenario.sha256});
  for (std::size_t i = begin; i < (out.draws ? end : begin + 1); ++i) {
    const std::uint64_t seed = problem_.first_seed + i;
    plan.runs.push_back({0, seed, run_key(scenario.sha256, seed, sources_)});
  }
  for (const std::optional<RunResult>& result : results_of(plan, candidate)) {
    if (!result) throw PlanStopped();
    out.seeds.push_back(values_of(*result, candidate.variation.name));
  }
  return out;
}

}  // namespace hyperdc
