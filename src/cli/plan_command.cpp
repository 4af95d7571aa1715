// hyperdc plan: searches for the least capacity or cost that meets the objectives.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <limits>
#include <memory>
#include <ostream>

#include "cli/commands.hpp"
#include "cli/interrupt.hpp"
#include "cli/option_checks.hpp"
#include "cli/progress.hpp"
#include "cli/study_file.hpp"
#include "experiment/plan.hpp"
#include "experiment/plan_runs.hpp"
#include "report/diagnostics.hpp"
#include "report/format.hpp"
#include "report/plan_screens.hpp"

namespace hyperdc {
namespace {

constexpr const char* kPlanExamples =
    R"(Examples:
  hyperdc plan least-accelerators.json
  hyperdc plan least-accelerators.json --resume
  hyperdc plan least-accelerators.json --resume --format json > plan.json
  hyperdc plan least-accelerators.json --confidence 0.99 --out sure.sqlite --jobs 4
  hyperdc export least-accelerators.plan.sqlite --format csv

Exit codes: 0 a candidate is shown to meet the objectives (the least, or it says what is undecided),
1 none is, or fresh seeds contradict it, 2 wrong input (nothing was run), 3 a run failed or the disk
is full (what was done is kept), 130 interrupted (what was done is kept).)";

/// One line on a terminal, redrawn ten times a second at most.
class PlanLine final : public PlanProgress {
 public:
  explicit PlanLine(Console& console) : line_(console.err, console.err_style()) {}

  void progress(const std::string& candidate, std::size_t runs) override {
    if (!line_.due(std::chrono::steady_clock::now())) return;
    line_.draw(fmt::format(" {} runs · now {}", runs, shorten(printable(candidate), 60)));
  }

 private:
  TerminalLine line_;
};

struct PlanInput {
  PlanStudy study;
  PreparedPlan prepared;
  LoadOptions load;
};

Result<PlanInput> read_plan(const PlanOptions& options) {
  Issues issues;
  PlanInput out;
  out.load = load_options(options.input, issues);
  Result<PlanStudy> study = load_plan_study(options.input.files.front(), options.seed);
  if (auto* found = std::get_if<Issues>(&study)) {
    issues.insert(issues.end(), found->begin(), found->end());
  }
  if (!issues.empty()) return issues;
  out.study = std::move(std::get<PlanStudy>(study));
  if (options.confidence) out.study.plan.confidence = *options.confidence;
  Result<PreparedPlan> prepared = prepare_plan(out.study, out.load);
  if (auto* found = std::get_if<Issues>(&prepared)) return std::move(*found);
  out.prepared = std::move(std::get<PreparedPlan>(prepared));
  return out;
}

/// How many runs there were, and what a reader would do next.
std::string runs_text(const PlanOutcome& outcome, const SimulatedCandidates& runs,
                      const std::string& file, double wall_s) {
  std::string text = fmt::format("{}: {}", file, plural(runs.there() + runs.done(), "run", "runs"));
  if (runs.there() > 0) text += fmt::format(", {} done before", runs.there());
  text += fmt::format(", {} done now in {:.1f} s\n", runs.done(), wall_s);
  return outcome.complete ? text : text + "go on: hyperdc plan … --resume\n";
}

int search(const PlanOptions& options, const PlanInput& input, StudyStore& store,
           const std::string& file, Console& console) {
  std::atomic<bool> stop{false};
  const InterruptWatch watch(stop);
  PlanOutcome outcome;
  std::string runs_done;
  const auto begin = std::chrono::steady_clock::now();
  {
    std::unique_ptr<PlanLine> line;
    if (can_animate(console.err_facts)) line = std::make_unique<PlanLine>(console);
    SimulatedCandidates::Options how;
    how.load = input.load;
    how.threads = threads_or_all(options.threads);
    how.progress = line.get();
    how.store = &store;
    SimulatedCandidates runs(input.study, input.prepared.problem, std::move(how), stop);
    outcome = answer_plan(input.study, input.prepared, runs);
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
    runs_done = runs_text(outcome, runs, file, wall.count());
  }
  console.err << runs_done;
  if (options.format == "json") {
    console.out << plan_outcome_json(outcome);
  } else {
    console.out << plan_screen(outcome, console.out_style());
    console.step_summary(fmt::format("### hyperdc plan\n\n```text\n{}```\n\n",
                                     plan_screen(outcome, TextStyle{false, true})));
  }
  if (!outcome.complete) return kExitInterrupted;
  return outcome.answer && !answer_is_contradicted(outcome) ? kExitOk : kExitMissed;
}

}  // namespace

void add_plan_command(CLI::App& app, PlanOptions& options) {
  CLI::App& command = *app.add_subcommand(
      "plan", "Searches for the least capacity or cost that meets the objectives");
  add_input_options(command, options.input, "study");
  command.get_option("study")->expected(1)->option_text("STUDY")->description(
      "A study file (JSON) with a plan");
  command
      .add_option("--out", options.out,
                  "The file of the plan's runs (SQLite); NAME.plan.sqlite without")
      ->option_text("FILE")
      ->check(not_empty());
  command.add_flag("--resume", options.resume,
                   "Goes on with a file that has runs: those that are done are not done again");
  command.add_option("--seed", options.seed, "First seed, instead of the study's")
      ->option_text("N")
      ->transform(whole_number(0, std::numeric_limits<std::uint64_t>::max() / 2));
  command
      .add_option("--confidence", options.confidence,
                  "That all verdicts hold together, instead of the plan's")
      ->option_text("SHARE")
      ->check(CLI::Range(0.5, 0.9999));
  command
      .add_option("--jobs", options.threads,
                  "Runs side by side at most so many; results do not depend on it")
      ->option_text("N")
      ->transform(whole_number(1, 1024));
  command.add_option("--format", options.format, "Of what is printed")
      ->option_text("text|json")
      ->check(CLI::IsMember({"text", "json"}));
  command.footer(kPlanExamples);
}

int plan_command(const PlanOptions& options, Console& console) {
  Result<PlanInput> result = read_plan(options);
  if (auto* found = std::get_if<Issues>(&result)) {
    const Issues issues = distinct_issues(std::move(*found));
    console.problems(issues);
    console.err << "\n" << issue_counts(issues) << ". Nothing was run.\n";
    return kExitBadInput;
  }
  const PlanInput& input = std::get<PlanInput>(result);
  console.problems(distinct_issues(input.prepared.warnings));
  const std::string file =
      options.out.empty() ? input.study.study.name + ".plan.sqlite" : options.out;
  StudyPlan head;  // candidates and runs are listed as they are asked for
  head.name = input.study.study.name;
  head.description = input.study.study.description;
  head.searched = true;
  return with_study_file(
      file, options.resume, console, [&](StudyStore& store) { store.set_plan(head); },
      [&](StudyStore& store) {
        try {
          return search(options, input, store, file, console);
        } catch (const PlanFailed& problem) {
          console.error(problem.what(), "what was done before is kept; --resume goes on");
          return static_cast<int>(kExitUnfinished);
        }
      });
}

}  // namespace hyperdc
