// hyperdc sweep: does the runs of a study that its file does not have yet.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <ostream>
#include <thread>

#include "cli/commands.hpp"
#include "cli/interrupt.hpp"
#include "cli/option_checks.hpp"
#include "core/text.hpp"
#include "experiment/sweep.hpp"
#include "report/diagnostics.hpp"
#include "report/format.hpp"
#include "report/table.hpp"
#include "results/store.hpp"
#include "results/study_export.hpp"

namespace hyperdc {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kSweepExamples =
    R"(Examples:
  hyperdc sweep scalers.json --list
  hyperdc sweep scalers.json
  hyperdc sweep scalers.json --resume --replications 40
  hyperdc compare scalers.sqlite

Exit codes: 0 every run is done, 2 wrong input (nothing was run), 3 a run failed or the disk is
full (what was done is kept), 130 interrupted (what was done is kept).)";

/// One line on a terminal, redrawn ten times a second at most.
class SweepLine final : public SweepProgress {
 public:
  explicit SweepLine(Console& console) : console_(console) {}
  ~SweepLine() override {
    if (drawn_) console_.err << "\r\x1b[K" << std::flush;
  }

  void progress(std::size_t ended, std::size_t failed, std::size_t runs) override {
    const Clock::time_point now = Clock::now();
    if (drawn_ && now - *drawn_ < std::chrono::milliseconds(100)) return;
    drawn_ = now;
    std::string text = fmt::format(" {} of {} runs", ended, runs);
    if (failed > 0) text += fmt::format(" · {} failed", failed);
    const double elapsed_s = std::chrono::duration<double>(now - begin_).count();
    if (ended > 0 && elapsed_s > 1) {
      const double left_s =
          elapsed_s * static_cast<double>(runs - ended) / static_cast<double>(ended);
      text += fmt::format(" · {} left",
                          format_for_people(std::max(1.0, std::round(left_s)), Dimension::time));
    }
    console_.err << "\r\x1b[K" << console_.err_style().fit(text) << std::flush;
  }

 private:
  Console& console_;
  Clock::time_point begin_ = Clock::now();
  std::optional<Clock::time_point> drawn_;
};

std::string seeds_text(const StudyPlan& plan, std::size_t variation) {
  std::uint64_t least = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t most = 0;
  for (const StudyRun& run : plan.runs) {
    if (run.variation != variation) continue;
    least = std::min(least, run.seed);
    most = std::max(most, run.seed);
  }
  return least == most ? fmt::format("{}", least) : fmt::format("{}..{}", least, most);
}

std::string list_text(const StudyPlan& plan, const TextStyle& style) {
  Table table(style);
  table.column(Align::left, 1);
  table.column(Align::right);
  table.column(Align::left);
  table.header({"VARIATION", "seeds", "sets"});
  for (std::size_t v = 0; v < plan.variations.size(); ++v) {
    std::string sets;
    for (const auto& [name, value] : plan.variations[v].parameters) {
      sets += fmt::format("{}{} {}", sets.empty() ? "" : ", ", name, value);
    }
    table.row({{plan.variations[v].name}, {seeds_text(plan, v)}, {sets}});
  }
  return table.render();
}

struct Planned {
  Study study;
  PlannedStudy planned;
  LoadOptions load;
};

Result<Planned> plan_of(const SweepCommandOptions& options) {
  Issues issues;
  Planned out;
  out.load = load_options(options.input, issues);
  Result<Study> study = load_study(options.input.files.front(), options.seed);
  if (auto* found = std::get_if<Issues>(&study)) {
    issues.insert(issues.end(), found->begin(), found->end());
    return issues;
  }
  if (!issues.empty()) return issues;
  out.study = std::move(std::get<Study>(study));
  if (options.replications) out.study.replications = *options.replications;
  Result<PlannedStudy> planned = plan_study(out.study, out.load);
  if (auto* found = std::get_if<Issues>(&planned)) return std::move(*found);
  out.planned = std::move(std::get<PlannedStudy>(planned));
  return out;
}

