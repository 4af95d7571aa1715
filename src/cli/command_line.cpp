#include "cli/command_line.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <fmt/format.h>
#include <new>
#include <optional>
#include <ostream>

#include <hyperdc/core/assert.hpp>

#include "cli/commands.hpp"
#include "cli/option_checks.hpp"
#include "cli/run_output.hpp"
#include "cli/tree.hpp"
#include "core/text.hpp"

namespace hyperdc {
namespace {

constexpr const char* kFooter =
    R"(Examples:
  hyperdc run launch-week.json --out out/lw
  hyperdc run fgd.json best-fit.json --seeds 5
  hyperdc sweep scalers.json
  hyperdc check scenarios/suite
  hyperdc validate launch-week.json
  hyperdc catalog accelerators

Exit codes: 0 every objective holds, 1 an objective is missed, 2 wrong command line or input
(nothing was run or written), 3 it could not finish, 130 interrupted.)";

/// The parser and the options that it fills.
struct CommandLine {
  CLI::App app{"Simulates hyperscale datacenters and answers what-if questions", "hyperdc"};
  std::string color = "auto";
  std::string code;  // of --explain
  RunOptions run;
  SweepCommandOptions sweep;
  CompareOptions compare;
  ReportOptions report;
  CheckCommandOptions check;
  PlanOptions plan;
  ExportOptions exported;
  BranchOptions branch;
  ValidateOptions validate;
  PreviewOptions preview;
  ParallelismOptions parallelism;
  CatalogOptions catalog;
  SchemaOptions schema;
  DocsOptions docs;
  CompletionOptions completion;

  CommandLine() {
    app.set_help_flag("-h,--help", "Prints help, also after a command");
    app.set_version_flag(
        "--version",
        [] { return fmt::format("hyperdc {} ({})", program_version(), program_build()); },
        "Prints the version");
    app.add_option("--color", color, "Of text on terminals")
        ->option_text("auto|always|never")
        ->check(CLI::IsMember({"auto", "always", "never"}));
    app.add_option("--explain", code, "Explains an error code")
        ->option_text("CODE")
        ->check(not_empty());
    app.footer(kFooter);
    app.require_subcommand(0, 1);
    add_run_command(app, run);
    add_sweep_command(app, sweep);
    add_compare_command(app, compare);
    add_report_command(app, report);
    add_check_command(app, check);
    add_plan_command(app, plan);
    add_export_command(app, exported);
    add_branch_command(app, branch);
    add_validate_command(app, validate);
    add_preview_command(app, preview);
    add_parallelism_command(app, parallelism);
    add_catalog_command(app, catalog);
    add_schema_command(app, schema);
    add_docs_command(app, docs);
    add_completion_command(app, completion);
    for (CLI::App* command : app.get_subcommands([](CLI::App*) { return true; })) {
      command->fallthrough();
    }
  }

  const CLI::App* chosen() const {
    const auto parsed = app.get_subcommands();
    return parsed.empty() ? nullptr : parsed.front();
  }
};

std::string help_of(const CommandLine& line) {
  const CommandFacts root = command_facts(line.app);
  const CLI::App* chosen = line.chosen();
  if (chosen == nullptr) return help_text(root, root.name);
  return help_text(command_facts(*chosen), root.name + " " + chosen->get_name());
}

/// The first word that should be a command and is none.
std::optional<std::string> unknown_command(const CLI::App& app,
                                           const std::vector<std::string>& arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    if (word == "--color" || word == "--explain") {
      ++i;
    } else if (word.empty() || word.front() != '-') {
      const auto named =
          app.get_subcommands([&](const CLI::App* command) { return command->get_name() == word; });
      return named.empty() ? std::optional<std::string>(word) : std::nullopt;
    }
  }
  return std::nullopt;
}

std::string nearest_hint(const std::string& word, const std::vector<std::string>& known,
                         const std::string& otherwise) {
  const auto near = nearest(word, known);
  return near ? fmt::format("did you mean {}?", hyperdc::quoted(*near)) : otherwise;
}

