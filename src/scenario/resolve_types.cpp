// Server and accelerator types: from the scenario itself, then from the catalog.
#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <span>

#include "core/text.hpp"
#include "scenario/description.hpp"
#include "scenario/resolve.hpp"
#include "scenario/resolve_costs.hpp"

namespace hyperdc {
namespace {

/// Facts of an entry that a run with jobs rests on, as they are called under "sources".
constexpr std::array<std::string_view, 4> kAcceleratorFacts = {"power", "power.idle", "power.full",
                                                               "scale_up.domain"};
constexpr std::array<std::string_view, 11> kServerFacts = {
    "cores",  "memory", "accelerators",       "host_power", "host_power.idle", "host_power.full",
    "drives", "nics",   "servers_per_domain", "price",      "embodied"};

}  // namespace

/// An entry of the scenario, or else of the catalog. A catalog entry's problems name it.
Hardware find_entry(Resolution& r, std::string_view kind, const std::string& name) {
  if (const View own = r.spec[types_key(kind)][name]; own.json() != nullptr) return {name, own};
  const Json* found = r.catalog.find(kind, name);
  if (found == nullptr) return {name, {}};
  const std::pair<std::string, std::string> id{kind, name};
  if (std::find(r.used.begin(), r.used.end(), id) == r.used.end()) r.used.push_back(id);
  return {name, View(found, fmt::format("{}.{}", kind, name))};
}

std::vector<std::string> known_names(const Resolution& r, std::string_view kind) {
  std::vector<std::string> names;
  for (const auto& entry : r.spec[types_key(kind)].each()) {
    names.push_back(entry.key);
  }
  for (std::string& name : r.catalog.names(kind)) names.push_back(std::move(name));
  return names;
}

namespace {

std::optional<PowerRange> power_of(Resolution& r, const View& entry, std::string_view key) {
  const View power = entry[key];
  if (!power) {
    if (power.json() == nullptr && !entry["power_reason"]) {
      r.error("E036", entry, fmt::format("\"{}\" is not known and nothing says why", key),
              "add \"power_reason\": \"not published\"");
    }
    return std::nullopt;
  }
  const PowerRange range{power["idle"].number(), power["full"].number()};
  if (range.idle_w > range.full_w && power["full"]) {
    r.error("E034", power["idle"], "idle power is above full power");
  }
  return range;
}

}  // namespace

void note_source(Resolution& r, const View& source, std::string path) {
  const bool memory = source["source"].text() == "memory";
  if (!memory && !source["assumed"].flag()) return;
  const std::string note = source["note"].text();
  r.scenario.assumptions.push_back(
      {std::move(path),
       (memory ? "not from a document" : "assumed in part") + (note.empty() ? "" : ": " + note)});
}

void note_assumptions(Resolution& r, std::string_view kind, const Hardware& entry,
                      std::span<const std::string_view> facts) {
  for (const auto& [fact, source, _] : entry.value["sources"].each()) {
    if (std::find(facts.begin(), facts.end(), fact) == facts.end()) continue;
    note_source(r, source, fmt::format("{}.{}.{}", kind, entry.name, fact));
  }
}

void note_catalog_file(Resolution& r, const View& at, std::string_view kind, const Hardware& entry,
                       std::span<const std::string_view> facts) {
  const std::string shown = fmt::format("catalog/{}/{}.json", kind, entry.name);
  if (r.hashes.contains(shown)) return;
  r.note_file(at, shown, r.catalog.sha256(kind, entry.name));
  note_assumptions(r, kind, entry, facts);
}

namespace {

std::optional<std::uint32_t> add_accelerator(Resolution& r, const Hardware& entry,
                                             const std::string& model) {
  auto& all = r.scenario.accelerators;
  for (std::uint32_t i = 0; i < all.size(); ++i) {
    if (all[i].name == entry.name && all[i].model == model) return i;
  }
  if (!r.scenario.models.intern(model)) {
    r.error("E035", entry.value, "more than 64 accelerator models in one scenario");
    return std::nullopt;
  }
  AcceleratorType type;
  type.name = entry.name;
  type.model = model;
  type.power = power_of(r, entry.value, "power");
  type.power_reason = entry.value["power_reason"].text();
  type.memory_bytes = entry.value["memory"].number();
  const View compute = entry.value["compute"];
  type.rates = {compute["bf16"].number(), compute["fp8"].number(), compute["fp4"].number(),
                entry.value["memory_bandwidth"].number(), entry.value["scale_up"]["rate"].number()};
  type.scale_up_domain = static_cast<std::uint32_t>(entry.value["scale_up"]["domain"].number());
  note_assumptions(r, kAccelerators, entry, kAcceleratorFacts);
  all.push_back(std::move(type));
  return static_cast<std::uint32_t>(all.size() - 1);
}

std::string model_of(const Hardware& entry) {
  const std::string model = entry.value["model"].text();
  return model.empty() ? entry.name : model;
}

bool answers_to(const Hardware& entry, const std::string& model) {
  if (model_of(entry) == model || entry.name == model) return true;
  const auto aliases = entry.value["aliases"].texts();
  return std::find(aliases.begin(), aliases.end(), model) != aliases.end();
}

/// The entry of a model, or one without value. Looking does not count as use.
Hardware entry_of_model(Resolution& r, const std::string& model) {
  for (const auto& own : r.spec["accelerator_types"].each()) {
    if (const Hardware entry{own.key, own.value}; answers_to(entry, model)) return entry;
  }
  for (const std::string& name : r.catalog.names(kAccelerators)) {
    const Json* found = r.catalog.find(kAccelerators, name);
    if (found != nullptr && answers_to({name, View(found, "")}, model)) {
      return {name, View(found, "accelerators." + name)};
    }
  }
  return {};
}

ServerShape shape_of(Resolution& r, const View& entry, const ServerType& type) {
  ServerShape shape;
  shape.cores_milli = std::llround(entry["cores"].number() * 1000);
  shape.memory_bytes = std::llround(entry["memory"].number());
  if (!type.accelerator) return shape;
  shape.accelerators = static_cast<std::uint32_t>(entry["accelerators"].number());
  const auto& model = r.scenario.accelerators[*type.accelerator].model;
  shape.model = r.scenario.models.find(model).value_or(0);
  return shape;
}

}  // namespace

std::optional<std::uint32_t> accelerator_named(Resolution& r, const View& at) {
  const Hardware entry = find_entry(r, kAccelerators, at.text());
  if (entry.value) return add_accelerator(r, entry, model_of(entry));
  if (!r.catalog.file(kAccelerators, at.text()).empty()) return std::nullopt;  // broken: reported
  const Hardware meant = entry_of_model(r, at.text());
  if (meant.value) {
    r.error("E030", at,
            fmt::format("there is no accelerator called {}", hyperdc::quoted(at.text())),
            fmt::format("{} is the model of \"{}\"", hyperdc::quoted(at.text()), meant.name));
  } else {
    r.unknown(at, "accelerator", known_names(r, kAccelerators));
  }
  return std::nullopt;
}

std::optional<std::uint32_t> accelerator_of_model(Resolution& r, const std::string& model) {
  const Hardware entry = entry_of_model(r, model);
  if (entry.value) return add_accelerator(r, find_entry(r, kAccelerators, entry.name), model);
  auto& all = r.scenario.accelerators;
  for (std::uint32_t i = 0; i < all.size(); ++i) {
    if (all[i].model == model) return i;
  }
  if (!r.scenario.models.intern(model)) {
    r.error("E035", r.spec, "more than 64 accelerator models in one scenario");
    return std::nullopt;
  }
  AcceleratorType type;
  type.name = model;
  type.model = model;
  type.power_reason =
      fmt::format("no entry of the catalog has the model {}", hyperdc::quoted(model));
  all.push_back(std::move(type));
  return static_cast<std::uint32_t>(all.size() - 1);
}

std::string model_in_fleet(Resolution& r, const std::string& name) {
  const auto& fleet = r.scenario.accelerators;
  for (const AcceleratorType& type : fleet) {
    if (type.model == name) return name;
  }
  const Hardware entry = entry_of_model(r, name);
  for (const AcceleratorType& type : fleet) {
    if (entry.value && type.name == entry.name) return type.model;
  }
  return "";
}

std::optional<std::uint32_t> server_named(Resolution& r, const View& at) {
  auto& all = r.scenario.server_types;
  if (const auto known = r.servers.find(at.text()); known != r.servers.end()) return known->second;
  const Hardware entry = find_entry(r, kServers, at.text());
  if (!entry.value) {
    const bool broken = !r.catalog.file(kServers, at.text()).empty() || entry.value.json();
    if (!broken) r.unknown(at, "server", known_names(r, kServers));
    return std::nullopt;
  }
  const View& value = entry.value;
  ServerType type;
  type.name = entry.name;
  const bool counted = value["accelerators"].number() > 0;
  if (value["accelerator"]) type.accelerator = accelerator_named(r, value["accelerator"]);
  if (value["accelerator"] && !type.accelerator) return std::nullopt;
  if (counted != type.accelerator.has_value()) {
    r.error("E034", value,
            counted ? "has accelerators but not their type" : "has a type of accelerator but none",
            "\"accelerator\" is the type, \"accelerators\" the number");
    return std::nullopt;
  }
  type.shape = shape_of(r, value, type);
  type.host_power = power_of(r, value, "host_power");
  type.power_reason = value["power_reason"].text();
  type.price = price_of(r, value["price"]);
  type.price_source = source_of(value["sources"], "price");
  if (const View embodied = value["embodied"]) {
    type.embodied_kg = embodied["carbon"].number();
    type.embodied_life_s = embodied["life"].number();
  }
  type.drive_w = value["drives"]["count"].number() * value["drives"]["power_each"].number();
  type.nic_w = value["nics"]["count"].number() * value["nics"]["power_each"].number();
  type.nic_Bps = value["nics"]["count"].number() * value["nics"]["rate"].number();
  type.boot_time = value["boot_time"].duration();
  if (const View power = value["boot_power"]) type.boot_w = power.number();
  type.servers_per_domain =
      std::max(1U, static_cast<std::uint32_t>(value["servers_per_domain"].number()));
  const View sources = value["sources"];
  if (!sources.each().empty()) check_facts(r, sources, *server_type());
  note_assumptions(r, kServers, entry, kServerFacts);
  r.servers[type.name] = static_cast<std::uint32_t>(all.size());
  all.push_back(std::move(type));
  return static_cast<std::uint32_t>(all.size() - 1);
}

}  // namespace hyperdc
