// hyperdc branch: one run to a moment, then on from exactly that state under several alternatives.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <limits>
#include <memory>
#include <ostream>

#include "cli/commands.hpp"
#include "cli/option_checks.hpp"
#include "cli/progress.hpp"
#include "cli/run_output.hpp"
#include "cli/run_plan.hpp"
#include "core/text.hpp"
#include "experiment/branch.hpp"
#include "experiment/metric_check.hpp"
#include "report/diagnostics.hpp"
#include "report/format.hpp"
#include "report/summary_many.hpp"
#include "results/store.hpp"
#include "scenario/study.hpp"

namespace hyperdc {
namespace {

constexpr const char* kBranchExamples =
    R"(Examples:
  hyperdc branch launch-week.json --at "14 h 5 min" --variants scaled.json
  hyperdc branch launch-week.json --at "2 d" --variants scaled.json --out out/branches

Exit codes: 0 every objective holds, 1 an objective is missed, 2 wrong input (nothing was run),
3 a branch could not finish, 130 interrupted (nothing is stored).)";

struct BranchPlan {
  std::unique_ptr<Loaded> base;
  std::vector<std::unique_ptr<Loaded>> changed;  // alternatives point to them
  BranchRequest request;
  Issues warnings;
};

void check_moment(const std::optional<SimTime>& at, const Scenario& base,
                  const std::optional<SimTime>& until, Issues& issues) {
  std::optional<SimTime> end = until;
  if (base.duration && (!end || SimTime{} + *base.duration < *end)) {
    end = SimTime{} + *base.duration;
  }
  if (!end) {
    issues.push_back(option_issue("--at",
                                  "the scenario has no duration, so it is not known "
                                  "whether it lasts until then",
                                  "add --until TIME"));
  } else if (at && *at >= *end) {
    issues.push_back(option_issue(
        "--at", "the run is over by then",
        fmt::format("name a moment before {}",
                    format_for_people(to_seconds(*end - SimTime{}), Dimension::time))));
  }
}

/// The number of replicas at the start lies in the past of a branch.
void check_initial(const Study& study, const Variation& variation, const Scenario& base,
                   const Scenario& changed, Issues& issues) {
  for (std::size_t s = 0; s < base.services.size(); ++s) {
    const ReplicaBounds& a = base.services[s].replicas;
    const ReplicaBounds& b = changed.services[s].replicas;
    if (a.initial == b.initial || a.min != b.min || a.max != b.max) continue;
    Issue issue;
    issue.code = "E034";
    issue.path = "workloads." + base.services[s].name + ".replicas.initial";
    issue.message = "the start is over at the moment of a branch";
    issue.hint = "change \"min\" or \"max\", which hold at once";
    Issues one{issue};
    place_in_study(study, variation, one);
    issues.push_back(one.front());
  }
}

void load_alternatives(const BranchOptions& options, const LoadOptions& load, BranchPlan& plan,
                       Issues& issues) {
  Result<Study> variants = load_variants(options.variants, options.input.files.front());
  if (auto* found = std::get_if<Issues>(&variants)) {
    issues.insert(issues.end(), found->begin(), found->end());
    return;
  }
  const Study& study = std::get<Study>(variants);
  const Issues touched = check_overrides(study, load.overrides);
  issues.insert(issues.end(), touched.begin(), touched.end());
  for (std::size_t i = 1; i < study.variations.size(); ++i) {  // the first is the base itself
    const Variation& variation = study.variations[i];
    Result<Loaded> loaded = load_variation(study, variation, load);
    if (auto* found = std::get_if<Issues>(&loaded)) {
      issues.insert(issues.end(), found->begin(), found->end());
      continue;
    }
    auto& kept =
        plan.changed.emplace_back(std::make_unique<Loaded>(std::get<Loaded>(std::move(loaded))));
    check_initial(study, variation, plan.base->scenario, kept->scenario, issues);
    Issues before = check_before_run(kept->scenario, plan.request.run.until);
    place_in_study(study, variation, before);
    issues.insert(issues.end(), before.begin(), before.end());
    plan.request.alternatives.push_back({variation.name, &kept->scenario});
  }
}

Result<BranchPlan> plan_branches(const BranchOptions& options) {
  Issues issues;
  BranchPlan plan;
  const LoadOptions load = load_options(options.input, issues);
  const std::optional<SimTime> at = time_option("--at", options.at, issues);
  plan.request.run.until = time_option("--until", options.until, issues);
  if (!options.out.empty()) {
    if (const auto reason = why_not_store_in(options.out, true)) {
      issues.push_back(
          option_issue("--out", hyperdc::quoted(options.out) + " cannot take results: " + *reason,
                       "name a new or an empty directory"));
    }
  }
  Result<Loaded> loaded = load_input(options.input.files.front(), load, plan.request.run.until);
  if (auto* found = std::get_if<Issues>(&loaded)) {
    issues.insert(issues.end(), found->begin(), found->end());
    return issues;
  }
  plan.base = std::make_unique<Loaded>(std::get<Loaded>(std::move(loaded)));
  plan.warnings = plan.base->warnings;
  check_moment(at, plan.base->scenario, plan.request.run.until, issues);
  load_alternatives(options, load, plan, issues);
  if (!issues.empty()) return issues;
  plan.request.at = *at;
  plan.request.run.scenario = &plan.base->scenario;
  plan.request.run.seed = options.seed.value_or(plan.base->scenario.seed);
  plan.request.at_once = threads_or_all(options.threads);
  return plan;
}

/// As `run` stores and names what it did; "base", then the alternatives.
RunPlan stored_plan(const BranchRequest& request) {
  RunPlan plan;
  plan.requests.push_back(request.run);
  plan.names.emplace_back("base");
  for (const BranchAlternative& alternative : request.alternatives) {
    plan.requests.push_back(request.run);
    plan.names.push_back(alternative.name);
  }
  return plan;
}

void print_branches(const std::vector<RunOutcome>& outcomes, const RunPlan& stored,
                    const BranchOptions& options, Console& console) {
  std::vector<RunResult> results;
  std::vector<RunResult> named;  // for the screen: columns are branches
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (!outcomes[i].result) continue;
    results.push_back(*outcomes[i].result);
    named.push_back(*outcomes[i].result);
    named.back().scenario = stored.names[i];
  }
  if (options.format == "json") {
    console.out << to_json(results);
    return;
  }
  if (options.summary == "none" || named.empty()) return;
  ScreenOptions screen;
  screen.style = console.out_style();
  screen.detail = options.summary == "full" ? Detail::full : Detail::compact;
  screen.files = options.input.files;
  screen.runs = outcomes.size();
  screen.branched_at = options.at;
  console.out << summary_many(named, screen);
}