/// What is wrong with the arguments, as "error: …; did you mean …".
void report_parse_error(const CommandLine& line, const CLI::ParseError& error,
                        const Console& console) {
  const CLI::App* chosen = line.chosen();
  const std::string path =
      chosen == nullptr ? std::string("hyperdc") : fmt::format("hyperdc {}", chosen->get_name());
  const std::string see = fmt::format("see: {} --help", path);
  const CLI::App& app = chosen == nullptr ? line.app : *chosen;
  const std::vector<std::string> extra = line.app.remaining(true);
  const CommandFacts facts = command_facts(app);
  if (!extra.empty() && dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    std::vector<std::string> known;
    for (const OptionFacts& option : facts.options) {
      known.insert(known.end(), option.names.begin(), option.names.end());
    }
    const std::string word = extra.front().substr(0, extra.front().find('='));
    const bool option = word.rfind('-', 0) == 0;
    console.error(fmt::format("{} has no {} {}", path, option ? "option" : "further argument",
                              hyperdc::quoted(word)),
                  option ? nearest_hint(word, known, see) : see);
    return;
  }
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
    std::string missing;
    for (const OptionFacts& option : facts.options) {
      if (option.positional && missing.empty()) missing = option.value;
    }
    console.error(fmt::format("{} needs {}", path, missing.empty() ? error.what() : missing), see);
    return;
  }
  console.error(error.what(), see);
}

ColorChoice color_choice(const std::string& text) {
  if (text == "always") return ColorChoice::always;
  return text == "never" ? ColorChoice::never : ColorChoice::automatic;
}

/// --color as far as it can be read: what is wrong with the other arguments is painted too.
ColorChoice color_asked(const std::vector<std::string>& arguments) {
  ColorChoice choice = ColorChoice::automatic;
  constexpr std::string_view kOption = "--color";
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    if (word == kOption && i + 1 < arguments.size()) {
      choice = color_choice(arguments[i + 1]);
    } else if (word.rfind(std::string(kOption) + "=", 0) == 0) {
      choice = color_choice(word.substr(kOption.size() + 1));
    }
  }
  return choice;
}

int dispatch(const CommandLine& line, Console& console) {
  if (!line.code.empty()) return explain(line.code, console);
  const CLI::App* chosen = line.chosen();
  if (chosen == nullptr) {
    console.err << console.err_style().fit(help_of(line));
    return kExitBadInput;
  }
  const std::string& name = chosen->get_name();
  if (name == "run") return run_command(line.run, console);
  if (name == "sweep") return sweep_command(line.sweep, console);
  if (name == "compare") return compare_command(line.compare, console);
  if (name == "branch") return branch_command(line.branch, console);
  if (name == "report") return report_command(line.report, console);
  if (name == "check") return check_command(line.check, console);
  if (name == "plan") return plan_command(line.plan, console);
  if (name == "export") return export_command(line.exported, console);
  if (name == "validate") return validate_command(line.validate, console);
  if (name == "preview") return preview_command(line.preview, console);
  if (name == "parallelism") return parallelism_command(line.parallelism, console);
  if (name == "catalog") return catalog_command(line.catalog, console);
  if (name == "schema") return schema_command(line.schema, console);
  if (name == "docs") return docs_command(line.docs, line.app, console);
  return completion_command(line.completion, line.app, console);
}

int parse_and_run(const std::vector<std::string>& arguments, Console& console) {
  CommandLine line;
  console.color = color_asked(arguments);
  if (const auto word = unknown_command(line.app, arguments)) {
    std::vector<std::string> known;
    for (const CommandFacts& command : command_facts(line.app).commands) {
      known.push_back(command.name);
    }
    console.error(fmt::format("there is no command {}", hyperdc::quoted(*word)),
                  nearest_hint(*word, known, "see: hyperdc --help"));
    return kExitBadInput;
  }
  try {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());  // as CLI11 wants it
    line.app.parse(std::move(reversed));
  } catch (const CLI::CallForHelp&) {
    console.out << console.out_style().fit(help_of(line));
    return kExitOk;
  } catch (const CLI::CallForVersion& version) {
    console.out << version.what() << '\n';
    return kExitOk;
  } catch (const CLI::ParseError& error) {
    report_parse_error(line, error, console);
    return kExitBadInput;
  }
  console.color = color_choice(line.color);
  return dispatch(line, console);
}

}  // namespace

int run_command_line(const std::vector<std::string>& arguments, Console& console) {
  try {
    return parse_and_run(arguments, console);
  } catch (const InvariantError& error) {
    console.error(fmt::format("broken invariant: {}", error.what()),
                  "this is a mistake of the program, please report it");
  } catch (const std::bad_alloc&) {
    console.error("out of memory");
  } catch (const std::exception& error) {
    console.error(error.what());
  }
  return kExitUnfinished;
}

}  // namespace hyperdc
