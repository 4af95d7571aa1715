// hyperdc check: the gate of a CI. Runs a suite and holds it against its baselines.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <memory>
#include <ostream>
#include <utility>

#include "cli/check_files.hpp"
#include "cli/commands.hpp"
#include "cli/interrupt.hpp"
#include "cli/option_checks.hpp"
#include "cli/progress.hpp"
#include "cli/run_output.hpp"
#include "core/text.hpp"
#include "experiment/check.hpp"
#include "report/check_screens.hpp"
#include "report/check_words.hpp"
#include "report/diagnostics.hpp"
#include "report/junit.hpp"
#include "results/store.hpp"

namespace hyperdc {
namespace {

constexpr const char* kCheckExamples =
    R"(Examples:
  hyperdc check scenarios/suite
  hyperdc check scenarios/suite --junit check.xml --markdown check.md
  hyperdc check scenarios/suite/storefront-day.json --update
  hyperdc check scenarios/suite/queue.json --update --seeds 10

Exit codes: 0 every objective and baseline holds (with --update: baselines are written), 1 one does
not, a scenario has no baseline, or every file was skipped, 2 wrong input (nothing was run), 3 a run
could not finish, 130 interrupted.)";

std::string read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// The old file or the new one, whatever happens.
void replace_file(const std::string& path, const std::string& text) {
  ResultFileWriter writer(path);
  write_file(writer.temporary(), text);
  writer.keep();
}

/// Reports may be written among the scenarios, but not over one.
void check_report_file(const char* option, const std::string& path,
                       const std::vector<CheckItem>& items, Issues& issues) {
  std::vector<std::string> inputs;
  for (const CheckItem& item : items) {
    inputs.push_back(item.file);
    inputs.push_back(item.baseline);
  }
  const auto input = path.empty() ? std::nullopt : input_replaced_by(path, inputs);
  if (!input) return;
  issues.push_back(option_issue(
      option, fmt::format("it would replace {}, which is read", hyperdc::quoted(*input)),
      "name another file"));
}

void check_output(const char* option, const std::string& path, Issues& issues) {
  if (path.empty()) return;
  const auto reason = why_not_write_to(path);
  if (!reason) return;
  issues.push_back(option_issue(option, hyperdc::quoted(path) + " cannot be written: " + *reason,
                                "name a file"));
}

/// What of the command line is wrong on its own.
std::vector<CheckItem> items_of(const CheckCommandOptions& options, Issues& issues) {
  std::vector<CheckItem> items = find_check_items(options.paths, options.baseline, issues);
  check_output("--junit", options.junit, issues);
  check_output("--markdown", options.markdown, issues);
  check_report_file("--junit", options.junit, items, issues);
  check_report_file("--markdown", options.markdown, items, issues);
  if (!options.junit.empty() && options.junit == options.markdown) {
    issues.push_back(option_issue("--markdown", "it is the file of --junit", "name another file"));
  }
  if (options.seeds && !options.update) {
    issues.push_back(option_issue("--seeds", "a baseline has its own seeds",
                                  "with --update they are chosen anew"));
  }
  if (!options.baseline.empty() && items.size() > 1) {
    issues.push_back(option_issue(
        "--baseline", fmt::format("{} scenarios, and a baseline is of one", items.size()),
        "name one scenario"));
  }
  for (const CheckItem& item : items) {
    if (options.update) check_output("--update", item.baseline, issues);
  }
  return items;
}

/// JUnit and Markdown are written whatever the outcome: they are how a CI hears of it.
void write_reports(const CheckCommandOptions& options, const CheckReport& report,
                   Console& console) {
  const std::string markdown = check_markdown(report);
  console.step_summary(markdown);
  if (!options.junit.empty()) replace_file(options.junit, check_junit(report));
  if (!options.markdown.empty()) replace_file(options.markdown, markdown);
}

void print_report(const CheckCommandOptions& options, const CheckReport& report, Console& console) {
  if (options.format == "json") {
    console.out << check_json(report);
  } else {
    console.out << check_screen(report, console.out_style(), console.out_facts.terminal);
  }
}

/// Writes the baselines that differ from what they would be; a scenario that was not run to its
/// end keeps its own.
void update_baselines(const CheckPlan& plan, CheckResults& results) {
  for (std::size_t i = 0; i < results.runs.size(); ++i) {
    const std::vector<RunResult>& runs = results.runs[i];
    if (runs.empty()) continue;
    CheckedScenario& checked = results.report.scenarios[i];
    Baseline baseline = plan.baselines[i] ? updated_baseline(*plan.baselines[i], runs)
                                          : make_baseline(runs, default_picks(runs));
    // All metrics that it had are gone; without any it would say nothing, and could not be read.
    if (baseline.metrics.empty()) {
      baseline.metrics = make_baseline(runs, default_picks(runs)).metrics;
    }
    const std::string text = to_json(baseline);
    checked.update = CheckedScenario::Update::unchanged;
    if (read_text(checked.baseline_file) != text) {
      replace_file(checked.baseline_file, text);
      checked.update = CheckedScenario::Update::written;
    }
    checked.status = CheckStatus::passed;
  }
}

/// A gate that looked at nothing must not be open.
bool nothing_checked(const CheckReport& report) {
  return count_of(report, CheckStatus::skipped) == report.scenarios.size();
}

int exit_code(const CheckReport& report) {
  if (count_of(report, CheckStatus::invalid) > 0) return kExitBadInput;
  if (count_of(report, CheckStatus::crashed) > 0) return kExitUnfinished;
  if (report.interrupted) return kExitInterrupted;
  const bool missed = count_of(report, CheckStatus::failed) > 0 || nothing_checked(report);
  return missed ? kExitMissed : kExitOk;
}

/// Something is wrong with a file of the suite: it is said, and nothing is run.
int refuse(const CheckCommandOptions& options, const CheckPlan& plan, Console& console) {
  Issues issues = plan.warnings;
  for (const CheckedScenario& one : plan.report.scenarios) {
    issues.insert(issues.end(), one.issues.begin(), one.issues.end());
  }
  issues = distinct_issues(std::move(issues));
  console.problems(issues);
  write_reports(options, plan.report, console);
  print_report(options, plan.report, console);
  console.err << "\n" << issue_counts(issues) << ". Nothing was run.\n";
  return kExitBadInput;
}

int execute_check(const CheckCommandOptions& options, CheckPlan& plan, Console& console) {
  std::atomic<bool> stop{false};
  CommandCost cost;
  cost.threads = plan.options.threads;
  const auto begin = std::chrono::steady_clock::now();
  CheckResults results;
  {
    const InterruptWatch watch(stop);
    std::unique_ptr<ProgressLine> progress;
    if (can_animate(console.err_facts) && !plan.requests.empty()) {
      progress =
          std::make_unique<ProgressLine>(console.err, console.err_style(), plan.requests.size());
    }
    results = run_check(plan, stop, progress.get());
  }
  cost.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (options.update && !results.report.interrupted) update_baselines(plan, results);
  write_reports(options, results.report, console);
  print_report(options, results.report, console);
  console.out.flush();
  if (console.on_github()) console.err << issues_github(check_annotations(results.report));
  console.err << cost_text(results.costs, cost) << '\n';
  if (nothing_checked(results.report)) {
    console.error("nothing was checked: every file was skipped");
  }
  return exit_code(results.report);
}

void add_outputs(CLI::App& check, CheckCommandOptions& options) {
  check.add_option("--junit", options.junit, "Writes JUnit XML: a testcase for each scenario")
      ->option_text("FILE")
      ->check(not_empty());
  check.add_option("--markdown", options.markdown, "Writes a summary for pull requests")
      ->option_text("FILE")
      ->check(not_empty());
  check.add_option("--format", options.format, "Of what is printed")
      ->option_text("text|json")
      ->check(CLI::IsMember({"text", "json"}));
}

}  // namespace

