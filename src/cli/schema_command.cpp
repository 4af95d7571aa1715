// hyperdc schema: the JSON Schema that editors and other programs use.
#include <CLI/CLI.hpp>
#include <ostream>

#include "cli/commands.hpp"
#include "results/schema.hpp"

namespace hyperdc {
namespace {

constexpr const char* kSchemaExamples =
    R"(Examples:
  hyperdc schema scenario > scenario.schema.json
  hyperdc schema study > study.schema.json
  hyperdc schema result > result.schema.json)";

}  // namespace

void add_schema_command(CLI::App& app, SchemaOptions& options) {
  CLI::App& schema =
      *app.add_subcommand("schema", "Prints a JSON Schema (valid as draft-07 and as 2020-12)");
  schema.add_option("document", options.document, "Of which document")
      ->required()
      ->option_text("scenario|study|baseline|result")
      ->check(CLI::IsMember({"scenario", "study", "baseline", "result"}));
  schema.footer(kSchemaExamples);
}

int schema_command(const SchemaOptions& options, Console& console) {
  console.out << (options.document == "scenario"   ? scenario_schema()
                  : options.document == "study"    ? study_schema()
                  : options.document == "baseline" ? baseline_schema()
                                                   : result_schema());
  return kExitOk;
}

}  // namespace hyperdc
