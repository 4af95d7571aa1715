// hyperdc run: scenarios and seeds side by side.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <fmt/format.h>
#include <limits>
#include <memory>
#include <ostream>
#include <utility>

#include "cli/commands.hpp"
#include "cli/interrupt.hpp"
#include "cli/option_checks.hpp"
#include "cli/progress.hpp"
#include "cli/run_output.hpp"
#include "cli/run_plan.hpp"
#include "report/diagnostics.hpp"
#include "report/summary_many.hpp"
#include "report/summary_one.hpp"

namespace hyperdc {
namespace {

constexpr const char* kRunExamples =
    R"(Examples:
  hyperdc run scenarios/examples/openb-fgd.json
  hyperdc run fgd.json best-fit.json --seeds 5
  hyperdc run launch-week.json --out out/lw --set seed=7
  hyperdc run launch-week.json --until "2 d" --format json

Exit codes: 0 every objective holds, 1 an objective is missed, 2 wrong input (nothing was run),
3 a run could not finish, 130 interrupted.)";

/// What was measured, in the order of the requests.
std::vector<RunResult> results_of(const std::vector<RunOutcome>& outcomes) {
  std::vector<RunResult> results;
  for (const RunOutcome& outcome : outcomes) {
    if (outcome.result) results.push_back(*outcome.result);
  }
  return results;
}

std::string screen(const std::vector<RunResult>& results, const RunOptions& options,
                   std::size_t requested, const TextStyle& style) {
  if (options.summary == "none" || results.empty()) return {};
  ScreenOptions screen;
  screen.style = style;
  screen.detail = options.summary == "full" ? Detail::full : Detail::compact;
  screen.files = options.input.files;
  screen.runs = requested;
  if (requested == 1) return summary_one(results.front(), screen);
  return summary_many(results, screen);
}

void print(const std::vector<RunResult>& results, const RunOptions& options, std::size_t requested,
           Console& console) {
  if (options.format == "json") {
    if (requested > 1) {
      console.out << to_json(results);
    } else if (!results.empty()) {
      console.out << to_json(results.front());
    }
  } else {
    console.out << screen(results, options, requested, console.out_style());
  }
  const std::string page = screen(results, options, requested, TextStyle{false, true});
  if (!page.empty()) {
    console.step_summary(fmt::format("### hyperdc run\n\n```text\n{}```\n\n", page));
  }
}

/// Says which runs failed; true if any did.
bool report_failures(const std::vector<RunOutcome>& outcomes, const RunPlan& plan,
                     const Console& console) {
  bool any = false;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (!outcomes[i].failure) continue;
    any = true;
    console.error(fmt::format("{} (seed {}): {}", plan.requests[i].scenario->name,
                              outcomes[i].failure->seed, outcomes[i].failure->message));
  }
  return any;
}

/// Where files go: given to the runs before they start, put in place when they are done.
struct Outputs {
  std::unique_ptr<ResultDirectory> directory;
  std::unique_ptr<ResultFileWriter> timeline;
};

Outputs open_outputs(const RunOptions& options, RunPlan& plan) {
  Outputs outputs;
  if (!options.out.empty()) {
    const bool several = plan.requests.size() > 1;
    outputs.directory = std::make_unique<ResultDirectory>(
        options.out, several ? plan.names : std::vector<std::string>());
    for (RunRequest& request : plan.requests) {
      request.distributions = true;
      request.places = true;
    }
    for (std::size_t i = 0; plan.write_jobs_csv && i < plan.requests.size(); ++i) {
      const Scenario& scenario = *plan.requests[i].scenario;
      if (!scenario.pools.empty()) {
        plan.requests[i].jobs_csv = outputs.directory->path(i, "jobs.csv");
      }
      if (!scenario.transfers.empty()) {
        plan.requests[i].flows_csv = outputs.directory->path(i, "flows.csv");
      }
      const bool models = std::ranges::any_of(
          scenario.services, [](const ServiceWorkload& one) { return one.inference.has_value(); });
      if (models) plan.requests[i].requests_csv = outputs.directory->path(i, "requests.csv");
    }
  }
  if (!options.timeline.empty()) {
    outputs.timeline = std::make_unique<ResultFileWriter>(options.timeline);
    plan.requests.front().timeline = outputs.timeline->temporary();
  }
  return outputs;
}

/// Puts the files of complete runs in place; what was not stored, in words.
std::string keep_outputs(Outputs& outputs, const RunOptions& options, const RunPlan& plan,
                         const std::vector<RunOutcome>& outcomes, const CommandCost& cost) {
  std::string missing;
  if (outputs.directory) {
    const std::size_t stored = store_results(*outputs.directory, plan, outcomes, cost);
    if (stored < plan.requests.size()) {
      missing =
          fmt::format("{} of {} runs stored in {}\n", stored, plan.requests.size(), options.out);
    }
  }
  const std::optional<RunResult>& first = outcomes.front().result;
  if (outputs.timeline && first && first->complete) outputs.timeline->keep();
  return missing;
}

