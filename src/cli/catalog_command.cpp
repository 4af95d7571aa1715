// hyperdc catalog: what there is to build from, and where each fact comes from.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>
#include <ostream>
#include <set>

#include "cli/commands.hpp"
#include "core/text.hpp"
#include "report/fabric_picture.hpp"
#include "report/table.hpp"
#include "results/json_writer.hpp"

namespace hyperdc {
namespace {

constexpr const char* kCatalogExamples =
    R"(Examples:
  hyperdc catalog
  hyperdc catalog accelerators
  hyperdc catalog accelerators h100-sxm
  hyperdc catalog fabric alibaba-hpn7)";

std::string hint_for(const std::string& name, const std::set<std::string>& known) {
  const std::vector<std::string> names(known.begin(), known.end());
  if (const auto near = nearest(name, names))
    return fmt::format("did you mean {}?", hyperdc::quoted(*near));
  std::string all;
  for (const std::string& other : names) all += (all.empty() ? "" : ", ") + other;
  return all.empty() ? std::string("the catalog is empty") : "there are: " + all;
}

void print_json(const std::vector<CatalogEntry>& entries, Console& console) {
  JsonWriter json;
  json.open_array();
  for (const CatalogEntry& entry : entries) {
    json.open_object(true);
    json.key("kind").text(entry.kind);
    json.key("name").text(entry.name);
    json.key("file").text(entry.file);
    json.key("summary").text(entry.summary);
    json.close();
  }
  json.close();
  console.out << json.finish();
}

void print_table(const std::vector<CatalogEntry>& entries, Console& console) {
  Table table(console.out_style());
  table.column(Align::left, 1);
  table.column(Align::left);
  std::size_t widest = 0;
  for (const CatalogEntry& entry : entries) widest = std::max(widest, display_width(entry.name));
  std::string kind;
  for (const CatalogEntry& entry : entries) {
    if (entry.kind != kind) {
      if (!kind.empty()) table.blank();
      table.row({{printable(entry.kind), Ink::strong}});
      kind = entry.kind;
    }
    const std::size_t room = kScreenWidth - std::min<std::size_t>(40, widest + 5);
    table.row({{fmt::format(" {}", printable(entry.name))},
               {shorten(printable(entry.summary), room), Ink::faint}});
  }
  console.out << table.render() << "\n one entry with its sources: hyperdc catalog KIND NAME\n";
}

int draw_fabric(const CatalogOptions& options, Console& console) {
  const Result<FabricSpec> loaded = load_fabric(options.catalogs, options.name);
  if (const auto* issues = std::get_if<Issues>(&loaded)) {
    console.problems(*issues);
    return kExitBadInput;
  }
  const auto& fabric = std::get<FabricSpec>(loaded);
  const FabricFacts facts{fabric.type,
                          fabric.family,
                          fabric.efficiency,
                          fabric_power_w(fabric),
                          fabric_price_usd(fabric),
                          fabric.pod};
  console.out << fabric_picture(*fabric.topology, facts, console.out_style())
              << fmt::format("\n its sources: hyperdc catalog fabrics {} --format json\n",
                             fabric.type);
  return kExitOk;
}

int show_one(const CatalogOptions& options, const std::vector<CatalogEntry>& entries,
             Console& console) {
  std::set<std::string> names;
  for (const CatalogEntry& entry : entries) names.insert(entry.name);
  if (names.count(options.name) == 0) {
    console.error(fmt::format("there is no {} in {}", hyperdc::quoted(options.name), options.kind),
                  hint_for(options.name, names));
    return kExitBadInput;
  }
  if (options.kind == "fabrics" && options.format == "text") return draw_fabric(options, console);
  const Result<std::string> shown = show_catalog(options.catalogs, options.kind, options.name);
  if (const auto* issues = std::get_if<Issues>(&shown)) {
    console.problems(*issues);
    return kExitBadInput;
  }
  console.out << std::get<std::string>(shown);
  return kExitOk;
}

}  // namespace

void add_catalog_command(CLI::App& app, CatalogOptions& options) {
  CLI::App& catalog = *app.add_subcommand(
      "catalog", "Lists or shows accelerators, servers and the like, each with its source");
  catalog.add_option("kind", options.kind, "One kind of entry")
      ->option_text("[accelerators|servers|fabrics|collectives]");
  catalog.add_option("name", options.name, "One entry")->option_text("[NAME]");
  catalog
      .add_option("--catalog", options.catalogs,
                  "Looks here before the installed catalog; may be repeated")
      ->option_text("DIR")
      ->allow_extra_args(false);
  catalog
      .add_option("--format", options.format,
                  "Of a list, or of a fabric, which is drawn; other entries are always JSON")
      ->option_text("text|json")
      ->check(CLI::IsMember({"text", "json"}));
  catalog.footer(kCatalogExamples);
}

int catalog_command(const CatalogOptions& asked, Console& console) {
  CatalogOptions options = asked;
  InputOptions input;
  input.catalogs = options.catalogs;
  Issues issues;
  load_options(input, issues);
  if (!issues.empty()) {
    console.problems(issues);
    return kExitBadInput;
  }
  std::vector<CatalogEntry> entries = list_catalog(options.catalogs);
  std::set<std::string> kinds;
  for (const CatalogEntry& entry : entries) kinds.insert(entry.kind);
  if (kinds.count(options.kind + "s") > 0) options.kind += "s";  // "fabric NAME" reads better
  if (!options.kind.empty()) {
    if (kinds.count(options.kind) == 0) {
      console.error(fmt::format("the catalog has no {}", hyperdc::quoted(options.kind)),
                    hint_for(options.kind, kinds));
      return kExitBadInput;
    }
    entries.erase(
        std::remove_if(entries.begin(), entries.end(),
                       [&](const CatalogEntry& entry) { return entry.kind != options.kind; }),
        entries.end());
  }
  if (!options.name.empty()) return show_one(options, entries, console);
  if (options.format == "json") {
    print_json(entries, console);
  } else {
    print_table(entries, console);
  }
  return kExitOk;
}

}  // namespace hyperdc
