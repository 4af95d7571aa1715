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
#include "experiment/plan.hpp"
#include "experiment/plan_runs.hpp"
#include "report/diagnostics.hpp"
#include "report/plan_screens.hpp"

namespace hyperdc {
namespace {

constexpr const char* kPlanExamples =
    R"(Examples:
  hyperdc plan least-accelerators.json
  hyperdc plan least-accelerators.json --confidence 0.99 --jobs 4
  hyperdc plan least-accelerators.json --format json > plan.json

Exit codes: 0 a candidate is shown to meet the objectives (the least, or it says what is undecided),
1 none is, or fresh seeds contradict it, 2 wrong input (nothing was run), 3 a run failed,
130 interrupted.)";

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

int search(const PlanOptions& options, const PlanInput& input, Console& console) {
  std::atomic<bool> stop{false};
  const InterruptWatch watch(stop);
  PlanOutcome outcome;
  const auto begin = std::chrono::steady_clock::now();
  {
    std::unique_ptr<PlanLine> line;
    if (can_animate(console.err_facts)) line = std::make_unique<PlanLine>(console);
    SimulatedCandidates::Options how;
    how.load = input.load;
    how.threads = threads_or_all(options.threads);
    how.progress = line.get();
    SimulatedCandidates runs(input.study, input.prepared.problem, std::move(how), stop);
    outcome = answer_plan(input.study, input.prepared, runs);
  }
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
  console.err << fmt::format("{} runs in {:.1f} s\n", outcome.runs, wall.count());
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
  try {
    return search(options, input, console);
  } catch (const PlanFailed& problem) {
    console.error(problem.what());
    return kExitUnfinished;
  }
}

}  // namespace hyperdc
