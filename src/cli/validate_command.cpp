// hyperdc validate: says everything that is wrong with scenarios, studies and baselines, and runs
// nothing.
#include <CLI/CLI.hpp>
#include <ostream>
#include <utility>

#include "cli/commands.hpp"
#include "cli/run_output.hpp"
#include "experiment/baseline_file.hpp"
#include "experiment/check.hpp"
#include "experiment/plan.hpp"
#include "experiment/study_plan.hpp"
#include "report/diagnostics.hpp"
#include "report/format.hpp"

namespace hyperdc {
namespace {

constexpr const char* kValidateExamples =
    R"(Examples:
  hyperdc validate launch-week.json
  hyperdc validate scenarios/examples/*.json --format sarif > hyperdc.sarif

Exit codes: 0 all are right, 2 something is wrong.)";

void print_text(const std::vector<std::string>& files, const Issues& issues, Console& console) {
  console.out << issues_text(issues, console.out_style());
  if (!issues.empty()) {
    console.out << "\n" << issue_counts(issues) << ". Nothing was run.\n";
  } else {
    console.out << plural(files.size(), "file is", "files are") << " right. Nothing was run.\n";
  }
  if (console.on_github()) console.err << issues_github(issues);
}

Issues scenario_issues(const std::string& file, const LoadOptions& load) {
  Result<Loaded> loaded = load_input(file, load);
  auto* found = std::get_if<Issues>(&loaded);
  return found != nullptr ? std::move(*found) : std::move(std::get<Loaded>(loaded).warnings);
}

/// Of the study and of all scenarios that it makes.
Issues study_issues(const std::string& file, const LoadOptions& load) {
  Result<Study> study = load_study(file);
  if (auto* found = std::get_if<Issues>(&study)) return std::move(*found);
  Result<PlannedStudy> planned = plan_study(std::get<Study>(study), load);
  auto* found = std::get_if<Issues>(&planned);
  return found != nullptr ? std::move(*found) : std::move(std::get<PlannedStudy>(planned).warnings);
}

/// Of the plan, and of the candidates that can be told before it is searched.
Issues plan_issues(const std::string& file, const LoadOptions& load) {
  Result<PlanStudy> study = load_plan_study(file);
  if (auto* found = std::get_if<Issues>(&study)) return std::move(*found);
  Result<PreparedPlan> prepared = prepare_plan(std::get<PlanStudy>(study), load);
  auto* found = std::get_if<Issues>(&prepared);
  return found != nullptr ? std::move(*found)
                          : std::move(std::get<PreparedPlan>(prepared).warnings);
}

Issues issues_of(const std::string& file, const LoadOptions& load) {
  if (is_plan_study(file)) return plan_issues(file, load);
  switch (kind_of_file(file)) {
    case FileKind::study:
      return study_issues(file, load);
    case FileKind::baseline: {
      Result<Baseline> baseline = read_baseline(file);
      auto* found = std::get_if<Issues>(&baseline);
      return found != nullptr ? std::move(*found) : Issues{};
    }
    case FileKind::scenario:
    case FileKind::other:
      break;
  }
  return scenario_issues(file, load);
}

}  // namespace

void add_validate_command(CLI::App& app, ValidateOptions& options) {
  CLI::App& validate = *app.add_subcommand(
      "validate",
      "Says everything that is wrong with scenarios, studies and baselines, runs nothing");
  add_input_options(validate, options.input, "files");
  validate.add_option("--format", options.format, "Of the problems")
      ->option_text("text|json|github|sarif")
      ->check(CLI::IsMember({"text", "json", "github", "sarif"}));
  validate.add_flag("--skip-traces", options.skip_traces,
                    "Does not read the traces, only the scenarios; for editors");
  validate.footer(kValidateExamples);
}

int validate_command(const ValidateOptions& options, Console& console) {
  Issues issues;
  LoadOptions load = load_options(options.input, issues);
  load.check_traces = !options.skip_traces;
  for (const std::string& file : options.input.files) {
    const Issues more = issues_of(file, load);
    issues.insert(issues.end(), more.begin(), more.end());
  }
  issues = distinct_issues(std::move(issues));
  if (options.format == "json") {
    console.out << issues_json(options.input.files, issues);
  } else if (options.format == "github") {
    console.out << issues_github(issues);
  } else if (options.format == "sarif") {
    console.out << issues_sarif(issues, program_version());
  } else {
    print_text(options.input.files, issues, console);
  }
  return error_count(issues) > 0 ? kExitBadInput : kExitOk;
}

}  // namespace hyperdc
