#include "scenario/load.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fmt/format.h>
#include <set>
#include <utility>

#include "core/text.hpp"
#include "scenario/description.hpp"
#include "scenario/extend.hpp"
#include "scenario/growth_decisions.hpp"
#include "scenario/growth_windows.hpp"
#include "scenario/json_text.hpp"
#include "scenario/merge.hpp"
#include "scenario/presets.hpp"
#include "scenario/resolve.hpp"
#include "scenario/resolve_checkpoints.hpp"
#include "scenario/resolve_elastic.hpp"
#include "scenario/resolve_residency.hpp"
#include "scenario/resolve_training.hpp"

namespace hyperdc {
namespace {

/// Finds every file that a decoded value names: `opened` gets the paths to open, the value keeps
/// the path as the result shows it.
void locate_files(Json& value, const Type& type, const Path& path, const Paths& paths,
                  Resolution& r) {
  if (type.kind == Type::Kind::file && value.is(Json::Kind::text)) {
    const auto found = paths.find(value.text, value.span, path.str(), r.sources, r.problems);
    if (!found) return;
    r.opened[path.str()] = found->open;
    value.text = found->shown;
    return;
  }
  if (type.kind == Type::Kind::list && actual(*type.item).fields.empty()) return;  // plain values
  for (std::size_t i = 0; i < value.members.size(); ++i) {
    Member& member = value.members[i];
    const Type* child = child_type(&type, &value, member.key);
    const Path at = value.is(Json::Kind::list) ? path.item(i) : path[member.key];
    if (child != nullptr) locate_files(member.value, *child, at, paths, r);
  }
}

/// Where a base is missing: problems of the values that are there. Whether a key is missing or
/// belongs beside another one the base would decide.
void check_part(const Json& raw, const Type& type, const Sources& sources, Problems& problems) {
  constexpr std::array<std::string_view, 6> kOfOneValue = {"E010", "E012", "E013",
                                                           "E014", "E020", "E021"};
  Problems part(sources);
  decode(raw, type, {}, part);
  for (Issue& issue : part.take()) {
    const bool certain =
        std::find(kOfOneValue.begin(), kOfOneValue.end(), issue.code) != kOfOneValue.end();
    if (certain) problems.add(std::move(issue));
  }
}

Result<Loaded> finish(Resolution& r, Problems& problems) {
  if (problems.failed()) return problems.take();
  return Loaded{std::move(r.scenario), problems.take()};
}

}  // namespace

Result<Loaded> load_scenario(const std::string& file, const LoadOptions& options) {
  Sources sources;
  Problems problems(sources);
  const TypeRef type = scenario_type();
  std::vector<std::string> trace_dirs = options.trace_dirs;
  trace_dirs.push_back(installed_data_dir());
  const Paths paths(file, std::move(trace_dirs));
  Extended extended = read_extended(file, *type, paths, sources, problems);
  if (!extended.scenario) return problems.take();
  if (!extended.whole) {
    check_part(*extended.scenario, *type, sources, problems);
    return problems.take();
  }
  Json* raw = &*extended.scenario;
  apply_overrides(*raw, *type, options.overrides, sources, problems);
  expand_decisions(*raw, *type, problems);
  Catalog catalog(options.catalog_dirs, sources, problems);
  const std::vector<Preset> presets = expand_presets(*raw, *type, catalog, problems);
  Json spec = decode(*raw, *type, {}, problems);
  Resolution r{options, sources, problems, catalog, View(&spec, ""), {}};
  locate_files(spec, *type, {}, paths, r);
  resolve_fleet(r);
  resolve_latency(r);
  resolve_data_transfer(r);
  resolve_fabrics(r);
  resolve_wan(r);
  resolve_models(r);
  resolve_stores(r);
  resolve_storage(r);
  resolve_pools(r);
  resolve_workloads(r);
  resolve_transfers(r);
  resolve_collectives(r);
  resolve_storage_requests(r);
  resolve_services(r);
  note_presets(r, presets);
  check_transfer_sizes(r);
  resolve_tenants(r);
  resolve_orchestration(r);
  resolve_failures(r);
  resolve_checkpoints(r);
  resolve_training_networks(r);
  resolve_control_planes(r);
  resolve_growth(r);
  resolve_market(r);
  resolve_buyers(r);
  resolve_ownership(r);
  check_elastic_pools(r);
  resolve_provider(r);
  resolve_top(r);
  if (!problems.failed()) {
    write_resolved(r, spec, sources);
    set_windows_apart(r.scenario);
  }
  return finish(r, problems);
}

}  // namespace hyperdc
