#include "experiment/plan.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>

#include <hyperdc/core/assert.hpp>

#include "core/text.hpp"
#include "experiment/metric_check.hpp"
#include "experiment/study_plan.hpp"
#include "scenario/merge.hpp"
#include "scenario/sources.hpp"
#include "world/simulate.hpp"

namespace hyperdc {
namespace {

constexpr std::size_t kLoadedBefore = 64;  // candidates, or values of a knob, before anything runs

std::vector<PlanPoint> points_to_check(const PlanSpec& plan) {
  PlanPoint most;
  double all = 1;
  for (const PlanKnob& knob : plan.knobs) {
    most.push_back(knob.values.size() - 1);
    all *= static_cast<double>(knob.values.size());
  }
  std::set<PlanPoint> points{most};
  if (all <= static_cast<double>(kLoadedBefore)) {
    for (PlanPoint at(most.size(), 0);;) {
      points.insert(at);
      std::size_t k = 0;
      while (k < at.size() && at[k] == most[k]) at[k++] = 0;
      if (k == at.size()) break;
      ++at[k];
    }
    return {points.begin(), points.end()};
  }
  points.insert(PlanPoint(most.size(), 0));
  for (std::size_t k = 0; k < most.size(); ++k) {
    PlanPoint at = most;
    const std::size_t step = std::max<std::size_t>(1, most[k] / kLoadedBefore);
    for (at[k] = 0; at[k] < most[k]; at[k] += step) points.insert(at);
  }
  return {points.begin(), points.end()};
}

class PlanChecks {
 public:
  PlanChecks(const PlanStudy& study, const LoadOptions& options)
      : study_(study), options_(options) {}

  Result<PreparedPlan> prepare() {
    check_set();
    if (issues_.empty()) load_all();
    tell_others();
    if (issues_.empty()) read_problem();
    if (issues_.empty()) return std::move(out_);
    return std::move(issues_);
  }

 private:
  void issue(std::string_view code, std::string path, std::string message, std::string hint,
             SourcePlace place) {
    Issue out;
    out.code = code;
    out.path = std::move(path);
    out.message = std::move(message);
    out.hint = std::move(hint);
    out.place = std::move(place);
    issues_.push_back(std::move(out));
  }

  /// What is set beside the plan may not replace what it sets itself.
  void check_set() {
    SourcePlace place;
    place.file = kSetSource;
    for (const Override& override : options_.overrides) {
      for (const PlanKnob& knob : study_.plan.knobs) {
        const auto same = std::find_if(
            knob.at.begin(), knob.at.end(),
            [&](const std::string& path) { return paths_overlap(path, override.path); });
        if (same == knob.at.end()) continue;
        issue("E034", override.path,
              fmt::format("the knob {} of the plan sets {}", hyperdc::quoted(knob.name),
                          hyperdc::quoted(*same)),
              "change the plan, or set something else", place);
      }
      if (!study_.plan.objectives.empty() && paths_overlap("objectives", override.path)) {
        issue("E034", override.path, "the plan states its objectives", "change them there", place);
      }
      if (paths_overlap("seed", override.path)) {
        issue("E034", override.path, "a plan runs many seeds", "the first one: --seed N", place);
      }
    }
  }

  /// Windows are the seeds of a plan; the same is said of every candidate, so once.
  void check_windows(const Scenario& scenario) {
    if (windows_told_) return;
    const std::size_t most = study_.plan.most;
    for (Issue& problem : repeated_windows(scenario, 2 * most)) {
      problem.place = study_.study.replications_place;
      problem.path = "plan.replications";
      problem.note = fmt::format(
          "the search takes {} at most (\"most\"), and what confirms it as many others", most);
      issues_.push_back(std::move(problem));
      windows_told_ = true;
    }
  }