void add_check_command(CLI::App& app, CheckCommandOptions& options) {
  CLI::App& check = *app.add_subcommand(
      "check", "Runs a suite of scenarios and compares them with their baselines");
  check.add_option("scenarios", options.paths, "Scenario files, or directories of them")
      ->required()
      ->option_text("DIR|FILE...");
  check
      .add_option("--baseline", options.baseline,
                  "The baseline of the one scenario; without, NAME.baseline.json beside it")
      ->option_text("FILE")
      ->check(not_empty());
  check.add_flag("--update", options.update,
                 "Writes the baselines: values and fingerprints anew, tolerances and the choice "
                 "of metrics as they are");
  check
      .add_option("--seeds", options.seeds,
                  "With --update: seeds of the baselines; without, as many as they have, or one")
      ->option_text("N")
      ->transform(whole_number(1, 100'000));
  check.add_flag("--exact", options.exact,
                 "Fails when any event differs, though all metrics are within tolerance");
  check.add_flag("--require-files", options.require_files,
                 "A trace that is missing is an error; without, its scenario is skipped");
  check
      .add_option("--catalog", options.catalogs,
                  "Looks for catalog entries here before the installed catalog; may be repeated")
      ->option_text("DIR")
      ->allow_extra_args(false);
  check
      .add_option("--traces", options.traces,
                  "Looks for traces here beside the scenario's own directory; may be repeated")
      ->option_text("DIR")
      ->allow_extra_args(false);
  check
      .add_option("--jobs", options.threads,
                  "Runs side by side at most so many; results do not depend on it")
      ->option_text("N")
      ->transform(whole_number(1, 1024));
  add_outputs(check, options);
  check.footer(kCheckExamples);
}

int check_command(const CheckCommandOptions& options, Console& console) {
  Issues issues;
  const LoadOptions load = load_options({{}, {}, options.catalogs, options.traces}, issues);
  const std::vector<CheckItem> items = items_of(options, issues);
  if (!issues.empty()) {
    console.problems(issues);
    console.err << "\n" << issue_counts(issues) << ". Nothing was run.\n";
    return kExitBadInput;
  }
  CheckOptions how;
  how.threads = threads_or_all(options.threads);
  how.exact = options.exact;
  how.require_files = options.require_files;
  how.update = options.update;
  how.seeds = options.seeds;
  try {
    CheckPlan plan = plan_check(items, load, how);
    if (!plan.valid()) return refuse(options, plan, console);
    console.problems(plan.warnings);
    return execute_check(options, plan, console);
  } catch (const WriteFailed& error) {
    console.error(error.what());
    return kExitUnfinished;
  }
}

}  // namespace hyperdc
