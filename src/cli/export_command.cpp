// hyperdc export: what a study measured, for other tools.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>
#include <ostream>
#include <set>

#include "cli/commands.hpp"
#include "cli/option_checks.hpp"
#include "results/store.hpp"
#include "results/study_export.hpp"

namespace hyperdc {
namespace {

constexpr const char* kExportExamples =
    R"(Examples:
  hyperdc export scalers.sqlite --format csv > scalers.csv
  hyperdc export scalers.sqlite > scalers.json

Exit codes: 0 written, 2 there is no such study, 3 it could not finish.)";

std::size_t runs_left(const StudyStore& store, const StudyPlan& plan) {
  const std::set<std::string> done = store.done();
  return static_cast<std::size_t>(
      std::count_if(plan.runs.begin(), plan.runs.end(),
                    [&](const StudyRun& run) { return done.count(run.key) == 0; }));
}

}  // namespace

void add_export_command(CLI::App& app, ExportOptions& options) {
  CLI::App& command = *app.add_subcommand("export", "Prints what a study measured");
  command.add_option("study", options.study, "A file that sweep or plan wrote")
      ->required()
      ->option_text("FILE")
      ->check(not_empty());
  command
      .add_option("--format", options.format,
                  "csv: a row a run and metric; canonical: JSON, the same bytes wherever and in "
                  "whatever order the runs were made")
      ->option_text("csv|canonical")
      ->check(CLI::IsMember({"csv", "canonical"}));
  command.footer(kExportExamples);
}

int export_command(const ExportOptions& options, Console& console) {
  try {
    const StudyStore store(options.study, StudyStore::Open::read);
    const StudyPlan plan = store.plan();
    const std::size_t left = runs_left(store, plan);
    if (left > 0) {
      console.err << fmt::format(
          "warning: {} of the study's {} runs are not done: they are left "
          "out\n",
          left, plan.runs.size());
    }
    if (options.format == "csv") {
      write_csv(store, console.out);
    } else {
      write_canonical(store, console.out);
    }
  } catch (const StoreProblem& problem) {
    console.error(problem.what());
    return kExitBadInput;
  } catch (const WriteFailed& problem) {
    console.error(problem.what());
    return kExitUnfinished;
  }
  return kExitOk;
}

}  // namespace hyperdc
