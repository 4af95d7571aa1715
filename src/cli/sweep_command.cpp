// hyperdc sweep: does the runs of a study that its file does not have yet.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <glob.h>
#include <limits>
#include <memory>
#include <optional>
#include <ostream>
#include <set>
#include <system_error>

#include "cli/commands.hpp"
#include "cli/interrupt.hpp"
#include "cli/option_checks.hpp"
#include "cli/progress.hpp"
#include "cli/study_file.hpp"
#include "cli/sweep_engine.hpp"
#include "core/text.hpp"
#include "experiment/sweep.hpp"
#include "report/diagnostics.hpp"
#include "report/format.hpp"
#include "report/table.hpp"
#include "results/study_export.hpp"

namespace hyperdc {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kSweepExamples =
    R"(Examples:
  hyperdc sweep scalers.json --list
  hyperdc sweep scalers.json
  hyperdc sweep scalers.json --resume --replications 40
  hyperdc sweep scalers.json --part 0/8 --out part0.sqlite
  hyperdc sweep scalers.json --resume --collect 'part*.sqlite'
  hyperdc sweep scalers.json --engine slurm --tasks 64 --sbatch-option=--time=60
  hyperdc sweep scalers.json --engine kubernetes --dry-run --image lab/hyperdc --claim studies
  hyperdc compare scalers.sqlite

Exit codes: 0 every run is done, 2 wrong input (nothing was run), 3 a run failed, the disk is full
or the cluster does not answer (what was done is kept), 130 interrupted (what was done is kept).)";

/// One line on a terminal, redrawn ten times a second at most.
class SweepLine final : public SweepProgress {
 public:
  explicit SweepLine(Console& console) : line_(console.err, console.err_style()) {}

  void clear() { line_.clear(); }

  void progress(std::size_t ended, std::size_t failed, std::size_t runs) override {
    const Clock::time_point now = Clock::now();
    if (!line_.due(now)) return;
    std::string text = fmt::format(" {} of {} runs", ended, runs);
    if (failed > 0) text += fmt::format(" · {} failed", failed);
    const double elapsed_s = std::chrono::duration<double>(now - begin_).count();
    if (ended > 0 && elapsed_s > 1) {
      const double left_s =
          elapsed_s * static_cast<double>(runs - ended) / static_cast<double>(ended);
      text += fmt::format(" · {} left",
                          format_for_people(std::max(1.0, std::round(left_s)), Dimension::time));
    }
    line_.draw(text);
  }

  void planned(std::size_t read, std::size_t variations) {
    if (!line_.due(Clock::now())) return;
    line_.draw(fmt::format(" {} of {} variations read", read, variations));
  }

 private:
  TerminalLine line_;
  Clock::time_point begin_ = Clock::now();
};

/// Least and largest seed of each variation.
std::vector<std::string> seeds_texts(const StudyPlan& plan) {
  struct Span {
    std::uint64_t least = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t most = 0;
  };
  std::vector<Span> spans(plan.variations.size());
  for (const StudyRun& run : plan.runs) {
    Span& span = spans[run.variation];
    span.least = std::min(span.least, run.seed);
    span.most = std::max(span.most, run.seed);
  }
  std::vector<std::string> out;
  for (const Span& span : spans) {
    out.push_back(span.least == span.most ? fmt::format("{}", span.least)
                                          : fmt::format("{}..{}", span.least, span.most));
  }
  return out;
}

std::string list_text(const StudyPlan& plan, const TextStyle& style) {
  Table table(style);
  table.column(Align::left, 1);
  table.column(Align::right);
  table.column(Align::left);
  table.header({"VARIATION", "seeds", "sets"});
  const std::vector<std::string> seeds = seeds_texts(plan);
  for (std::size_t v = 0; v < plan.variations.size(); ++v) {
    std::string sets;
    for (const VariedValue& value : plan.variations[v].parameters) {
      sets += fmt::format("{}{} {}", sets.empty() ? "" : ", ", value.name, value.label);
    }
    table.row({{plan.variations[v].name}, {seeds[v]}, {sets}});
  }
  return table.render();
}

struct Planned {
  Study study;
  PlannedStudy planned;
  LoadOptions load;
};

