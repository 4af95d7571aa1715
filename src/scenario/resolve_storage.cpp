// Storage systems: what drives there are, and whether code and placement go onto them.
#include "scenario/resolve_storage.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <set>

#include "core/text.hpp"
#include "scenario/description.hpp"
#include "scenario/resolve.hpp"
#include "scenario/resolve_costs.hpp"
#include "scenario/resolve_storage_growth.hpp"

namespace hyperdc {
namespace {

constexpr double kFragmentsOfDrive = 100;  // Ceph: about a hundred placement groups a drive
constexpr double kLeastLife_s = 60;
constexpr std::array<std::string_view, 5> kDriveFacts = {"capacity", "bandwidth", "afr", "seek",
                                                         "price"};

struct Counts {
  double servers = 0;
  std::uint32_t racks = 0;
  std::map<std::string, std::uint32_t> racks_of_zone;
};

Counts count_places(const Scenario& scenario, const std::vector<std::uint32_t>& racks) {
  Counts counts;
  for (const std::uint32_t i : racks) {
    const RackGroup& rack = scenario.racks[i];
    counts.servers += static_cast<double>(servers_in(rack));
    counts.racks += rack.racks;
    counts.racks_of_zone[rack.zone] += rack.racks;
  }
  return counts;
}

/// Is there a place of its own for each fragment of a group?
void check_spread(Resolution& r, const View& system, const StorageSpec& spec,
                  const Counts& counts) {
  const std::uint32_t n = spec.code.fragments();
  const View at = system["placement"];
  double places = counts.servers;
  std::string of = "servers";
  if (spec.spread == StorageSpread::rack) {
    places = counts.racks;
    of = "racks";
  } else if (spec.spread == StorageSpread::zone) {
    const auto zones = static_cast<std::uint32_t>(counts.racks_of_zone.size());
    const std::uint32_t each = (n + zones - 1) / zones;
    places = 0;
    for (const auto& [_, racks] : counts.racks_of_zone) places += std::min(racks, each);
    of = fmt::format("racks, {} of each zone at most,", each);
  }
  if (places >= n) return;
  r.error("E034", at ? at : system,
          fmt::format("{} fragments of a group do not go into {} {}", n, places, of),
          "more racks, a narrower code, or another \"spread\"");
}

void read_placement(const View& placement, StorageSpec& spec) {
  if (placement["policy"].text() == "copysets") spec.placement = StoragePlacement::copysets;
  spec.scatter_width = static_cast<std::uint32_t>(placement["scatter_width"].number());
  const std::string spread = placement["spread"].text();
  if (spread == "rack") spec.spread = StorageSpread::rack;
  if (spread == "zone") spec.spread = StorageSpread::zone;
}

void read_repair(Resolution& r, const View& repair, double bandwidth_Bps, StorageSpec& spec) {
  StorageRepair& out = spec.repair;
  out.streams = std::max(1U, static_cast<std::uint32_t>(repair["streams"].number()));
  out.detect = repair["detect"].duration();
  out.after = repair["after"].duration();
  out.on_fabric = repair["on_fabric"].flag();
  const View rate = repair["rate"];
  out.rate_Bps = rate ? rate.number() : bandwidth_Bps / out.streams;
  if (rate && rate.number() * out.streams > bandwidth_Bps) {
    r.error("E034", rate,
            fmt::format("{} of them are more than the drive reads or writes", out.streams),
            "at most its \"bandwidth\" over \"streams\"");
  }
  if (out.on_fabric && !fabric_of_region(r.scenario.fabrics, spec.region)) {
    r.error("E034", repair["on_fabric"], "the region has no fabric",
            "give it \"fabric\", or remove this");
  }
}

/// Groups and the size of their fragments; false with a problem where there are too many.
bool size_groups(Resolution& r, const View& system, double servers, StorageSpec& spec) {
  const double drives = servers * spec.drives_per_server;
  const double n = spec.code.fragments();
  if (drives > kMostDrives) {
    r.error("E035", system["drives_per_server"], fmt::format("{} drives in one system", drives),
            fmt::format("at most {}", kMostDrives));
    return false;
  }
  const View groups = system["groups"];
  const double count =
      groups ? groups.number() : std::max(1.0, std::round(kFragmentsOfDrive * drives / n));
  if (count * n > kMostFragments) {
    r.error("E035", groups ? groups : system, fmt::format("{} fragments", count * n),
            fmt::format("at most {}", kMostFragments));
    return false;
  }
  spec.drives = static_cast<std::uint32_t>(drives);
  spec.groups = static_cast<std::uint64_t>(count);
  spec.fragment_bytes = static_cast<std::uint64_t>(
      std::max(1.0, std::floor(system["used"].number() * spec.drive_bytes * drives / (count * n))));
  if (static_cast<double>(spec.fragment_bytes) > spec.drive_bytes * spec.full_ratio) {
    r.error("E034", groups ? groups : system, "a fragment is larger than a drive", "more groups");
    return false;
  }
  const View rate = system["repair"]["rate"];
  const double takes_s = static_cast<double>(spec.fragment_bytes) / spec.repair.rate_Bps;
  if (takes_s > kLongestRepair_s) {
    r.error("E034", rate ? rate : system,
            fmt::format("the repair of a fragment takes {} years",
                        std::round(takes_s / kSecondsOfYear)),
            "at most 30 years: a higher \"rate\", or more \"groups\"");
    return false;
  }
  if (spec.placement == StoragePlacement::copysets && spec.scatter_width > spec.drives - 1) {
    r.error("E034", system["placement"]["scatter_width"],
            fmt::format("a drive has only {} others", spec.drives - 1), "at most that");
    return false;
  }
  return true;
}

/// As a repair, a move ends in the time of a life.
void check_moves(Resolution& r, const View& system, const StorageSpec& spec) {
  if (!spec.rebalance) return;
  const double takes_s = static_cast<double>(spec.fragment_bytes) / spec.rebalance->rate_Bps;
  if (takes_s <= kLongestRepair_s) return;
  const View rate = system["rebalance"]["rate"];
  r.error("E034", rate ? rate : system["rebalance"],
          "the move of a fragment takes more than 30 years", "a higher rate, or more groups");
}

void resolve_system(Resolution& r, const std::string& name, const View& system,
                    std::uint32_t region) {
  StorageSpec spec;
  spec.name = r.scenario.regions[region].name + "." + name;
  spec.region = region;
  spec.racks = racks_of_storage(r, system, system["racks"], region);
  const std::vector<JoiningRacks> joining = read_expansion(r, system, spec);
  const View code = system["code"];
  const auto known = StorageCode::named(code.text());
  if (code && !known) {
    r.error("E014", code, StorageCode::problem_of(code.text()),
            "replication-3, rs-10-4 or lrc-12-2-2, of at most 32 fragments");
  }
  if (known) spec.code = *known;
  const View named = system["drive"];
  const Hardware drive = find_entry(r, kDrives, named.text());
  if (named && drive.value.json() == nullptr) {
    r.unknown(named, "drive", known_names(r, kDrives));
  }
  const View sources = drive.value["sources"];
  if (!sources.each().empty()) check_facts(r, sources, *drive_type());
  note_assumptions(r, kDrives, drive, kDriveFacts);
  spec.drive = drive.name;
  spec.drive_price = price_of(r, drive.value["price"]);
  spec.drive_price_source = source_of(sources, "price");
  spec.drive_bytes = drive.value["capacity"].number();
  spec.drive_Bps = drive.value["bandwidth"].number();
  spec.seek = drive.value["seek"].duration();
  spec.drives_per_server = static_cast<std::uint32_t>(system["drives_per_server"].number());
  const View life = system["time_to_failure"];
  const double afr = drive.value["afr"].number();
  if (life) {
    spec.time_to_failure = random_time(r, life, kLeastLife_s);
  } else if (afr > 0) {
    spec.time_to_failure = Exponential{kSecondsOfYear / afr};
  }
  read_durability(r, system, spec);
  spec.replace = system["replace"].duration();
  read_placement(system["placement"], spec);
  const double bandwidth = drive.value["bandwidth"].number();
  if (bandwidth > 0) {
    read_repair(r, system["repair"], bandwidth, spec);
    read_rebalance(r, system, spec);
  }
  spec.full_ratio = system["full_ratio"].number();
  read_storage_service(r, system, spec);
  const bool whole =
      code && known && bandwidth > 0 && spec.drive_bytes > 0 && spec.drives_per_server > 0 &&
      !spec.racks.empty() &&
      std::ranges::all_of(spec.racks, [&](std::uint32_t i) { return r.rack_known[i]; });
  if (!whole) return;
  const Counts counts = count_places(r.scenario, spec.racks);
  check_spread(r, system, spec, counts);
  if (!size_groups(r, system, counts.servers, spec)) return;
  check_moves(r, system, spec);
  check_durability(r, system, spec);
  add_joins(r, system, joining, spec);
  read_growth(r, system, spec);
  r.scenario.storage.push_back(std::move(spec));
}

}  // namespace

std::vector<std::string> storage_names(const Resolution& r) {
  std::vector<std::string> names;
  for (const auto& [region, value, _] : r.spec["regions"].each()) {
    for (const auto& [system, of, span] : value["storage"].each()) {
      names.push_back(region + "." + system);
    }
  }
  return names;
}

std::vector<std::uint32_t> racks_of_storage(Resolution& r, const View& at, const View& names,
                                            std::uint32_t region) {
  const std::string prefix = r.scenario.regions[region].name + ".";
  std::vector<std::string> known;
  std::vector<std::uint32_t> all;
  for (std::uint32_t i = 0; i < r.scenario.racks.size(); ++i) {
    if (r.scenario.racks[i].region != region) continue;
    known.push_back(r.scenario.racks[i].name.substr(prefix.size()));
    all.push_back(i);
  }
  if (!names) {
    if (all.empty()) {
      r.error("E034", at, "the region has no racks", R"(give it "racks")");
    }
    return all;
  }
  std::vector<std::uint32_t> chosen;
  for (const auto& [_, name, span] : names.each()) {
    const auto found = std::ranges::find(known, name.text());
    if (found == known.end()) {
      r.unknown(name, "rack group", known);
      continue;
    }
    const std::uint32_t rack = all[static_cast<std::size_t>(found - known.begin())];
    if (std::ranges::find(chosen, rack) != chosen.end()) {
      r.error("E034", name, "the rack group is named twice", "remove one");
      continue;
    }
    chosen.push_back(rack);
  }
  std::ranges::sort(chosen);
  return chosen;
}

void resolve_storage(Resolution& r) {
  std::uint32_t index = 0;
  bool any = false;
  for (const auto& [name, region, _] : r.spec["regions"].each()) {
    for (const auto& [system_name, system, span] : region["storage"].each()) {
      any = true;
      if (system) resolve_system(r, system_name, system, index);
    }
    ++index;
  }
  if (any && r.spec["duration"].json() == nullptr) {
    r.error("E033", r.spec["regions"], "drives fail as long as the run lasts",
            R"(add "duration": "365 d" to the scenario)");
  }
}

}  // namespace hyperdc