  void load_all() {
    const PlanSpec& plan = study_.plan;
    for (const PlanPoint& point : points_to_check(plan)) {
      const Variation variation = plan_variation(plan, point);
      Result<Loaded> result = load_variation(study_.study, variation, options_);
      if (auto* problems = std::get_if<Issues>(&result)) {
        add_problems(std::move(*problems));
        continue;
      }
      const Loaded& loaded = std::get<Loaded>(result);
      Issues before = check_before_run(loaded.scenario);
      for (Issue& problem : before) place(problem);
      add_problems(std::move(before));
      check_windows(loaded.scenario);
      if (const auto windows = trace_windows(loaded.scenario)) {
        out_.windows = std::min(out_.windows.value_or(*windows), *windows);
      }
      out_.warnings.insert(out_.warnings.end(), loaded.warnings.begin(), loaded.warnings.end());
      if (point == most())
        most_ = std::make_shared<const Loaded>(std::move(std::get<Loaded>(result)));
    }
  }

  PlanPoint most() const {
    PlanPoint point;
    for (const PlanKnob& knob : study_.plan.knobs) point.push_back(knob.values.size() - 1);
    return point;
  }

  /// Problems of objectives that the plan states are in the study.
  void place(Issue& problem) const {
    constexpr std::string_view kStart = "objectives.";
    if (!study_.plan.objectives.empty() && problem.path.rfind(kStart, 0) == 0) {
      const std::size_t index = std::stoul(problem.path.substr(kStart.size()));
      if (index < study_.plan.objective_places.size()) {
        problem.place = study_.plan.objective_places[index];
      }
      problem.path = "plan." + problem.path;
    }
    if (problem.place.file.empty()) problem.place.file = study_.study.base;
  }

  /// What is wrong at one place for many candidates is one problem, and the first of them tells it.
  void add_problems(Issues problems) {
    const std::size_t before = issues_.size();
    for (Issue& problem : problems) {
      std::size_t i = 0;
      while (i < before && !same_fault(issues_[i], problem)) ++i;
      if (i < before) {
        ++others_[i];
      } else {
        issues_.push_back(std::move(problem));
      }
    }
  }

  static bool same_fault(const Issue& a, const Issue& b) {
    return a.code == b.code && a.path == b.path && a.warning == b.warning &&
           a.place.file == b.place.file && a.place.line == b.place.line &&
           a.place.column == b.place.column;
  }

  void tell_others() {
    for (const auto& [i, count] : others_) {
      std::string& note = issues_[i].note;  // in which candidate it is
      if (!note.empty()) note += fmt::format(" and {} other{}", count, count == 1 ? "" : "s");
    }
  }

  void read_problem() {
    HYPERDC_CHECK(most_ != nullptr, "the last candidate is among those that are checked");
    const Scenario& scenario = most_->scenario;
    const PlanSpec& plan = study_.plan;
    std::map<std::string, std::string> units;
    std::vector<std::string> names;
    for (MetricValue& metric : metric_names(scenario)) {
      units[metric.name] = metric.unit;
      names.push_back(std::move(metric.name));
    }
    PlanProblem& problem = out_.problem;
    for (const Objective& one : scenario.objectives) {
      problem.objectives.push_back({one.metric, units[one.metric], {one.at_most, one.at_least}});
    }
    if (problem.objectives.empty()) {
      issue("E011", "plan.objectives", "there is nothing to meet: neither plan nor base says what",
            R"(write "objectives": [{"metric": …, "at_most": …}])", plan.place);
    }
    check_sides(problem.objectives);
    problem.confidence = plan.confidence;
    problem.first = plan.first;
    problem.most = plan.most;
    problem.candidates = plan.candidates;
    problem.first_seed = study_.study.first_seed.value_or(scenario.seed);
    for (const PlanKnob& knob : plan.knobs) {
      problem.sizes.push_back(knob.values.size());
      problem.monotone.push_back(knob.monotone);
    }
    read_costs(units, names);
  }