/// What happened, and what a reader would do next.
std::string outcome_text(const SweepOutcome& outcome, const std::string& file, double wall_s) {
  std::string text = fmt::format("{}: {}", file, plural(outcome.runs, "run", "runs"));
  if (outcome.there > 0) text += fmt::format(", {} done before", outcome.there);
  text +=
      fmt::format(", {} done now in {}", outcome.done,
                  format_for_people(std::max(0.1, std::round(10 * wall_s) / 10), Dimension::time));
  if (!outcome.failures.empty()) text += fmt::format(", {} failed", outcome.failures.size());
  const std::size_t left = outcome.runs - outcome.there - outcome.done - outcome.failures.size();
  if (left > 0) text += fmt::format(", {} left", left);
  text += outcome.interrupted ? "\ngo on: hyperdc sweep … --resume\n"
                              : fmt::format("\nnext: hyperdc compare {}\n", file);
  return text;
}

int run_sweep(const SweepCommandOptions& options, const Planned& planned, const std::string& file,
              Console& console) {
  StudyStore store(file, options.resume ? StudyStore::Open::resume : StudyStore::Open::fresh);
  std::atomic<bool> stop{false};
  const InterruptWatch watch(stop);
  SweepOptions how;
  how.threads =
      options.threads == 0 ? std::max(1U, std::thread::hardware_concurrency()) : options.threads;
  how.retry_failed = options.retry_failed;
  const Clock::time_point begin = Clock::now();
  SweepOutcome outcome;
  {
    std::unique_ptr<SweepLine> line;
    if (can_animate(console.err_facts)) line = std::make_unique<SweepLine>(console);
    how.progress = line.get();
    outcome = sweep(planned.study, planned.planned.plan, planned.load, store, how, stop);
  }
  const double wall_s = std::chrono::duration<double>(Clock::now() - begin).count();
  for (const SweepFailure& failure : outcome.failures) {
    console.error(
        fmt::format("{} (seed {}): {}", failure.variation, failure.seed, failure.message));
  }
  console.out << outcome_text(outcome, file, wall_s);
  if (outcome.interrupted) return kExitInterrupted;
  return outcome.failures.empty() ? kExitOk : kExitUnfinished;
}

}  // namespace

void add_sweep_command(CLI::App& app, SweepCommandOptions& options) {
  CLI::App& sweep = *app.add_subcommand("sweep", "Runs the variations of a study");
  add_input_options(sweep, options.input, "study");
  sweep.get_option("study")->expected(1)->option_text("STUDY")->description("A study file (JSON)");
  sweep
      .add_option("--out", options.out,
                  "The file of the study's runs (SQLite); NAME.sqlite without")
      ->option_text("FILE")
      ->check(not_empty());
  sweep.add_flag("--resume", options.resume,
                 "Goes on with a file that has runs: those that are done are not done again");
  sweep.add_flag("--retry-failed", options.retry_failed, "Does runs again that failed before");
  sweep.add_flag("--list", options.list, "Prints the variations and their seeds, runs nothing");
  sweep.add_option("--format", options.format, "Of what --list prints")
      ->option_text("text|json")
      ->check(CLI::IsMember({"text", "json"}));
  sweep.add_option("--seed", options.seed, "First seed, instead of the study's")
      ->option_text("N")
      ->transform(whole_number(0, std::numeric_limits<std::uint64_t>::max() / 2));
  sweep
      .add_option("--replications", options.replications,
                  "Seeds of each variation, instead of the study's")
      ->option_text("N")
      ->transform(whole_number(1, 100'000));
  sweep
      .add_option("--jobs", options.threads,
                  "Runs side by side at most so many; results do not depend on it")
      ->option_text("N")
      ->transform(whole_number(1, 1024));
  sweep.footer(kSweepExamples);
}

int sweep_command(const SweepCommandOptions& options, Console& console) {
  Result<Planned> result = plan_of(options);
  if (auto* found = std::get_if<Issues>(&result)) {
    const Issues issues = distinct_issues(std::move(*found));
    console.problems(issues);
    console.err << "\n" << issue_counts(issues) << ". Nothing was run.\n";
    return kExitBadInput;
  }
  const Planned& planned = std::get<Planned>(result);
  console.problems(planned.planned.warnings);
  if (options.list) {
    console.out << (options.format == "json"
                        ? plan_json(planned.planned.plan)
                        : list_text(planned.planned.plan, console.out_style()));
    return kExitOk;
  }
  const std::string file = options.out.empty() ? planned.study.name + ".sqlite" : options.out;
  try {
    return run_sweep(options, planned, file, console);
  } catch (const StoreProblem& problem) {
    console.error(problem.what());
    return kExitBadInput;
  } catch (const WriteFailed& problem) {
    console.error(problem.what(), "what was done before is kept; --resume goes on");
    return kExitUnfinished;
  }
}

}  // namespace hyperdc
