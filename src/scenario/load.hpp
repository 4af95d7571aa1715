// load: from files and options to a Scenario, or everything that is wrong with them.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <hyperdc/core/issue.hpp>

#include "scenario/scenario.hpp"

namespace hyperdc {

/// One `--set PATH=VALUE`: dotted path or JSON Pointer; VALUE is JSON, or a bare string.
struct Override {
  std::string path;
  std::string value;
};

struct LoadOptions {
  std::vector<Override> overrides;
  std::vector<std::string> catalog_dirs;  // searched in order, then the installed catalog
  std::vector<std::string> trace_dirs;    // beside the scenario's own tree
  bool check_traces = true;               // false: shape only (editors); never for a run
};

struct Loaded {
  Scenario scenario;
  Issues warnings;
};

/// Reads, merges (`extends`, overrides), checks and resolves. Every problem at once. Never throws
/// for bad input; reads at most 64 MiB of JSON and 64 levels of nesting.
Result<Loaded> load_scenario(const std::string& file, const LoadOptions& options);

/// The JSON Schema (valid as draft-07 and 2020-12) of scenario files, pretty-printed.
std::string scenario_schema();
/// The same of study files (scenario/study.hpp).
std::string study_schema();
std::string study_reference();
/// The same of baseline files (results/baseline.hpp).
std::string baseline_schema();
std::string baseline_reference();
/// Markdown: every key, unit, default, range; policies with their parameters. For docs/reference.
std::string scenario_reference();
std::string policy_reference();
std::string units_reference();
std::string errors_reference();
/// The long text for one error code; empty if unknown.
std::string explain_error(std::string_view code);

// The catalog, for `hyperdc catalog`.
struct CatalogEntry {
  std::string kind;  // "accelerators", "servers", "fabrics"
  std::string name;
  std::string file;
  std::string summary;  // one line
};
std::vector<CatalogEntry> list_catalog(std::span<const std::string> dirs);
/// Pretty JSON text of one entry with its sources, or issues.
Result<std::string> show_catalog(std::span<const std::string> dirs, std::string_view kind,
                                 std::string_view name);
/// A fabric of the catalog, built; or issues.
Result<FabricSpec> load_fabric(std::span<const std::string> dirs, std::string_view name);

}  // namespace hyperdc