  /// More cannot make it easier to stay above one bound and below another of the same metric.
  void check_sides(const std::vector<PlanObjective>& objectives) {
    std::map<std::string, Bound> bounds;
    for (const PlanObjective& one : objectives) {
      Bound& both = bounds[one.metric];
      if (one.bound.at_most) both.at_most = one.bound.at_most;
      if (one.bound.at_least) both.at_least = one.bound.at_least;
    }
    for (const auto& [metric, bound] : bounds) {
      if (!bound.at_most || !bound.at_least) continue;
      for (const PlanKnob& knob : study_.plan.knobs) {
        if (!knob.monotone) continue;
        issue("E034", fmt::format("plan.knobs.{}", knob.name),
              fmt::format("{} is bounded on both sides, so more of a monotone knob cannot always "
                          "be better",
                          hyperdc::quoted(metric, 200)),
              R"(say "monotone": false, or bound one side in this plan)", knob.places.front());
      }
    }
  }

  void read_costs(const std::map<std::string, std::string>& units,
                  const std::vector<std::string>& names) {
    std::set<std::string> cost_units;
    out_.problem.knob_costs.resize(study_.plan.knobs.size());
    for (const PlanTerm& term : study_.plan.minimize) {
      if (term.knob) {
        const PlanKnob& knob = study_.plan.knobs[*term.knob];
        std::vector<double>& costs = out_.problem.knob_costs[*term.knob];
        for (const double number : knob.numbers) costs.push_back(term.weight * number);
        cost_units.insert(knob.unit);
        continue;
      }
      const auto unit = units.find(term.name);
      if (unit == units.end()) {
        const auto near = nearest(term.name, names);
        issue("E040", "plan.minimize",
              "the scenario has no metric " + hyperdc::quoted(term.name, 200),
              near ? fmt::format("did you mean {}?", hyperdc::quoted(*near)) : "", term.place);
        continue;
      }
      out_.problem.metric_weights.push_back(term.weight);
      cost_units.insert(unit->second);
    }
    if (cost_units.size() == 1) out_.cost_unit = *cost_units.begin();
  }

  const PlanStudy& study_;
  const LoadOptions& options_;
  PreparedPlan out_;
  Issues issues_;
  std::map<std::size_t, std::size_t> others_;  // of an issue, candidates that have it too
  std::shared_ptr<const Loaded> most_;
  bool windows_told_ = false;
};

}  // namespace

Result<PreparedPlan> prepare_plan(const PlanStudy& study, const LoadOptions& options) {
  return PlanChecks(study, options).prepare();
}

PlanOutcome answer_plan(const PlanStudy& study, const PreparedPlan& prepared, CandidateRuns& runs) {
  PlanOutcome out = search_plan(prepared.problem, runs);
  out.study = study.study.name;
  out.description = study.study.description;
  out.cost_unit = prepared.cost_unit;
  out.windows = prepared.windows;
  for (const PlanKnob& knob : study.plan.knobs) {
    out.knobs.push_back({knob.name, knob.at, knob.labels.front(), knob.labels.back(),
                         knob.values.size(), knob.monotone});
  }
  for (const PlanTerm& term : study.plan.minimize) {
    out.minimize.emplace_back(term.name, term.weight);
  }
  for (PlanCandidate& candidate : out.candidates) {
    for (std::size_t k = 0; k < candidate.point.size(); ++k) {
      candidate.values.push_back(study.plan.knobs[k].labels[candidate.point[k]]);
    }
  }
  for (PlanStretch& open : out.open) {
    for (std::size_t k = 0; k < open.line.size(); ++k) {
      open.values.push_back(k == open.knob ? "" : study.plan.knobs[k].labels[open.line[k]]);
    }
    const std::vector<std::string>& labels = study.plan.knobs[open.knob].labels;
    if (open.fails) open.fails_value = labels[*open.fails];
    if (open.meets) open.meets_value = labels[*open.meets];
  }
  return out;
}

}  // namespace hyperdc
