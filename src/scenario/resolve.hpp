// resolve: from a decoded scenario file to a Scenario. Each function below does one section and
// reports every problem; sections that rest on a broken one skip what they cannot know.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "scenario/catalog.hpp"
#include "scenario/decode.hpp"
#include "scenario/load.hpp"
#include "scenario/paths.hpp"

namespace hyperdc {

struct Resolution {
  const LoadOptions& options;
  Sources& sources;
  Problems& problems;
  Catalog& catalog;
  View spec;                                       // the decoded scenario
  Scenario scenario;                               // grows
  std::map<std::string, std::string> opened = {};  // path of a file key -> path that can be opened
  std::map<std::string, std::string> hashes = {};  // data files as shown -> sha256
  /// Entries of the catalog that are used, in order of first use: (kind, name).
  std::vector<std::pair<std::string, std::string>> used = {};
  std::map<std::string, std::uint32_t> servers = {};  // name of a server type -> its index
  bool all_racks_known() const;
  std::vector<bool> rack_known = {};  // by rack: its servers were all found
  std::vector<bool> pool_known = {};  // by pool: all of its racks are known

  void error(std::string_view code, const View& at, std::string message, std::string hint = "") {
    problems.error(code, at.path(), std::move(message), std::move(hint), at.span());
  }
  void warning(std::string_view code, const View& at, std::string message, std::string hint = "") {
    problems.warning(code, at.path(), std::move(message), std::move(hint), at.span());
  }
  /// What is wrong with a file, at the key that names it where it says no path of its own.
  void report(const View& at, const Issues& issues);
  /// `there is no KIND called "NAME"; did you mean …?`
  void unknown(const View& at, std::string_view kind, const std::vector<std::string>& known);
  /// Notes a data file and checks it against "files", if that names it.
  void note_file(const View& at, const std::string& sha256) { note_file(at, at.text(), sha256); }
  void note_file(const View& at, const std::string& shown, const std::string& sha256);
};

/// Indexes of the names of a list among `known`, each once, with a problem for the others.
std::vector<std::uint32_t> named_once(Resolution& r, const View& list, std::string_view kind,
                                      const std::vector<std::string>& known);
std::vector<std::string> region_names(const Scenario& scenario);
/// The index of the region, or nothing and a problem at `at`.
std::optional<std::uint32_t> region_named(Resolution& r, const View& at, const std::string& name);

void resolve_fleet(Resolution& r);    // types, regions, racks
void resolve_latency(Resolution& r);  // after the regions
void resolve_fabrics(Resolution& r);  // after the racks
void resolve_models(Resolution& r);   // own entries alone; before the workloads
void resolve_wan(Resolution& r);      // after the fabrics and the latencies
void resolve_stores(Resolution& r);   // after the regions
void resolve_storage(Resolution& r);  // after the fabrics
void resolve_pools(Resolution& r);
void resolve_workloads(Resolution& r);         // jobs
void resolve_transfers(Resolution& r);         // after the fabrics
void resolve_collectives(Resolution& r);       // after the fabrics
void resolve_storage_requests(Resolution& r);  // after the storage systems
void resolve_services(Resolution& r);          // after the workloads
void resolve_tenants(Resolution& r);           // of pools; after the services
void resolve_orchestration(Resolution& r);     // of pools; after the workloads
void resolve_failures(Resolution& r);
void resolve_control_planes(Resolution& r);
void resolve_growth(Resolution& r);
void resolve_market(Resolution& r);
void resolve_buyers(Resolution& r);
void resolve_ownership(Resolution& r);
void resolve_provider(Resolution& r);  // counts what the others found
void resolve_top(Resolution& r);       // name, times, objectives

/// Fills Scenario::files, resolved_json and sha256.
void write_resolved(Resolution& r, const Json& spec, const Sources& sources);

// Hardware by name (resolve_types.cpp).
struct Hardware {
  std::string name;
  View value;  // null if there is none
};
/// An entry of the scenario, or else of the catalog.
Hardware find_entry(Resolution& r, std::string_view kind, const std::string& name);
std::vector<std::string> known_names(const Resolution& r, std::string_view kind);
/// Says aloud that the fact at `path` rests on memory or on an assumption, where it does.
void note_source(Resolution& r, const View& source, std::string path);
/// Says aloud which of `facts` (keys of "sources") rest on memory or on an assumption.
void note_assumptions(Resolution& r, std::string_view kind, const Hardware& entry,
                      std::span<const std::string_view> facts);
/// Of kinds that are in the catalog only: the result depends on the file, so its hash is kept, and
/// what it assumes is said, once.
void note_catalog_file(Resolution& r, const View& at, std::string_view kind, const Hardware& entry,
                       std::span<const std::string_view> facts);
/// Index into Scenario::accelerators of the entry `at` names; nothing and a problem if unknown.
std::optional<std::uint32_t> accelerator_named(Resolution& r, const View& at);
/// The accelerator whose model (or alias) a node list names; an unknown model has no power.
std::optional<std::uint32_t> accelerator_of_model(Resolution& r, const std::string& model);
/// The model under which the fleet has what `name` means (a model, an alias, an entry's name);
/// empty if no server has it.
std::string model_in_fleet(Resolution& r, const std::string& name);
/// Index into Scenario::server_types of the entry `at` names.
std::optional<std::uint32_t> server_named(Resolution& r, const View& at);

/// The fabric of the region that a workload or a failure names, or the WAN where it is "over" that;
/// nothing and a problem if there is none.
std::optional<std::uint32_t> fabric_of(Resolution& r, const View& workload);
/// Index into Scenario::services of the one that `at` names; nothing and a problem if unknown.
std::optional<std::uint32_t> service_named(Resolution& r, const View& at, std::string_view kind);
/// A workload of servers in a scenario that has none.
void no_pools(Resolution& r, const View& workload);
/// Whether an empty server of the pool would hold the request, accelerators of its models included.
bool fits_somewhere(const Scenario& scenario, const PoolSpec& pool, const Request& request);
/// Rack groups in pools that "in", "zones" and "racks" of `at` choose together (resolve_scope.cpp).
/// Empty with a problem where there is none, or without one where that cannot be told.
std::vector<std::uint32_t> racks_in_scope(Resolution& r, const View& at);
/// "REGION.ZONE" of a rack group.
std::string zone_name(const Scenario& scenario, const RackGroup& rack);
/// A time drawn at random whose mean is at least `least` seconds; a problem otherwise.
DistributionSpec random_time(Resolution& r, const View& value, double least);

/// Accelerators of a rack group or pool.
std::uint64_t accelerators_in(const Scenario& scenario, const RackGroup& rack);
std::uint64_t servers_in(const RackGroup& rack);

}  // namespace hyperdc