int run_branches_of(const BranchOptions& options, BranchPlan& plan, Console& console) {
  plan.request.run.distributions = !options.out.empty();
  const RunPlan stored = stored_plan(plan.request);
  std::unique_ptr<ResultDirectory> directory;
  if (!options.out.empty())
    directory = std::make_unique<ResultDirectory>(options.out, stored.names);
  CommandCost cost;
  cost.threads = plan.request.at_once;
  const auto begin = std::chrono::steady_clock::now();
  std::vector<RunOutcome> outcomes;
  {
    std::unique_ptr<ProgressLine> line;
    if (can_animate(console.err_facts)) {
      line = std::make_unique<ProgressLine>(console.err, console.err_style(), 1);
    }
    outcomes = run_branches(plan.request, line.get());
  }
  cost.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  bool failed = false;
  bool missed = false;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (outcomes[i].failure) {
      failed = true;
      console.error(fmt::format("{} (seed {}): {}", stored.names[i], plan.request.run.seed,
                                outcomes[i].failure->message));
    } else if (outcomes[i].result) {
      for (const ResultObjective& one : outcomes[i].result->objectives) missed |= !one.met;
    }
  }
  if (directory) store_results(*directory, stored, outcomes, cost);
  print_branches(outcomes, stored, options, console);
  console.out.flush();
  console.err << cost_text(outcomes, cost) << '\n';
  if (failed) return kExitUnfinished;
  return missed ? kExitMissed : kExitOk;
}

}  // namespace

void add_branch_command(CLI::App& app, BranchOptions& options) {
  CLI::App& branch = *app.add_subcommand(
      "branch", "Runs to a moment, then on from there under several alternatives");
  add_input_options(branch, options.input, "scenario");
  branch.get_option("scenario")
      ->expected(1)
      ->option_text("SCENARIO")
      ->description("A scenario file (JSON)");
  branch.add_option("--at", options.at, "The moment, in the time of the simulation")
      ->required()
      ->option_text("TIME")
      ->check(not_empty());
  branch
      .add_option(
          "--variants", options.variants,
          "The alternatives (JSON): {\"variations\": {NAME: {PATH: VALUE}}}, live keys only")
      ->required()
      ->option_text("FILE")
      ->check(not_empty());
  branch.add_option("--until", options.until, "Ends the run at this time of the simulation")
      ->option_text("TIME")
      ->check(not_empty());
  branch.add_option("--seed", options.seed, "Seed, instead of the scenario's")
      ->option_text("N")
      ->transform(whole_number(0, std::numeric_limits<std::uint64_t>::max()));
  branch
      .add_option("--out", options.out,
                  "Stores the result of each branch in a sub-directory: base, and by name")
      ->option_text("DIR")
      ->check(not_empty());
  branch.add_option("--format", options.format, "Of what is printed")
      ->option_text("text|json")
      ->check(CLI::IsMember({"text", "json"}));
  branch.add_option("--summary", options.summary, "How much of the text is printed")
      ->option_text("compact|full|none")
      ->check(CLI::IsMember({"compact", "full", "none"}));
  branch
      .add_option("--jobs", options.threads,
                  "Branches side by side at most so many; results do not depend on it")
      ->option_text("N")
      ->transform(whole_number(1, 1024));
  branch.footer(kBranchExamples);
}

int branch_command(const BranchOptions& options, Console& console) {
  Result<BranchPlan> planned = plan_branches(options);
  if (auto* found = std::get_if<Issues>(&planned)) {
    const Issues issues = distinct_issues(std::move(*found));
    console.problems(issues);
    console.err << "\n" << issue_counts(issues) << ". Nothing was run.\n";
    return kExitBadInput;
  }
  BranchPlan& plan = std::get<BranchPlan>(planned);
  console.problems(plan.warnings);
  try {
    return run_branches_of(options, plan, console);
  } catch (const std::runtime_error& error) {  // the disk, memory for a branch
    console.error(error.what());
    return kExitUnfinished;
  }
}

}  // namespace hyperdc