std::vector<RunOutcome> run_requests(const RunPlan& plan, unsigned threads, std::atomic<bool>& stop,
                                     Console& console) {
  const InterruptWatch watch(stop);
  std::unique_ptr<ProgressLine> line;
  if (can_animate(console.err_facts)) {
    line = std::make_unique<ProgressLine>(console.err, console.err_style(), plan.requests.size());
  }
  return run_all(plan.requests, threads, stop, line.get());
}

bool missed_objective(const std::vector<RunResult>& results) {
  return std::any_of(results.begin(), results.end(), [](const RunResult& result) {
    return std::any_of(result.objectives.begin(), result.objectives.end(),
                       [](const ResultObjective& objective) { return !objective.met; });
  });
}

int execute(const RunOptions& options, const RunPlan& plan, Outputs& outputs, Console& console) {
  CommandCost cost;
  cost.threads = threads_or_all(options.threads);
  std::atomic<bool> stop{false};
  const auto begin = std::chrono::steady_clock::now();
  const std::vector<RunOutcome> outcomes = run_requests(plan, cost.threads, stop, console);
  cost.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();

  const std::vector<RunResult> results = results_of(outcomes);
  const bool failed = report_failures(outcomes, plan, console);
  const bool interrupted =
      !failed && (results.size() < outcomes.size() ||
                  std::any_of(results.begin(), results.end(),
                              [](const RunResult& result) { return !result.complete; }));
  // Stored before anything is printed: the reader of a pipe may have gone. And printed even if it
  // could not be stored.
  std::string missing;
  std::optional<WriteFailed> not_stored;
  try {
    missing = keep_outputs(outputs, options, plan, outcomes, cost);
  } catch (const WriteFailed& error) {
    not_stored = error;
  }
  print(results, options, plan.requests.size(), console);
  console.out.flush();
  console.err << cost_text(outcomes, cost) << '\n' << missing;
  if (not_stored) throw WriteFailed(*not_stored);
  if (failed) return kExitUnfinished;
  if (interrupted) return kExitInterrupted;
  return missed_objective(results) ? kExitMissed : kExitOk;
}

}  // namespace

void add_run_command(CLI::App& app, RunOptions& options) {
  CLI::App& run = *app.add_subcommand("run", "Runs scenarios and prints what they measured");
  add_input_options(run, options.input, "scenarios");
  run.add_option("--out", options.out,
                 "Stores result.json, run.json, series.csv, distributions.csv, jobs.csv, "
                 "flows.csv, requests.csv, racks.csv, links.csv and fabrics.json in this "
                 "directory; several runs "
                 "get a sub-directory each")
      ->option_text("DIR")
      ->check(not_empty());
  run.add_option("--seed", options.seed, "Seed, instead of the scenario's")
      ->option_text("N")
      ->transform(whole_number(0, std::numeric_limits<std::uint64_t>::max()));
  run.add_option("--seeds", options.seeds, "Runs N seeds, from the first one upwards")
      ->option_text("N")
      ->transform(whole_number(1, 100'000));
  run.add_option("--until", options.until, "Ends the run at this time of the simulation")
      ->option_text("TIME")
      ->check(not_empty());
  run.add_option("--format", options.format, "Of what is printed")
      ->option_text("text|json")
      ->check(CLI::IsMember({"text", "json"}));
  run.add_option("--summary", options.summary, "How much of the text is printed")
      ->option_text("compact|full|none")
      ->check(CLI::IsMember({"compact", "full", "none"}));
  run.add_option("--threads", options.threads,
                 "Runs side by side at most so many; results do not depend on it")
      ->option_text("N")
      ->transform(whole_number(1, 1024));
  run.add_option("--timeline", options.timeline,
                 "Writes a timeline that Perfetto opens; one run only")
      ->option_text("FILE")
      ->check(not_empty());
  run.add_flag("--jobs-csv", options.jobs_csv,
               "Stores jobs.csv, flows.csv and requests.csv (a row for each job, transfer and "
               "request to a model) for several runs too");
  run.add_flag("--no-jobs-csv", options.no_jobs_csv,
               "Stores no jobs.csv, flows.csv or requests.csv");
  run.footer(kRunExamples);
}

int run_command(const RunOptions& options, Console& console) {
  Result<std::unique_ptr<RunPlan>> planned = plan_runs(options);
  if (auto* found = std::get_if<Issues>(&planned)) {
    const Issues issues = distinct_issues(std::move(*found));
    console.problems(issues);
    console.err << "\n" << issue_counts(issues) << ". Nothing was run.\n";
    return kExitBadInput;
  }
  RunPlan& plan = *std::get<std::unique_ptr<RunPlan>>(planned);
  console.problems(plan.warnings);
  for (const std::string& set : options.input.sets) {
    console.err << "set " << printable(set) << '\n';
  }
  Outputs outputs;
  try {
    outputs = open_outputs(options, plan);
  } catch (const WriteFailed& error) {
    console.error(error.what());
    console.err << "\n1 error. Nothing was run.\n";
    return kExitBadInput;
  }
  try {
    return execute(options, plan, outputs, console);
  } catch (const WriteFailed& error) {
    console.error(error.what());
    return kExitUnfinished;
  }
}

}  // namespace hyperdc
