// What `hyperdc catalog` prints.
#include <algorithm>
#include <fmt/format.h>
#include <optional>

#include "core/text.hpp"
#include "scenario/catalog.hpp"
#include "scenario/decode.hpp"
#include "scenario/hints.hpp"
#include "scenario/json_text.hpp"
#include "scenario/load.hpp"
#include "scenario/resolve_fabrics.hpp"
#include "scenario/resolve_models.hpp"

namespace hyperdc {
namespace {

std::string people(const View& value, Dimension dimension) {
  return value ? format_for_people(value.number(), dimension) : "unknown";
}

/// Accelerators are sold in powers of ten: "80 GB", not "74.51 GiB".
std::string device_memory(const View& value) {
  return value ? fmt::format("{:g} GB", value.number() / 1e9) : "unknown";
}

std::string accelerator_summary(const View& entry) {
  const View power = entry["power"]["full"];
  return fmt::format("{}{}{}, memory {}, power {}", entry["vendor"].text(),
                     entry["model"] ? " " : "", entry["model"].text(),
                     device_memory(entry["memory"]), people(power, Dimension::power));
}

std::string server_summary(const View& entry) {
  std::string out = fmt::format("{} cores, {}", entry["cores"].number(),
                                people(entry["memory"], Dimension::bytes));
  if (entry["accelerator"]) {
    out += fmt::format(", {} {}", entry["accelerators"].number(), entry["accelerator"].text());
  }
  return out;
}

std::string fabric_summary(const View& entry, Problems& problems) {
  const auto fabric = fabric_of_entry(entry, problems);
  if (!fabric) return "its values do not fit together; show it to see why";
  const TopologySummary of = fabric->topology->summary();
  const std::string bisection =
      of.hosts == 1 ? "no bisection"
                    : "bisection " + format_for_people(of.bisection_Bps, Dimension::data_rate);
  return fmt::format("{}, {} endpoints, {} switches, {}", entry["family"].text(), of.hosts,
                     of.switches(), bisection);
}

std::string tuning_summary(const View& entry) {
  std::string generations;
  for (const auto& generation : entry["channels"].each()) {
    generations += (generations.empty() ? "" : ", ") + generation.key;
  }
  return fmt::format("version {}, for {}", entry["version"].text(), generations);
}

std::string serving_summary(const View& entry) {
  const View share = entry["efficiency"];
  return fmt::format("version {}, {:.0f} % of peak operations, {:.0f} % of peak memory bandwidth",
                     entry["version"].text(), 100 * share["compute"].number(),
                     100 * share["memory"].number());
}

std::string training_summary(const View& entry) {
  const auto shares = entry["efficiency"]["matrices"]["shares"].numbers();
  const double most = shares.empty() ? 1 : *std::max_element(shares.begin(), shares.end());
  return fmt::format("version {}, up to {:.0f} % of peak operations in a product",
                     entry["version"].text(), 100 * most * entry["efficiency"]["compute"].number());
}

std::string drive_summary(const View& entry) {
  return fmt::format("{:.4g} TB, {:.4g} MB/s, {:.3g} % fail a year",
                     entry["capacity"].number() / 1e12, entry["bandwidth"].number() / 1e6,
                     100 * entry["afr"].number());
}

std::string platform_summary(const View& entry) {
  const View provision = entry["provision"];
  const bool random = provision.json() != nullptr && provision.json()->is(Json::Kind::object);
  return fmt::format("provision {}, billed from {} on by {}",
                     random ? "at random" : people(provision, Dimension::time),
                     entry["billing"]["from"].text(),
                     people(entry["billing"]["granularity"], Dimension::time));
}

std::string billions(double parameters) {
  return fmt::format("{:.4g} billion", parameters / 1e9);
}

std::string model_summary(const View& entry, Problems& problems) {
  const auto card = card_of_entry(entry, problems);
  if (!card) return "its values do not fit together; show it to see why";
  const ParameterCount parameters = parameters_of(*card);
  const ModelWork work = work_of(*card);
  const bool sparse = parameters.active < parameters.total;
  const std::string out =
      fmt::format("{} parameters{}, {:.4g} GB", billions(parameters.total),
                  sparse ? fmt::format(" ({} active)", billions(parameters.active)) : "",
                  work.weight_bytes() / 1e9);
  if (work.one_pass) return out + ", " + entry["kind"].text();
  return out + fmt::format(", cache {:.4g} kB a token", work.kv_bytes / 1e3);
}

std::string entry_summary(std::string_view kind, const View& entry, Problems& problems) {
  if (kind == kAccelerators) return accelerator_summary(entry);
  if (kind == kCollectives) return tuning_summary(entry);
  if (kind == kServing) return serving_summary(entry);
  if (kind == kTraining) return training_summary(entry);
  if (kind == kDrives) return drive_summary(entry);
  if (kind == kPlatforms) return platform_summary(entry);
  if (kind == kModels) return model_summary(entry, problems);
  return kind == kServers ? server_summary(entry) : fabric_summary(entry, problems);
}

}  // namespace

std::vector<CatalogEntry> list_catalog(std::span<const std::string> dirs) {
  Sources sources;
  Problems problems(sources);
  Catalog catalog({dirs.begin(), dirs.end()}, sources, problems);
  std::vector<CatalogEntry> out;
  for (const std::string_view kind : kCatalogKinds) {
    for (const std::string& name : catalog.names(kind)) {
      const Json* found = catalog.find(kind, name);
      const View entry(found, "");
      out.push_back({std::string(kind), name, catalog.file(kind, name),
                     found == nullptr ? "this file has errors; show it to see them"
                                      : entry_summary(kind, entry, problems)});
    }
  }
  return out;
}

Result<std::string> show_catalog(std::span<const std::string> dirs, std::string_view kind,
                                 std::string_view name) {
  Sources sources;
  Problems problems(sources);
  Catalog catalog({dirs.begin(), dirs.end()}, sources, problems);
  const auto& kinds = kCatalogKinds;
  if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) {
    problems.error("E013", "", "the catalog has no kind " + hyperdc::quoted(kind),
                   name_hint(kind, {kinds.begin(), kinds.end()}), {});
    return problems.take();
  }
  const Json* found = catalog.find(kind, name);
  if (found == nullptr && !problems.failed()) {
    problems.error("E030", "",
                   fmt::format("the catalog has no {} called {}", kind, hyperdc::quoted(name)),
                   name_hint(name, catalog.names(kind)), {});
  }
  if (problems.failed()) return problems.take();
  // As it was written: "80 GB" and not 80000000000 B.
  const std::string file = catalog.file(kind, name);
  const std::uint32_t source = read_source(file, file, {}, sources, problems);
  const auto written = source == 0 ? std::nullopt : parse_json(source, sources, problems);
  if (!written) return problems.take();
  return print_json(*written);
}

Result<FabricSpec> load_fabric(std::span<const std::string> dirs, std::string_view name) {
  Sources sources;
  Problems problems(sources);
  Catalog catalog({dirs.begin(), dirs.end()}, sources, problems);
  const Json* found = catalog.find(kFabrics, name);
  if (found == nullptr && !problems.failed()) {
    problems.error("E030", "", "the catalog has no fabric called " + hyperdc::quoted(name),
                   name_hint(name, catalog.names(kFabrics)), {});
  }
  if (problems.failed()) return problems.take();
  auto fabric = fabric_of_entry(View(found, fmt::format("{}.{}", kFabrics, name)), problems);
  if (!fabric) return problems.take();
  fabric->type = name;
  return std::move(*fabric);
}

}  // namespace hyperdc
