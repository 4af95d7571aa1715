#include "scenario/catalog.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <system_error>
#include <utility>

#include <hyperdc/core/assert.hpp>

#include "core/text.hpp"
#include "scenario/decode.hpp"
#include "scenario/description.hpp"
#include "scenario/json_text.hpp"

namespace hyperdc {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSuffix = ".json";

}  // namespace

std::string_view types_key(std::string_view kind) {
  if (kind == kServers) return "server_types";
  if (kind == kModels) return "model_types";
  if (kind == kDrives) return "drive_types";
  return kind == kFabrics ? "fabric_types" : "accelerator_types";
}

std::string installed_catalog_dir() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  const fs::path beside = program.parent_path().parent_path() / "share/hyperdc/catalog";
  if (!error && fs::is_directory(beside, error)) return beside.string();
  return HYPERDC_SOURCE_DIR "/scenarios/catalog";
}

std::string installed_data_dir() {
  return (fs::path(installed_catalog_dir()).parent_path() / "data").string();
}

Catalog::Catalog(std::vector<std::string> dirs, Sources& sources, Problems& problems)
    : sources_(sources), problems_(problems) {
  for (const std::string& dir : dirs) {
    std::error_code error;
    if (!fs::is_directory(dir, error)) {
      Issue issue{"E001", "", "there is no catalog directory here", "", {dir, 0, 0, 0}, "", false};
      problems.add(std::move(issue));
    }
  }
  dirs.push_back(installed_catalog_dir());
  for (const std::string& dir : dirs) {
    for (const std::string_view kind : kCatalogKinds) scan(dir, kind, kinds_[std::string(kind)]);
  }
}

void Catalog::scan(const std::string& dir, std::string_view kind, Entries& entries) {
  std::error_code error;
  for (fs::directory_iterator it(fs::path(dir) / kind, error), end; !error && it != end;
       it.increment(error)) {
    std::string name = it->path().filename().string();
    if (name.size() <= kSuffix.size() || !name.ends_with(kSuffix)) continue;
    name.resize(name.size() - kSuffix.size());
    if (is_name(name)) entries.try_emplace(name, Entry{it->path().string(), "", false, {}});
  }
}

const Catalog::Entries& Catalog::entries(std::string_view kind) const {
  const auto it = kinds_.find(kind);
  HYPERDC_CHECK(it != kinds_.end(), "the catalog has no such kind");
  return it->second;
}

std::vector<std::string> Catalog::names(std::string_view kind) const {
  std::vector<std::string> out;
  for (const auto& [name, entry] : entries(kind)) out.push_back(name);
  return out;
}

std::string Catalog::file(std::string_view kind, std::string_view name) const {
  const auto it = entries(kind).find(name);
  return it == entries(kind).end() ? "" : it->second.file;
}

std::string Catalog::sha256(std::string_view kind, std::string_view name) const {
  const auto it = entries(kind).find(name);
  return it == entries(kind).end() ? "" : it->second.sha256;
}

const Json* Catalog::find(std::string_view kind, std::string_view name) {
  const auto known = kinds_.find(kind);
  if (known == kinds_.end()) return nullptr;
  Entries& all = known->second;
  const auto it = all.find(name);
  if (it == all.end()) return nullptr;
  if (!it->second.read) read(kind, it->first, it->second);
  return it->second.value.is(Json::Kind::missing) ? nullptr : &it->second.value;
}

TypeRef Catalog::file_type_of(std::string_view kind) {
  if (kind == kServers) return server_file_type();
  if (kind == kCollectives) return tuning_file_type();
  if (kind == kServing) return serving_file_type();
  if (kind == kTraining) return training_file_type();
  if (kind == kDrives) return drive_file_type();
  if (kind == kPlatforms) return platform_file_type();
  if (kind == kModels) return model_file_type();
  return kind == kFabrics ? fabric_file_type() : accelerator_file_type();
}

void Catalog::read(std::string_view kind, const std::string& name, Entry& entry) {
  entry.read = true;
  const std::size_t before = problems_.errors();
  const std::uint32_t source = read_source(entry.file, entry.file, {}, sources_, problems_);
  if (source == 0) return;
  entry.sha256 = sources_.at(source).sha256;
  const auto raw = parse_json(source, sources_, problems_);
  if (!raw) return;
  const TypeRef type = file_type_of(kind);
  Json value = decode(*raw, *type, {}, problems_);
  const Json* stated = value.find("name");
  if (stated != nullptr && stated->is(Json::Kind::text) && stated->text != name) {
    problems_.error("E014", "name",
                    fmt::format("{} in a file called {}", hyperdc::quoted(stated->text),
                                hyperdc::quoted(name + std::string(kSuffix))),
                    "an entry is named as its file", stated->span);
  }
  if (problems_.errors() > before) return;
  std::erase_if(value.members, [](const Member& member) {
    return member.key == "name" || member.key == "description";
  });
  entry.value = std::move(value);
}

}  // namespace hyperdc
