// What commands that read scenarios have in common.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <system_error>
#include <utility>

#include "cli/commands.hpp"
#include "core/text.hpp"
#include "experiment/metric_check.hpp"

namespace hyperdc {
namespace {

namespace fs = std::filesystem;

/// `did you mean "launch-week.json"?`, from the directory of a file that is not there.
std::string nearest_file(const std::string& file) {
  const fs::path path(file);
  const fs::path parent = path.parent_path();
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(parent.empty() ? fs::path(".") : parent, error), end;
       !error && it != end && names.size() < 10'000; it.increment(error)) {
    names.push_back(it->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  const auto found = nearest(path.filename().string(), names);
  if (!found) return {};
  return fmt::format("did you mean {}?", hyperdc::quoted((parent / std::string(*found)).string()));
}

}  // namespace

void add_input_options(CLI::App& command, InputOptions& options, const std::string& file_name) {
  command.add_option(file_name, options.files, "Scenario files (JSON)")
      ->required()
      ->option_text("FILE...");
  command
      .add_option(
          "--set", options.sets,
          "Sets a value of the scenario: a dotted path or JSON Pointer, and any value it may "
          "hold; may be repeated")
      ->option_text("PATH=VALUE")
      ->allow_extra_args(false);
  command
      .add_option("--catalog", options.catalogs,
                  "Looks for catalog entries here before the installed catalog; may be repeated")
      ->option_text("DIR")
      ->allow_extra_args(false);
  command
      .add_option("--traces", options.traces,
                  "Looks for traces here beside the scenario's own directory; may be repeated")
      ->option_text("DIR")
      ->allow_extra_args(false);
}

Issue option_issue(std::string option, std::string message, std::string hint) {
  Issue issue;
  issue.path = std::move(option);
  issue.message = std::move(message);
  issue.hint = std::move(hint);
  return issue;
}

LoadOptions load_options(const InputOptions& input, Issues& issues) {
  LoadOptions options;
  for (const std::string& set : input.sets) {
    const std::size_t equals = set.find('=');
    if (equals == std::string::npos || equals == 0) {
      issues.push_back(option_issue("--set", hyperdc::quoted(set) + " is not PATH=VALUE",
                                    "write --set workloads.web.demand.scale=2"));
      continue;
    }
    options.overrides.push_back({set.substr(0, equals), set.substr(equals + 1)});
  }
  const auto directories = [&](const std::vector<std::string>& from, const char* option,
                               std::vector<std::string>& to) {
    for (const std::string& directory : from) {
      std::error_code error;
      if (fs::is_directory(directory, error)) {
        to.push_back(directory);
        continue;
      }
      issues.push_back(option_issue(option, hyperdc::quoted(directory) + " is not a directory",
                                    nearest_file(directory)));
    }
  };
  directories(input.catalogs, "--catalog", options.catalog_dirs);
  directories(input.traces, "--traces", options.trace_dirs);
  return options;
}

Result<Loaded> load_input(const std::string& file, const LoadOptions& options,
                          std::optional<SimTime> until) {
  Result<Loaded> loaded = load_scenario(file, options);
  if (auto* issues = std::get_if<Issues>(&loaded)) {
    std::error_code error;
    if (issues->size() == 1 && issues->front().hint.empty() && !fs::exists(file, error)) {
      issues->front().hint = nearest_file(file);
    }
    return loaded;
  }
  Loaded& good = std::get<Loaded>(loaded);
  Issues issues = check_before_run(good.scenario, until);
  if (issues.empty()) return loaded;
  for (Issue& issue : issues) {
    if (issue.place.file.empty()) issue.place.file = file;
  }
  issues.insert(issues.end(), good.warnings.begin(), good.warnings.end());
  return issues;
}

int visit_inputs(const InputOptions& input, Console& console, const VisitScenario& visit) {
  Issues issues;
  const LoadOptions load = load_options(input, issues);
  for (const std::string& file : input.files) {
    if (!issues.empty()) break;
    Result<Loaded> loaded = load_input(file, load);
    if (auto* found = std::get_if<Issues>(&loaded)) {
      issues = std::move(*found);
      break;
    }
    visit(std::get<Loaded>(loaded).scenario, issues);
  }
  if (issues.empty()) return kExitOk;
  console.problems(issues);
  return kExitBadInput;
}

}  // namespace hyperdc
