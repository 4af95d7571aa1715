// hyperdc docs: the reference that docs/reference/ holds, generated from what the program knows.
#include <CLI/CLI.hpp>
#include <array>
#include <filesystem>
#include <fmt/format.h>
#include <functional>
#include <ostream>
#include <system_error>
#include <utility>

#include "cli/commands.hpp"
#include "cli/option_checks.hpp"
#include "cli/traces_page.hpp"
#include "cli/tree.hpp"
#include "core/text.hpp"
#include "report/metric_info.hpp"
#include "results/store.hpp"

namespace hyperdc {
namespace {

constexpr const char* kDocsExamples =
    R"(Examples:
  hyperdc docs metrics
  hyperdc docs --out docs/reference)";

using Page = std::pair<const char*, std::function<std::string()>>;

std::vector<Page> pages(const CLI::App& root) {
  return {{"commands", [&root] { return command_reference(command_facts(root)); }},
          {"scenario", [] { return scenario_reference(); }},
          {"study", [] { return study_reference(); }},
          {"baseline", [] { return baseline_reference(); }},
          {"policies", [] { return policy_reference(); }},
          {"metrics", [] { return metric_reference(); }},
          {"traces", [] { return std::string(traces_reference()); }},
          {"units", [] { return units_reference(); }},
          {"errors", [] { return errors_reference(); }}};
}

}  // namespace

void add_docs_command(CLI::App& app, DocsOptions& options) {
  CLI::App& docs = *app.add_subcommand("docs", "Prints the reference (Markdown)");
  docs.add_option("topic", options.topic, "One page of it; all without")
      ->option_text("commands|scenario|study|baseline|policies|metrics|traces|units|errors")
      ->check(CLI::IsMember({"commands", "scenario", "study", "baseline", "policies", "metrics",
                             "traces", "units", "errors"}));
  docs.add_option("--out", options.out, "Writes one file a page to this directory instead")
      ->option_text("DIR")
      ->check(not_empty());
  docs.footer(kDocsExamples);
}

int docs_command(const DocsOptions& options, const CLI::App& root, Console& console) {
  if (!options.out.empty()) {
    std::error_code error;
    std::filesystem::create_directories(options.out, error);
    if (error) {
      console.error("--out: cannot create " + hyperdc::quoted(options.out) + ": " +
                    error.message());
      return kExitBadInput;
    }
  }
  bool first = true;
  for (const auto& [name, text] : pages(root)) {
    if (!options.topic.empty() && options.topic != name) continue;
    if (options.out.empty()) {
      console.out << (first ? "" : "\n") << text();
      first = false;
      continue;
    }
    try {
      write_file(fmt::format("{}/{}.md", options.out, name), text());
    } catch (const WriteFailed& error) {
      console.error(error.what());
      return kExitUnfinished;
    }
  }
  return kExitOk;
}

}  // namespace hyperdc
