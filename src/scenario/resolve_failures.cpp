// Failures: which racks a cause may hit, and what it does to them.
#include <algorithm>
#include <fmt/format.h>
#include <set>
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

std::string zone_name(const Scenario& scenario, const RackGroup& rack) {
  return scenario.regions[rack.region].name + "." + rack.zone;
}

/// The names of a list, each checked against those that exist. Nothing: the list is not given.
std::optional<std::set<std::string>> names_of(Resolution& r, const View& list,
                                              std::string_view kind,
                                              const std::set<std::string>& known) {
  if (!list) return std::nullopt;
  std::set<std::string> names;
  for (const auto& [_, name, span] : list.each()) {
    if (!name) continue;
    if (!known.contains(name.text())) r.unknown(name, kind, {known.begin(), known.end()});
    names.insert(name.text());
  }
  return names;
}

std::vector<bool> pooled_racks(const Scenario& scenario) {
  std::vector<bool> pooled(scenario.racks.size(), false);
  for (const PoolSpec& pool : scenario.pools) {
    for (const std::uint32_t rack : pool.racks) pooled[rack] = true;
  }
  return pooled;
}

void resolve_scope(Resolution& r, const View& cause, FailureSpec& out) {
  const Scenario& scenario = r.scenario;
  std::set<std::string> all_regions, all_zones, all_racks;
  for (const Region& region : scenario.regions) all_regions.insert(region.name);
  for (const RackGroup& rack : scenario.racks) {
    all_zones.insert(zone_name(scenario, rack));
    all_racks.insert(rack.name);
  }
  const std::size_t before = r.problems.errors();
  const auto regions = names_of(r, cause["in"], "region", all_regions);
  const auto zones = names_of(r, cause["zones"], "zone", all_zones);
  const auto racks = names_of(r, cause["racks"], "rack group", all_racks);
  const std::vector<bool> pooled = pooled_racks(scenario);
  std::uint64_t accelerators = 0;
  for (std::uint32_t i = 0; i < scenario.racks.size(); ++i) {
    const RackGroup& rack = scenario.racks[i];
    if (!pooled[i]) continue;
    if (regions && !regions->contains(scenario.regions[rack.region].name)) continue;
    if (zones && !zones->contains(zone_name(scenario, rack))) continue;
    if (racks && !racks->contains(rack.name)) continue;
    out.racks.push_back(i);
    accelerators += accelerators_in(scenario, rack);
  }
  if (r.problems.errors() != before || !r.all_racks_known()) return;
  if (out.racks.empty()) {
    r.error("E032", cause, "no rack of any pool can be hit",
            "\"in\", \"zones\" and \"racks\" must hold together");
  } else if (out.of == FaultItem::accelerator && accelerators == 0) {
    r.error("E034", cause["of"], "these racks have no accelerators");
  }
}

/// A time drawn at random; its mean is at least `least` seconds.
DistributionSpec time_of(Resolution& r, const View& value, double least) {
  const std::size_t before = r.problems.errors();
  DistributionSpec spec = distribution_of(r, value);
  if (!value || r.problems.errors() != before) return Exponential{1};
  const std::string problem = distribution_problem(spec);
  if (!problem.empty()) {
    r.error("E021", value, problem);
  } else if (Distribution(spec).mean() < least) {
    r.error("E021", value, fmt::format("the mean must be at least {} s", least));
  }
  return spec;
}

RandomFailures random_of(Resolution& r, const View& cause, FaultItem of) {
  RandomFailures out;
  out.time_to_failure = time_of(r, cause["time_to_failure"], kLeastLife);
  const View repair = cause["repair"];
  out.repair = time_of(r, repair["time"], 0);
  if (const View v = repair["technicians"]) {
    out.technicians = static_cast<std::uint32_t>(v.number());
  }
  if (const View v = repair["spares"]) {
    out.spares = static_cast<std::uint32_t>(v.number());
    if (repair["lead_time"]) out.lead_time = time_of(r, repair["lead_time"], 0);
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
  auto read = read_outages(opened->second);
  if (const auto* issues = std::get_if<Issues>(&read)) {
    for (Issue issue : *issues) {
      if (issue.path.empty()) issue.path = file.path();
      r.problems.add(std::move(issue));
    }
    return out;
  }
  auto& list = std::get<OutageList>(read);
  r.note_file(file, list.sha256);
  out.rows = std::move(list.rows);
  return out;
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

Maintenance maintenance_of(const View& cause) {
  Maintenance out;
  out.first = cause["first"].duration();
  if (const View every = cause["every"]) out.every = every.duration();
  out.racks_at_once = static_cast<std::uint32_t>(cause["racks_at_once"].number());
  out.drain = cause["drain"].duration();
  out.lasts = cause["for"].duration();
  return out;
}

}  // namespace

void resolve_failures(Resolution& r) {
  for (const auto& [name, cause, _] : r.spec["failures"].each()) {
    if (!cause) continue;
    FailureSpec out;
    out.name = name;
    out.of = item_of(cause["of"].text());
    const std::string kind = cause["kind"].text();
    if (kind == "maintenance") out.of = FaultItem::rack;
    resolve_scope(r, cause, out);
    if (kind == "random") {
      out.what = random_of(r, cause, out.of);
    } else if (kind == "trace") {
      out.what = replayed_outages(r, cause);
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