Result<Planned> plan_of(const SweepCommandOptions& options, Console& console) {
  Issues issues;
  Planned out;
  out.load = load_options(options.input, issues);
  Result<Study> study = load_study(options.input.files.front());
  if (auto* found = std::get_if<Issues>(&study)) {
    issues.insert(issues.end(), found->begin(), found->end());
    return issues;
  }
  if (!issues.empty()) return issues;
  out.study = std::move(std::get<Study>(study));
  if (options.seed) out.study.first_seed = options.seed;
  if (options.replications) out.study.replications = *options.replications;
  const double runs = static_cast<double>(out.study.variations.size()) *
                      static_cast<double>(out.study.replications);
  if (runs > static_cast<double>(kMaxStudyRuns)) {
    issues.push_back(option_issue("--replications", fmt::format("that makes {:.0f} runs", runs),
                                  fmt::format("a study may have {}", kMaxStudyRuns)));
    return issues;
  }
  std::unique_ptr<SweepLine> line;
  if (can_animate(console.err_facts)) line = std::make_unique<SweepLine>(console);
  const auto tell = [&](std::size_t read) {
    if (line) line->planned(read, out.study.variations.size());
  };
  Result<PlannedStudy> planned =
      plan_study(out.study, out.load, threads_or_all(options.threads), tell);
  if (auto* found = std::get_if<Issues>(&planned)) return std::move(*found);
  out.planned = std::move(std::get<PlannedStudy>(planned));
  return out;
}

/// What happened, and what a reader would do next.
std::string outcome_text(const SweepOutcome& outcome, const std::string& file, bool part,
                         double wall_s) {
  std::string text = fmt::format("{}: {}", file, plural(outcome.runs, "run", "runs"));
  if (outcome.there > 0) text += fmt::format(", {} done before", outcome.there);
  text +=
      fmt::format(", {} done now in {}", outcome.done,
                  format_for_people(std::max(0.1, std::round(10 * wall_s) / 10), Dimension::time));
  if (!outcome.failures.empty()) text += fmt::format(", {} failed", outcome.failures.size());
  const std::size_t left = outcome.runs - outcome.there - outcome.done - outcome.failures.size();
  if (left > 0 && !part) text += fmt::format(", {} left", left);
  if (outcome.stopped) {
    text +=
        fmt::format("\nstopped by its rule after {} seeds of each variation", outcome.replications);
  }
  if (part) return text + fmt::format("\nnext: hyperdc sweep … --collect {}\n", file);
  if (outcome.interrupted) return text + "\ngo on: hyperdc sweep … --resume\n";
  if (!outcome.failures.empty()) {
    return text + "\ntry again: hyperdc sweep … --resume --retry-failed\n";
  }
  return text + fmt::format("\nnext: hyperdc compare {}\n", file);
}

/// Files and patterns of files, as files. A pattern that nothing matches stays as it is, and is
/// found missing when it is read.
std::vector<std::string> files_of(const std::vector<std::string>& patterns) {
  std::vector<std::string> out;
  for (const std::string& pattern : patterns) {
    glob_t found = {};
    std::error_code ignored;
    if (!std::filesystem::exists(pattern, ignored) &&
        ::glob(pattern.c_str(), 0, nullptr, &found) == 0) {
      out.insert(out.end(), found.gl_pathv, found.gl_pathv + found.gl_pathc);
    } else {
      out.push_back(pattern);
    }
    globfree(&found);
  }
  return out;
}

/// Takes over what parts of the study were done elsewhere.
void collect(const std::vector<std::string>& parts, const StudyPlan& plan, StudyStore& store,
             Console& console) {
  if (parts.empty()) return;
  std::set<std::string> keys;
  for (const StudyRun& run : plan.runs) keys.insert(run.key);
  for (const std::string& part : files_of(parts)) {
    const std::size_t added = store.add_from(part, keys);
    console.err << fmt::format("{}: {} taken over\n", part, plural(added, "run", "runs"));
  }
}

int run_sweep(const SweepCommandOptions& options, const Planned& planned, StudyStore& store,
              const std::string& file, const std::optional<SweepPart>& part, Console& console) {
  std::atomic<bool> stop{false};
  const InterruptWatch watch(stop);
  SweepOptions how;
  how.retry_failed = options.retry_failed;
  how.part = part;
  const Clock::time_point begin = Clock::now();
  SweepOutcome outcome;
  {
    std::unique_ptr<SweepLine> line;
    if (can_animate(console.err_facts)) line = std::make_unique<SweepLine>(console);
    how.progress = line.get();
    const auto engine = make_engine(options, file, [&](const std::string& text) {
      if (line) line->clear();
      console.err << text << "\n" << std::flush;
    });
    outcome = sweep(planned.study, planned.planned.plan, planned.load, store, *engine, how, stop);
  }
  const double wall_s = std::chrono::duration<double>(Clock::now() - begin).count();
  for (const SweepFailure& failure : outcome.failures) {
    console.error(
        fmt::format("{} (seed {}): {}", failure.variation, failure.seed, failure.message));
  }
  console.out << outcome_text(outcome, file, how.part.has_value(), wall_s);
  if (outcome.interrupted) return kExitInterrupted;
  return outcome.failures.empty() ? kExitOk : kExitUnfinished;
}

