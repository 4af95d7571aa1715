// hyperdc export: what a study measured, for other tools.
#include <CLI/CLI.hpp>
#include <ostream>

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

}  // namespace

void add_export_command(CLI::App& app, ExportOptions& options) {
  CLI::App& command = *app.add_subcommand("export", "Prints what a study measured");
  command.add_option("study", options.study, "A file that sweep wrote")
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
