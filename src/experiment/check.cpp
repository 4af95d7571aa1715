#include "experiment/check.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <string_view>
#include <system_error>
#include <utility>

#include <hyperdc/core/assert.hpp>

#include "core/side_by_side.hpp"
#include "experiment/baseline_file.hpp"
#include "experiment/metric_check.hpp"
#include "experiment/study_plan.hpp"
#include "results/json_writer.hpp"
#include "scenario/json_text.hpp"

namespace hyperdc {
namespace {

/// What was read of one file of the suite.
struct ReadItem {
  CheckedScenario checked;
  std::unique_ptr<Loaded> loaded;
  std::optional<Baseline> baseline;
  Issues warnings;
};

void add_all(Issues more, Issues& to) {
  to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

/// A file that a key of the scenario names is not there: "there is no file …". The base of a
/// scenario is part of it.
bool is_missing_file(const Issue& issue) {
  return issue.code == "E001" && !issue.path.empty() && issue.path != "extends" &&
         issue.message.rfind("there is no file", 0) == 0;
}

/// Why a scenario cannot be run here, if nothing but missing files is in the way.
std::string missing_files(const Issues& issues) {
  std::string text;
  std::size_t more = 0;
  for (const Issue& issue : issues) {
    if (issue.warning) continue;
    if (!is_missing_file(issue)) return {};
    if (text.empty()) {
      text = fmt::format("{} ({})", issue.message, issue.path);
    } else {
      ++more;
    }
  }
  if (more > 0) text += fmt::format(" and {} more", more);
  return text;
}

void read_scenario(const std::string& file, const LoadOptions& load, const CheckOptions& options,
                   ReadItem& out) {
  Result<Loaded> result = load_scenario(file, load);
  if (auto* issues = std::get_if<Issues>(&result)) {
    const std::string missing = options.require_files ? std::string() : missing_files(*issues);
    if (missing.empty()) {
      add_all(std::move(*issues), out.checked.issues);
    } else {
      out.checked.status = CheckStatus::skipped;
      out.checked.reason = missing;
    }
    return;
  }
  Loaded& loaded = std::get<Loaded>(result);
  Issues issues = check_before_run(loaded.scenario);
  for (Issue& issue : issues) {
    if (issue.place.file.empty()) issue.place.file = file;
  }
  out.warnings = loaded.warnings;
  add_all(std::move(issues), out.checked.issues);
  out.loaded = std::make_unique<Loaded>(std::move(loaded));
}

void read_baseline_of(const CheckItem& item, const CheckOptions& options, ReadItem& out) {
  std::error_code error;
  if (!std::filesystem::exists(item.baseline, error)) return;
  Result<Baseline> result =
      read_baseline(item.baseline, options.update ? BaselineUse::update : BaselineUse::compare);
  if (auto* issues = std::get_if<Issues>(&result)) {
    add_all(std::move(*issues), out.checked.issues);
    return;
  }
  out.baseline = std::move(std::get<Baseline>(result));
  const std::uint64_t seeds = options.seeds.value_or(out.baseline->replications);
  if (!options.update || seeds >= 2) return;
  for (const BaselineMetric& metric : out.baseline->metrics) {
    if (!metric.tolerance.statistical) continue;
    Issue issue;
    issue.code = "E034";
    issue.path = "metrics." + metric.name + ".tolerance.statistical";
    issue.message = "one seed says nothing about chance";
    issue.hint = "--seeds 5, or write {\"relative\": 0.02}";
    issue.place = metric.place;
    out.checked.issues.push_back(std::move(issue));
  }
}

/// The seeds to run: those of the baseline, so that they pair; for a new one the scenario's.
std::pair<std::uint64_t, std::uint64_t> seeds_of(const Scenario& scenario,
                                                 const std::optional<Baseline>& baseline,
                                                 const CheckOptions& options) {
  std::uint64_t count = baseline ? baseline->replications : 1;
  if (options.update && options.seeds) count = *options.seeds;
  return {baseline && !options.update ? baseline->seed : scenario.seed, count};
}

/// More seeds than the trace of the scenario has windows would replay some of them again.
void check_windows_of(const CheckItem& item, const CheckOptions& options, ReadItem& out) {
  if (!out.loaded) return;
  const Scenario& scenario = out.loaded->scenario;
  Issues issues = repeated_windows(scenario, seeds_of(scenario, out.baseline, options).second);
  for (Issue& issue : issues) {
    issue.place.file = options.update && options.seeds ? "--seeds" : item.baseline;
  }
  add_all(std::move(issues), out.checked.issues);
}

ReadItem read_item(const CheckItem& item, const LoadOptions& load, const CheckOptions& options) {
  ReadItem out;
  out.checked.file = item.file;
  out.checked.baseline_file = item.baseline;
  out.checked.exact = options.exact;
  std::error_code error;
  const FileKind kind = kind_of_file(item.file);
  const bool has_baseline = std::filesystem::exists(item.baseline, error);
  if (kind == FileKind::study) {
    out.checked.status = CheckStatus::skipped;
    out.checked.reason = "a study; hyperdc sweep runs it";
    return out;
  }
  if (kind != FileKind::scenario && !has_baseline && !item.named) {
    out.checked.status = CheckStatus::skipped;
    out.checked.reason = "neither a scenario nor a study";
    return out;
  }
  read_scenario(item.file, load, options, out);
  read_baseline_of(item, options, out);
  check_windows_of(item, options, out);
  if (!out.checked.issues.empty()) {
    out.checked.status = CheckStatus::invalid;
    out.checked.reason = "invalid";
    add_all(std::move(out.warnings), out.checked.issues);
    out.warnings.clear();
  }
  if (out.checked.status != CheckStatus::passed) out.loaded.reset();
  return out;
}

/// Traces are read when a scenario is checked: side by side, that is as long as the longest.
std::vector<ReadItem> read_items(const std::vector<CheckItem>& items, const LoadOptions& load,
                                 const CheckOptions& options) {
  std::vector<ReadItem> out(items.size());
  side_by_side(items.size(), options.threads,
               [&](std::size_t i) { out[i] = read_item(items[i], load, options); });
  return out;
}

void note_seed(const Scenario& scenario, const Baseline& baseline, CheckedScenario& out) {
  if (baseline.seed == scenario.seed) return;
  out.notes.push_back(
      fmt::format("the seed of the scenario is {}, that of its baseline {}: {} was "
                  "run",
                  scenario.seed, baseline.seed, baseline.seed));
}

/// The runs of one scenario, or why there are none.
void take_runs(std::span<RunOutcome> outcomes, CheckedScenario& out, std::vector<RunResult>& runs) {
  for (RunOutcome& outcome : outcomes) {
    out.wall_s += outcome.cost.wall_s;
    if (outcome.failure && out.status == CheckStatus::passed) {
      out.status = CheckStatus::crashed;
      out.reason = fmt::format("seed {}: {}", outcome.failure->seed, outcome.failure->message);
    }
  }
  if (out.status != CheckStatus::passed) return;
  const bool complete = std::all_of(
      outcomes.begin(), outcomes.end(),
      [](const RunOutcome& outcome) { return outcome.result && outcome.result->complete; });
  if (!complete) {
    out.status = CheckStatus::not_run;
    out.reason = "interrupted";
    return;
  }
  for (RunOutcome& outcome : outcomes) {
    outcome.result->series = {};
    runs.push_back(std::move(*outcome.result));
    outcome.result.emplace();
    outcome.result->events = runs.back().events;
    out.fingerprints.push_back(hex16(runs.back().fingerprint));
  }
}

void judge_runs(const Scenario& scenario, const std::optional<Baseline>& baseline,
                std::span<const RunResult> runs, CheckedScenario& out) {
  std::vector<SourcePlace> places;
  for (const Objective& objective : scenario.objectives) places.push_back(objective.place);
  out.objectives = compare_objectives(baseline ? &*baseline : nullptr, runs, places);
  const bool same_seeds =
      baseline && baseline->seed == runs.front().seed && baseline->replications == runs.size();
  if (same_seeds) {
    out.diff = compare_baseline(*baseline, runs);
  } else if (baseline) {
    out.notes.push_back(
        fmt::format("the baseline had {} from {} on, now {} from {} on: nothing "
                    "to compare",
                    baseline->replications, baseline->seed, runs.size(), runs.front().seed));
  }
  out.status = judged(out);
}

}  // namespace

FileKind kind_of_file(const std::string& file) {
  Sources sources;
  Problems problems(sources);
  const std::optional<Json> raw = read_json(file, sources, problems);
  if (!raw) return FileKind::scenario;
  if (!raw->is(Json::Kind::object)) return FileKind::other;
  if (raw->find("base") != nullptr) return FileKind::study;
  const Json* schema = raw->find("schema");
  if (schema != nullptr && schema->text.rfind("hyperdc.baseline/", 0) == 0) {
    return FileKind::baseline;
  }
  const bool scenario = raw->find("regions") != nullptr || raw->find("growth") != nullptr ||
                        raw->find("market") != nullptr || raw->find("buyers") != nullptr ||
                        raw->find("extends") != nullptr;
  return scenario ? FileKind::scenario : FileKind::other;
}

CheckPlan plan_check(const std::vector<CheckItem>& items, const LoadOptions& load,
                     const CheckOptions& options) {
  CheckPlan plan;
  plan.options = options;
  for (ReadItem& read : read_items(items, load, options)) {
    plan.report.scenarios.push_back(std::move(read.checked));
    plan.loaded.push_back(std::move(read.loaded));
    plan.baselines.push_back(std::move(read.baseline));
    add_all(std::move(read.warnings), plan.warnings);
  }
  if (!plan.valid()) {
    for (CheckedScenario& one : plan.report.scenarios) {
      if (one.status != CheckStatus::passed) continue;
      one.status = CheckStatus::not_run;
      one.reason = "not run: another file is invalid";
    }
    return plan;
  }
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (plan.loaded[i] == nullptr) continue;
    const Scenario& scenario = plan.loaded[i]->scenario;
    const auto [first, count] = seeds_of(scenario, plan.baselines[i], options);
    for (std::uint64_t s = 0; s < count; ++s) {
      RunRequest request;
      request.scenario = &scenario;
      request.seed = first + s;
      plan.requests.push_back(std::move(request));
      plan.scenario_of.push_back(i);
    }
  }
  return plan;
}

CheckResults run_check(CheckPlan& plan, const std::atomic<bool>& stop, ProgressSink* progress) {
  HYPERDC_CHECK(plan.valid(), "a suite with invalid files is not run");
  CheckResults out;
  out.costs = run_all(plan.requests, plan.options.threads, stop, progress);
  out.report = plan.report;
  out.runs.resize(plan.loaded.size());
  std::size_t begin = 0;
  while (begin < plan.requests.size()) {
    const std::size_t i = plan.scenario_of[begin];
    std::size_t end = begin;
    while (end < plan.requests.size() && plan.scenario_of[end] == i) ++end;
    CheckedScenario& checked = out.report.scenarios[i];
    take_runs(std::span(out.costs).subspan(begin, end - begin), checked, out.runs[i]);
    if (!out.runs[i].empty()) {
      const Scenario& scenario = plan.loaded[i]->scenario;
      const std::optional<Baseline>& baseline = plan.baselines[i];
      if (baseline && !plan.options.update) note_seed(scenario, *baseline, checked);
      judge_runs(scenario, baseline, out.runs[i], checked);
    }
    out.report.interrupted = out.report.interrupted || checked.status == CheckStatus::not_run;
    begin = end;
  }
  return out;
}

}  // namespace hyperdc
