// Catalog: hardware as data, one JSON file a thing, each fact with its source and date.
#pragma once

#include <array>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "scenario/describe.hpp"
#include "scenario/sources.hpp"

namespace hyperdc {

/// Where the catalog that came with the program lies: share/hyperdc/catalog beside the directory of
/// the executable, or scenarios/catalog of the source tree that it was built from.
std::string installed_catalog_dir();

/// The public traces that came with the program, beside its catalog: any scenario may read them.
std::string installed_data_dir();

inline constexpr std::string_view kAccelerators = "accelerators";
inline constexpr std::string_view kServers = "servers";
inline constexpr std::string_view kFabrics = "fabrics";
inline constexpr std::string_view kCollectives = "collectives";
inline constexpr std::string_view kServing = "serving";  // software of inference engines
inline constexpr std::string_view kModels = "models";
inline constexpr std::string_view kTraining = "training";  // software that trains
inline constexpr std::string_view kDrives = "drives";
inline constexpr std::string_view kPlatforms = "platforms";  // managed, that run jobs
/// Every kind of entry, in the order in which they are listed.
inline constexpr std::array<std::string_view, 9> kCatalogKinds = {
    kAccelerators, kServers, kFabrics,  kDrives,   kCollectives,
    kModels,       kServing, kTraining, kPlatforms};
/// The key of a scenario under which it has its own entries of a kind: "server_types". Collectives,
/// software and platforms are in the catalog only.
std::string_view types_key(std::string_view kind);

/// The entries of several directories; the first that has a name wins. Files are read when they are
/// first asked for; what is wrong in them is reported then.
class Catalog {
 public:
  /// `dirs` are searched in order, then the installed catalog.
  Catalog(std::vector<std::string> dirs, Sources& sources, Problems& problems);

  /// Sorted.
  std::vector<std::string> names(std::string_view kind) const;
  /// The decoded entry without "name"; null if there is none or it is broken.
  const Json* find(std::string_view kind, std::string_view name);
  /// Path of the entry's file; empty if there is none.
  std::string file(std::string_view kind, std::string_view name) const;
  std::string sha256(std::string_view kind, std::string_view name) const;

 private:
  struct Entry {
    std::string file;
    std::string sha256;
    bool read = false;
    Json value;
  };
  using Entries = std::map<std::string, Entry, std::less<>>;

  void scan(const std::string& dir, std::string_view kind, Entries& entries);
  const Entries& entries(std::string_view kind) const;
  static TypeRef file_type_of(std::string_view kind);
  void read(std::string_view kind, const std::string& name, Entry& entry);

  Sources& sources_;
  Problems& problems_;
  std::map<std::string, Entries, std::less<>> kinds_;
};

}  // namespace hyperdc