/// The keys that a file lists, one a line; each of a run of the study.
std::set<std::string> keys_in(const std::string& file, const StudyPlan& plan, Issues& issues) {
  std::set<std::string> known;
  for (const StudyRun& run : plan.runs) known.insert(run.key);
  std::set<std::string> keys;
  std::vector<std::string> unknown;
  std::error_code ignored;
  std::ifstream in;
  if (std::filesystem::is_regular_file(file, ignored)) in.open(file);
  for (std::string key; std::getline(in, key);) {
    while (!key.empty() && (key.back() == '\r' || key.back() == ' ')) key.pop_back();
    if (key.empty()) continue;
    if (known.count(key) == 0) unknown.push_back(key);
    keys.insert(key);
  }
  if (!unknown.empty()) {
    issues.push_back(option_issue(
        "--runs",
        fmt::format("{} of {} keys are of no run of this study, {} the first", unknown.size(),
                    keys.size(), hyperdc::quoted(unknown.front())),
        "the study, its files, the options or the program changed since they were listed"));
  }
  if (keys.empty()) {
    issues.push_back(option_issue("--runs", hyperdc::quoted(file) + " lists no keys of runs",
                                  "one key a line, as --list --format json prints them"));
  }
  return keys;
}

/// "I/N", and the keys that a file lists.
std::optional<SweepPart> part_of(const SweepCommandOptions& options, const StudyPlan& plan,
                                 Issues& issues) {
  if (options.part.empty() && options.runs.empty()) return std::nullopt;
  SweepPart part;
  if (!options.part.empty()) {
    const std::size_t slash = options.part.find('/');
    const auto number = [](std::string_view text, std::uint64_t& out) {
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
      return error == std::errc{} && end == text.data() + text.size();
    };
    const std::string_view text = options.part;
    const bool good = slash != std::string::npos && number(text.substr(0, slash), part.index) &&
                      number(text.substr(slash + 1), part.of) && part.index < part.of;
    if (!good) {
      issues.push_back(option_issue("--part", hyperdc::quoted(options.part) + " is no part",
                                    "write I/N with I from 0 to N-1: --part 0/8"));
    }
  }
  if (!options.runs.empty()) part.keys = keys_in(options.runs, plan, issues);
  return part;
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
      ->needs("--list")
      ->check(CLI::IsMember({"text", "json"}));
  sweep
      .add_option("--part", options.part,
                  "Does only the runs I, I+N, I+2N ... of the study: a task of a cluster")
      ->option_text("I/N")
      ->check(not_empty());
  sweep
      .add_option("--runs", options.runs,
                  "Does only the runs whose keys are in this file, one a line; --part is of these")
      ->option_text("FILE")
      ->check(not_empty());
  sweep
      .add_option("--collect", options.collect,
                  "Takes over the runs that this file of a part has, or each file of a quoted "
                  "pattern ('part*.sqlite'), before it does what is missing; may be repeated")
      ->option_text("FILE")
      ->allow_extra_args(false);
  sweep
      .add_option("--seed", options.seed,
                  "First seed of the runs, instead of the study's; samples of a design stay")
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
  add_engine_options(sweep, options);
  sweep.footer(kSweepExamples);
}

int sweep_command(const SweepCommandOptions& options, Console& console) {
  if (const Issues issues = check_engine_options(options); !issues.empty()) {
    console.problems(issues);
    return kExitBadInput;
  }
  Result<Planned> result = plan_of(options, console);
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
  Issues issues;
  const std::optional<SweepPart> part = part_of(options, planned.planned.plan, issues);
  if (!issues.empty()) {
    console.problems(issues);
    return kExitBadInput;
  }
  const std::string file = options.out.empty() ? planned.study.name + ".sqlite" : options.out;
  if (options.engine == "kubernetes") {
    return print_kubernetes_job(options, planned.study, planned.planned.plan, file, console);
  }
  return with_study_file(
      file, options.resume, console,
      [&](StudyStore& store) {
        store.check_plan(planned.planned.plan);
        collect(options.collect, planned.planned.plan, store, console);
      },
      [&](StudyStore& store) { return run_sweep(options, planned, store, file, part, console); });
}

}  // namespace hyperdc
