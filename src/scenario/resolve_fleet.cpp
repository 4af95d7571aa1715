// Regions and racks: which servers stand where.
#include <algorithm>
#include <bit>
#include <fmt/format.h>
#include <map>
#include <tuple>
#include <variant>

#include "core/text.hpp"
#include "scenario/description.hpp"
#include "scenario/resolve.hpp"
#include "scenario/resolve_costs.hpp"
#include "scenario/resolve_power.hpp"

namespace hyperdc {
namespace {

constexpr std::size_t kMaxServerTypes = 65'536;

/// The server type of one row of a node list.
std::optional<std::uint32_t> type_of_row(Resolution& r, const View& rack, const std::string& name,
                                         const ServerShape& shape) {
  ServerType type;
  const double cores = static_cast<double>(shape.cores_milli) / 1000;
  const std::string memory =
      format_for_people(static_cast<double>(shape.memory_bytes), Dimension::bytes);
  type.name = fmt::format("{}: {} cores, {}", name, cores, memory);
  type.shape = shape;
  if (shape.accelerators > 0) {
    const auto bit = static_cast<std::size_t>(std::countr_zero(shape.model));
    const std::string model = r.scenario.models.names()[bit];
    type.name += fmt::format(", {} {}", shape.accelerators, model);
    type.accelerator = accelerator_of_model(r, model);
    if (!type.accelerator) return std::nullopt;
  }
  const View power = rack["host_power"];
  if (power) {
    type.host_power = PowerRange{cores * power["idle_per_core"].number(),
                                 cores * power["full_per_core"].number()};
  } else {
    type.power_reason = "the node list does not tell the power of its hosts";
  }
  r.scenario.server_types.push_back(std::move(type));
  return static_cast<std::uint32_t>(r.scenario.server_types.size() - 1);
}

/// Reads the node list of a rack group; false when it is not known.
bool read_node_list(Resolution& r, const View& rack, RackGroup& group) {
  const View file = rack["nodes"]["file"];
  const auto opened = r.opened.find(file.path());
  if (!r.options.check_traces || opened == r.opened.end()) return false;
  const auto read = read_nodes(rack["nodes"]["format"].text(), opened->second, r.scenario.models);
  if (const auto* issues = std::get_if<Issues>(&read)) {
    r.report(rack["nodes"], *issues);
    return false;
  }
  const NodeList& list = std::get<NodeList>(read);
  r.note_file(file, list.sha256);
  std::map<std::tuple<std::int64_t, std::int64_t, std::uint32_t, ModelSet>, std::uint32_t> types;
  for (const NodeRow& row : list.rows) {
    const ServerShape& shape = row.shape;
    const auto [place, is_new] =
        types.try_emplace({shape.cores_milli, shape.memory_bytes, shape.accelerators, shape.model});
    if (is_new) {
      if (types.size() > kMaxServerTypes) {
        r.error("E035", rack["nodes"],
                fmt::format("more than {} kinds of servers", kMaxServerTypes));
        return false;
      }
      const auto type = type_of_row(r, rack, group.name, shape);
      if (!type) return false;
      place->second = *type;
    }
    const std::uint32_t type = place->second;
    if (!group.servers.empty() && group.servers.back().type == type) {
      group.servers.back().count += row.count;
    } else {
      group.servers.push_back({type, row.count});
    }
  }
  return !group.servers.empty();
}

bool read_servers(Resolution& r, const View& rack, RackGroup& group) {
  const View server = rack["server"];
  const View count = rack["count"];
  const auto type = server ? server_named(r, server) : std::nullopt;
  if (!type || !count || group.servers_per_rack == 0) return false;
  const double servers = count.number() * group.servers_per_rack;
  if (servers > kMaxServers) {
    r.error("E035", count, fmt::format("{} servers in one rack group", servers),
            fmt::format("a scenario may have {} servers", kMaxServers));
    return false;
  }
  group.servers.push_back({*type, static_cast<std::uint32_t>(servers)});
  return true;
}

void resolve_rack(Resolution& r, const View& rack, RackGroup group) {
  const bool listed = rack["nodes"].json() != nullptr;
  group.servers_per_rack = static_cast<std::uint32_t>(rack["servers_per_rack"].number());
  const bool known = listed ? read_node_list(r, rack, group) : read_servers(r, rack, group);
  const std::uint64_t per_rack = std::max(1U, group.servers_per_rack);
  group.racks = static_cast<std::uint32_t>((servers_in(group) + per_rack - 1) / per_rack);
  r.scenario.racks.push_back(std::move(group));
  r.rack_known.push_back(known);
}

void check_totals(Resolution& r) {
  double servers = 0;
  double accelerators = 0;
  for (const RackGroup& rack : r.scenario.racks) {
    servers += static_cast<double>(servers_in(rack));
    accelerators += static_cast<double>(accelerators_in(r.scenario, rack));
  }
  const View at = r.spec["regions"];
  if (servers > kMaxServers) {
    r.error("E035", at, fmt::format("{} servers in all", servers),
            fmt::format("a scenario may have {}", kMaxServers));
  }
  if (accelerators > kMaxAccelerators) {
    r.error("E035", at, fmt::format("{} accelerators in all", accelerators),
            fmt::format("a scenario may have {}", kMaxAccelerators));
  }
}

/// Inline types that no rack uses are checked too.
void check_inline_types(Resolution& r) {
  for (const auto& entry : r.spec["accelerator_types"].each()) {
    const View power = entry.value["power"];
    if (entry.value && power.json() == nullptr && !entry.value["power_reason"]) {
      const bool used = std::any_of(r.scenario.accelerators.begin(), r.scenario.accelerators.end(),
                                    [&](const AcceleratorType& t) { return t.name == entry.key; });
      if (used) continue;  // reported where it is used
      r.error("E036", entry.value, "\"power\" is not known and nothing says why",
              "add \"power_reason\": \"not published\"");
    }
  }
}

}  // namespace

std::uint64_t servers_in(const RackGroup& rack) {
  std::uint64_t n = 0;
  for (const RackGroup::Run& run : rack.servers) n += run.count;
  return n;
}

std::uint64_t accelerators_in(const Scenario& scenario, const RackGroup& rack) {
  std::uint64_t n = 0;
  for (const RackGroup::Run& run : rack.servers) {
    n += std::uint64_t{run.count} * scenario.server_types[run.type].shape.accelerators;
  }
  return n;
}

bool fits_somewhere(const Scenario& scenario, const PoolSpec& pool, const Request& request) {
  for (const std::uint32_t rack : pool.racks) {
    for (const RackGroup::Run& run : scenario.racks[rack].servers) {
      const ServerShape& shape = scenario.server_types[run.type].shape;
      const bool model =
          request.accelerators == 0 || request.models == 0 || (request.models & shape.model) != 0;
      if (model && shape.cores_milli >= request.cores_milli &&
          shape.memory_bytes >= request.memory_bytes &&
          static_cast<std::int64_t>(shape.accelerators) >= request.accelerators) {
        return true;
      }
    }
  }
  return false;
}

void resolve_fleet(Resolution& r) {
  for (const auto& [name, region, _] : r.spec["regions"].each()) {
    Region out;
    out.name = name;
    resolve_pue(r, region["facility"], out);
    if (const View power = region["facility"]["power"]) out.power_limit_w = power.number();
    resolve_costs(r, region["facility"], out);
    r.scenario.regions.push_back(std::move(out));
    for (const auto& rack : region["racks"].each()) {
      if (r.scenario.racks.size() == kMaxRackGroups) {
        r.error("E035", rack.value, fmt::format("more than {} rack groups", kMaxRackGroups));
        return;
      }
      RackGroup group;
      group.name = fmt::format("{}.{}", name, rack.key);
      group.region = static_cast<std::uint32_t>(r.scenario.regions.size() - 1);
      if (const View zone = rack.value["zone"]) {
        group.zone = zone.text();
        if (!is_name(group.zone)) {
          r.error("E014", zone, hyperdc::quoted(group.zone) + " is not a name",
                  "names are made of a-z, 0-9, _ and -, and begin with a letter or digit");
        }
      }
      resolve_rack(r, rack.value, std::move(group));
    }
    resolve_facility(r, region);
  }
  check_inline_types(r);
  check_totals(r);
}

}  // namespace hyperdc
