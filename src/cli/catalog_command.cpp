// hyperdc catalog: what there is to build from, and where each fact comes from.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <ostream>
#include <set>

#include "cli/commands.hpp"
#include "core/text.hpp"
#include "report/fabric_picture.hpp"
#include "report/table.hpp"
#include "results/json_writer.hpp"
#include "scenario/model_import.hpp"

namespace hyperdc {
namespace {

constexpr const char* kCatalogExamples =
    R"(Examples:
  hyperdc catalog
  hyperdc catalog accelerators
  hyperdc catalog accelerators h100-sxm
  hyperdc catalog fabric alibaba-hpn7
  hyperdc catalog model llama-3-1-8b
  hyperdc catalog import config.json --name my-model --out my-catalog)";

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

std::string import_summary(const ImportedModel& model) {
  std::string active;
  if (model.active_parameters < model.parameters) {
    active = fmt::format(", {:.0f} of them for a token", model.active_parameters);
  }
  return fmt::format(
      " parameters  {:.0f}{}\n weights     {:.0f} B\n cache       {:.0f} B a token\n",
      model.parameters, active, model.weight_bytes, model.kv_bytes);
}

/// Whether the entry was written; a file that is there is not overwritten.
bool write_entry(const std::filesystem::path& path, const std::string& text, Console& console) {
  std::error_code error;
  if (std::filesystem::exists(path, error)) {
    console.error(hyperdc::quoted(path.string()) + " is there already", "another --name or --out");
    return false;
  }
  std::filesystem::create_directories(path.parent_path(), error);
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) console.error("cannot write " + hyperdc::quoted(path.string()));
  return static_cast<bool>(file);
}

int import_entry(const CatalogOptions& options, Console& console) {
  if (options.name.empty() || options.import_as.empty()) {
    console.error("import needs a config.json and a name",
                  "hyperdc catalog import config.json --name my-model");
    return kExitBadInput;
  }
  const auto imported = import_model(options.name, options.import_as);
  if (const auto* issues = std::get_if<Issues>(&imported)) {
    console.problems(*issues);
    return kExitBadInput;
  }
  const auto& model = std::get<ImportedModel>(imported);
  const std::string summary = import_summary(model);
  if (options.out.empty()) {  // the card alone is the result: it may go to a file or a pipe
    console.out << model.text;
    console.err << summary;
    return kExitOk;
  }
  const auto path = std::filesystem::path(options.out) / "models" / (options.import_as + ".json");
  if (!write_entry(path, model.text, console)) return kExitBadInput;
  console.out << fmt::format("{} entry       {}\n", summary, path.string());
  return kExitOk;
}

}  // namespace

void add_catalog_command(CLI::App& app, CatalogOptions& options) {
  CLI::App& catalog = *app.add_subcommand(
      "catalog", "Lists or shows accelerators, servers, models and the like, each with its source");
  catalog
      .add_option("kind", options.kind,
                  "One kind of entry; or import, which makes a model of a config.json")
      ->option_text(
          "[accelerators|servers|fabrics|drives|collectives|models|serving|training|platforms]");
  catalog.add_option("entry", options.name, "One entry; of import, the config.json")
      ->option_text("[NAME]");
  catalog.add_option("--name", options.import_as, "Of import: how the model is called")
      ->option_text("NAME");
  catalog
      .add_option("--out", options.out,
                  "Of import: a catalog directory to write it to; without it the entry is printed")
      ->option_text("DIR");
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
  if (options.kind == "import") return import_entry(options, console);
  if (!options.import_as.empty() || !options.out.empty()) {
    console.error("--name and --out belong to import", "hyperdc catalog import config.json");
    return kExitBadInput;
  }
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
