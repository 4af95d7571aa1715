// Failures: which racks a cause may hit, and what it does to them.
#include <algorithm>
#include <fmt/format.h>
#include <variant>

#include "core/text.hpp"
#include "scenario/description.hpp"
#include "scenario/resolve.hpp"
#include "scenario/resolve_jobs.hpp"
#include "workload/outage_trace.hpp"

namespace hyperdc {
namespace {

constexpr double kLeastLife = 1;  // s, mean: what fails more often makes no progress

FaultItem item_of(const std::string& name) {
  if (name == "accelerator") return FaultItem::accelerator;
  if (name == "rack") return FaultItem::rack;
  if (name == "zone") return FaultItem::zone;
  if (name == "region") return FaultItem::region;
  return FaultItem::server;
}

void resolve_scope(Resolution& r, const View& cause, FailureSpec& out) {
  out.racks = racks_in_scope(r, cause);
  std::uint64_t accelerators = 0;
  for (const std::uint32_t rack : out.racks) {
    accelerators += accelerators_in(r.scenario, r.scenario.racks[rack]);
  }
  if (out.of == FaultItem::accelerator && !out.racks.empty() && accelerators == 0) {
    r.error("E034", cause["of"], "these racks have no accelerators");
  }
}

RandomFailures random_of(Resolution& r, const View& cause, FaultItem of) {
  RandomFailures out;
  out.time_to_failure = random_time(r, cause["time_to_failure"], kLeastLife);
  const View repair = cause["repair"];
  out.repair = random_time(r, repair["time"], 0);
  if (const View v = repair["technicians"]) {
    out.technicians = static_cast<std::uint32_t>(v.number());
  }
  if (const View v = repair["spares"]) {
    out.spares = static_cast<std::uint32_t>(v.number());
    if (repair["lead_time"]) out.lead_time = random_time(r, repair["lead_time"], 0);
    if (v.number() == 0) {
      r.error("E021", v, "without any part nothing is ever repaired",
              "a part is ordered when one is taken, so there must be one to begin with");
    }
  }
  if (const View lemons = cause["lemons"]) {
    out.lemon_share = lemons["share"].number();
    out.lemon_factor = std::max(1.0, lemons["factor"].number());
  }
  if (const View common = cause["common_cause"]) {
    out.common_probability = common["probability"].number();
    out.common_group = item_of(common["group"].text());
    out.common_share = common["share"].number();
    const bool smaller = of == FaultItem::accelerator ? false : out.common_group <= of;
    if (smaller) {
      r.error("E034", common,
              fmt::format("a {} is no part of a {}", cause["of"].text(), common["group"].text()),
              "\"group\" must be larger than \"of\"");
    }
  }
  return out;
}

ReplayedOutages replayed_outages(Resolution& r, const View& cause) {
  ReplayedOutages out;
  out.time_scale = cause["time_scale"].number();
  const View file = cause["file"];
  const auto opened = r.opened.find(file.path());
  if (!r.options.check_traces || opened == r.opened.end()) return out;
  const bool members = cause["format"].text() == "bamboo";
  auto read = members ? read_members(opened->second) : read_outages(opened->second);
  if (const auto* issues = std::get_if<Issues>(&read)) {
    r.report(file, *issues);
    return out;
  }
  auto& list = std::get<OutageList>(read);
  r.note_file(file, list.sha256);
  out.rows = std::move(list.rows);
  out.places = list.places;
  return out;
}

/// Every place of a trace of members is a server.
void check_places(Resolution& r, const View& cause, const FailureSpec& out,
                  const ReplayedOutages& replay) {
  if (out.of != FaultItem::server || out.racks.empty()) return;
  std::uint64_t servers = 0;
  for (const std::uint32_t rack : out.racks) servers += servers_in(r.scenario.racks[rack]);
  if (replay.places <= servers) return;
  r.error("E034", cause["file"],
          fmt::format("the trace has places for {} nodes, and there are {} servers in its scope",
                      replay.places, servers),
          "more racks, or another \"of\"");
}

PlannedOutage outage_of(Resolution& r, const View& cause) {
  PlannedOutage out;
  out.at = cause["at"].duration();
  out.lasts = cause["for"].duration();
  const View items = cause["items"];
  const View share = cause["share"];
  if (items) out.items = static_cast<std::uint64_t>(items.number());
  if (share) out.share = share.number();
  if (items && share) r.error("E015", cause, "\"items\" and \"share\" exclude each other");
  return out;
}

FaultItem item_emptied(const std::string& name) {
  if (name == "region") return FaultItem::region;
  return name == "zone" ? FaultItem::zone : FaultItem::rack;
}

Maintenance maintenance_of(const View& cause) {
  Maintenance out;
  out.first = cause["first"].duration();
  if (const View every = cause["every"]) out.every = every.duration();
  out.racks_at_once = static_cast<std::uint32_t>(cause["racks_at_once"].number());
  out.drain = cause["drain"].duration();
  out.move = cause["jobs"].text() == "move";
  out.lasts = cause["for"].duration();
  return out;
}

NetworkPart part_of(const std::string& name) {
  if (name == "cable") return NetworkPart::cable;
  if (name == "optics") return NetworkPart::optics;
  if (name == "plane") return NetworkPart::plane;
  if (name == "optical-switch") return NetworkPart::optical_switch;
  if (name == "cube") return NetworkPart::cube;
  return NetworkPart::network_switch;
}

/// The item that is a link of the WAN by its name.
void name_wan_link(Resolution& r, const View& cause, NetworkFault& out) {
  const View link = cause["link"];
  if (!link) return;
  if (out.of != NetworkPart::cable || cause["over"].text() != kWan) {
    return r.error("E034", link, "only cables of the WAN have names",
                   R"("over": "wan" and "of": "cable"; or "first")");
  }
  if (cause["first"].number() > 0) {
    return r.error("E015", cause, "\"link\" and \"first\" exclude each other");
  }
  std::vector<std::string> names;
  std::uint32_t item = 0;
  for (const auto& each : r.spec["wan"]["links"].each()) {
    const std::string name = each.value["name"].text();
    if (name == link.text()) {
      out.first = item;
      return;
    }
    if (!name.empty()) names.push_back(name);
    ++item;
  }
  r.unknown(link, "link", names);
}

/// The tier is one that the fabric has, and the items are there.
void check_part(Resolution& r, const View& cause, const NetworkFault& out) {
  const Topology& topology = *r.scenario.fabrics[out.fabric].topology;
  const std::vector<std::string> tiers = fault_tiers(topology, out.of);
  const View tier = cause["tier"];
  const bool has_tiers = out.of == NetworkPart::network_switch || out.of == NetworkPart::cable ||
                         out.of == NetworkPart::optics;
  if (has_tiers && tiers.size() > 1 && tier.json() == nullptr) {
    r.error("E011", View(cause.json(), cause.path() + ".tier"), "is missing",
            fmt::format("add \"tier\": \"{}\"", tiers.back()));
    return;
  }
  if (!has_tiers && tier) {
    r.error("E034", tier, fmt::format("a {} has no tier", cause["of"].text()));
    return;
  }
  if (tier && std::find(tiers.begin(), tiers.end(), tier.text()) == tiers.end()) {
    r.unknown(tier, "tier", tiers);
    return;
  }
  const std::size_t items = fault_groups(topology, out.of, out.tier).links.size();
  if (out.of == NetworkPart::cube && !r.scenario.fabrics[out.fabric].pod) {
    r.error("E034", cause["of"], "this fabric is not a slice of a pod",
            R"(a torus of whole cubes that has "slices")");
  } else if (items == 0) {
    r.error("E034", cause["of"], fmt::format("this fabric has no {}", cause["of"].text()));
  } else if (out.at && std::uint64_t{out.first} + out.items > items) {
    r.error("E034", cause[cause["items"].number() > 1 ? "items" : "first"],
            fmt::format("items {} to {} fail, and there are {}, from 0", out.first,
                        std::uint64_t{out.first} + out.items - 1, items));
  }
}

/// Cubes of the pod that are neither in the slice nor spares of another cause.
std::uint32_t free_cubes(const Resolution& r, std::uint32_t fabric) {
  const FabricSpec& spec = r.scenario.fabrics[fabric];
  std::uint32_t taken = spec.topology->racks();
  for (const FailureSpec& other : r.scenario.failures) {
    const auto* fault = std::get_if<NetworkFault>(&other.what);
    if (fault != nullptr && fault->spares && fault->fabric == fabric) taken += fault->spares->count;
  }
  return spec.pod->cubes - std::min(spec.pod->cubes, taken);
}

std::optional<SpareCubes> spares_of(Resolution& r, const View& cause, const NetworkFault& fault) {
  const View spare = cause["spare"];
  if (!spare || !cause["of"]) return std::nullopt;
  if (fault.of != NetworkPart::cube) {
    r.error("E034", spare, fmt::format("{} has no spares", cause["of"].text()),
            R"(spares are of "of": "cube")");
    return std::nullopt;
  }
  if (!r.scenario.fabrics[fault.fabric].pod) return std::nullopt;  // reported
  const std::uint32_t free = free_cubes(r, fault.fabric);
  SpareCubes out{free, spare["after"].duration()};
  if (const View count = spare["count"]) out.count = static_cast<std::uint32_t>(count.number());
  if (free == 0 || out.count > free) {
    r.error("E034", spare["count"] ? spare["count"] : spare,
            fmt::format("{} cubes of the pod are neither in the slice nor spares of another cause",
                        free),
            free == 0 && !spare["count"] ? R"(give the spares of other causes a "count")"
                                         : "a pod of more cubes, or fewer spares");
  }
  return out;
}

NetworkFault network_of(Resolution& r, const View& cause) {
  NetworkFault out;
  const auto fabric = fabric_of(r, cause);
  out.fabric = fabric.value_or(0);
  out.of = part_of(cause["of"].text());
  out.tier = cause["tier"].text();
  out.capacity = cause["capacity"].number();
  if (const View at = cause["at"]) {
    out.at = at.duration();
    out.lasts = cause["for"].duration();
    out.first = static_cast<std::uint32_t>(cause["first"].number());
    out.items = std::max(1U, static_cast<std::uint32_t>(cause["items"].number()));
  }
  if (const View mtbf = cause["mtbf"]) {
    out.mtbf_s = mtbf.number();
    out.repair_s = distribution_of(r, cause["repair"]);
  }
  if (cause["capacity"] && out.capacity == 1) {
    r.error("E021", cause["capacity"], "a part that keeps all of its capacity has not failed");
  }
  name_wan_link(r, cause, out);
  if (fabric && cause["of"]) {
    const auto tiers = fault_tiers(*r.scenario.fabrics[out.fabric].topology, out.of);
    if (cause["tier"].json() == nullptr && tiers.size() == 1) out.tier = tiers[0];
    check_part(r, cause, out);
  }
  if (fabric) out.spares = spares_of(r, cause, out);
  return out;
}

}  // namespace

void resolve_failures(Resolution& r) {
  for (const auto& [name, cause, _] : r.spec["failures"].each()) {
    if (!cause) continue;
    FailureSpec out;
    out.name = name;
    const std::string kind = cause["kind"].text();
    if (kind == "network") {
      out.what = network_of(r, cause);
      r.scenario.failures.push_back(std::move(out));
      continue;
    }
    out.of = item_of(cause["of"].text());
    if (kind == "maintenance") out.of = item_emptied(cause["of"].text());
    resolve_scope(r, cause, out);
    if (kind == "random") {
      out.what = random_of(r, cause, out.of);
    } else if (kind == "trace") {
      ReplayedOutages replay = replayed_outages(r, cause);
      check_places(r, cause, out, replay);
      out.what = std::move(replay);
    } else if (kind == "outage") {
      out.what = outage_of(r, cause);
    } else {
      out.what = maintenance_of(cause);
    }
    r.scenario.failures.push_back(std::move(out));
  }
  if (!r.scenario.failures.empty() && r.spec["duration"].json() == nullptr) {
    r.error("E033", r.spec["failures"], "failures go on as long as the run does",
            R"(add "duration": "7 d" to the scenario)");
  }
}

}  // namespace hyperdc
