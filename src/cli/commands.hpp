// The commands: their options as the command line sets them, and what each does. add_X_command
// describes one to the parser (help, completion and reference come from that), X_command does it
// and returns an exit code.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <hyperdc/core/time.hpp>

#include "cli/console.hpp"
#include "scenario/load.hpp"

namespace CLI {
class App;
}

namespace hyperdc {

/// Options of every command that reads scenarios.
struct InputOptions {
  std::vector<std::string> files;
  std::vector<std::string> sets;      // PATH=VALUE
  std::vector<std::string> catalogs;  // directories
  std::vector<std::string> traces;
};

struct RunOptions {
  InputOptions input;
  std::string out;
  std::optional<std::uint64_t> seed;
  std::uint64_t seeds = 1;
  std::string format = "text";
  std::string until;
  std::string summary = "compact";
  unsigned threads = 0;  // 0: as many as the machine has
  std::string timeline;
  bool jobs_csv = false;
  bool no_jobs_csv = false;
};
void add_run_command(CLI::App& app, RunOptions& options);
int run_command(const RunOptions& options, Console& console);

struct BranchOptions {
  InputOptions input;  // files: the scenario
  std::string at;
  std::string variants;
  std::string until;
  std::optional<std::uint64_t> seed;
  std::string out;
  std::string format = "text";
  std::string summary = "compact";
  unsigned threads = 0;  // 0: as many as the machine has
};
void add_branch_command(CLI::App& app, BranchOptions& options);
int branch_command(const BranchOptions& options, Console& console);

struct SweepCommandOptions {
  InputOptions input;  // files: the study
  std::string out;     // empty: NAME.sqlite
  std::optional<std::uint64_t> seed;
  std::optional<std::uint64_t> replications;
  unsigned threads = 0;  // 0: as many as the machine has
  bool resume = false;
  bool retry_failed = false;
  bool list = false;
  std::string part;  // "I/N"; empty: all
  std::string runs;  // a file of keys; empty: all
  std::vector<std::string> collect;
  std::string format = "text";
  std::string engine = "local";
  std::optional<std::uint64_t> tasks;  // of a cluster
  std::vector<std::string> sbatch;     // options for it
  bool dry_run = false;
  std::string image, claim;  // of kubernetes
  std::string mount;         // empty: the working directory
};
void add_sweep_command(CLI::App& app, SweepCommandOptions& options);
int sweep_command(const SweepCommandOptions& options, Console& console);

struct CheckCommandOptions {
  std::vector<std::string> paths;  // files and directories
  std::string baseline;            // empty: beside each scenario
  bool update = false;
  std::optional<std::uint64_t> seeds;
  bool exact = false;
  bool require_files = false;
  std::vector<std::string> catalogs, traces;
  std::string junit, markdown;
  unsigned threads = 0;  // 0: as many as the machine has
  std::string format = "text";
};
void add_check_command(CLI::App& app, CheckCommandOptions& options);
int check_command(const CheckCommandOptions& options, Console& console);
struct PlanOptions {
  InputOptions input;  // files: the study
  std::string out;     // empty: NAME.plan.sqlite
  bool resume = false;
  std::optional<std::uint64_t> seed;
  std::optional<double> confidence;
  unsigned threads = 0;  // 0: as many as the machine has
  std::string format = "text";
};
void add_plan_command(CLI::App& app, PlanOptions& options);
int plan_command(const PlanOptions& options, Console& console);

struct ExportOptions {
  std::string study;
  std::string format = "canonical";
};
void add_export_command(CLI::App& app, ExportOptions& options);
int export_command(const ExportOptions& options, Console& console);

struct CompareOptions {
  std::vector<std::string> studies;
  std::string base;
  std::vector<std::string> variations, metrics;
  std::vector<std::string> margins;
  std::string summary;  // empty: the metrics that the study names, or the compact ones
  double confidence = 0.95;
  std::string method = "t";
  std::string choose;  // a metric; empty: no choice
  std::string fail_if;
  std::string format = "text";
};
void add_compare_command(CLI::App& app, CompareOptions& options);
int compare_command(const CompareOptions& options, Console& console);

struct ReportOptions {
  std::vector<std::string> results;  // directories of runs, or a study
  std::string out = "report.html";
  std::string title, base;
  std::string summary;  // as for compare
  std::string format = "html";
};
void add_report_command(CLI::App& app, ReportOptions& options);
int report_command(const ReportOptions& options, Console& console);

struct ValidateOptions {
  InputOptions input;
  std::string format = "text";
  bool skip_traces = false;
};
void add_validate_command(CLI::App& app, ValidateOptions& options);
int validate_command(const ValidateOptions& options, Console& console);

struct PreviewOptions {
  InputOptions input;
  std::string workload;
  std::string until;
  std::optional<std::uint64_t> seed;
  std::string format = "text";
};
void add_preview_command(CLI::App& app, PreviewOptions& options);
int preview_command(const PreviewOptions& options, Console& console);

struct ParallelismOptions {
  InputOptions input;
  std::string workload;
  std::size_t top = 10;
  std::string format = "text";
};
void add_parallelism_command(CLI::App& app, ParallelismOptions& options);
int parallelism_command(const ParallelismOptions& options, Console& console);

struct CatalogOptions {
  std::string kind, name;      // with kind "import", name is a file
  std::string import_as, out;  // of import
  std::vector<std::string> catalogs;
  std::string format = "text";
};
void add_catalog_command(CLI::App& app, CatalogOptions& options);
int catalog_command(const CatalogOptions& options, Console& console);

struct SchemaOptions {
  std::string document;
};
void add_schema_command(CLI::App& app, SchemaOptions& options);
int schema_command(const SchemaOptions& options, Console& console);

struct DocsOptions {
  std::string topic;
  std::string out;
};
void add_docs_command(CLI::App& app, DocsOptions& options);
/// `root`: the whole tree, for the reference of commands.
int docs_command(const DocsOptions& options, const CLI::App& root, Console& console);

struct CompletionOptions {
  std::string shell;
};
void add_completion_command(CLI::App& app, CompletionOptions& options);
int completion_command(const CompletionOptions& options, const CLI::App& root, Console& console);

/// --explain CODE.
int explain(const std::string& code, Console& console);

/// The files and options that read scenarios: FILE..., --set, --catalog, --traces.
void add_input_options(CLI::App& command, InputOptions& options, const std::string& file_name);
/// What add_input_options set, checked; problems are appended.
LoadOptions load_options(const InputOptions& input, Issues& issues);
/// A problem with an option of the command line.
Issue option_issue(std::string option, std::string message, std::string hint);
/// load_scenario, check_before_run, and a guess at the name of a missing file.
Result<Loaded> load_input(const std::string& file, const LoadOptions& options,
                          std::optional<SimTime> until = std::nullopt);
/// For commands that run nothing: each scenario in turn, until one has a problem, which is told.
using VisitScenario = std::function<void(const Scenario& scenario, Issues& issues)>;
int visit_inputs(const InputOptions& input, Console& console, const VisitScenario& visit);

}  // namespace hyperdc
