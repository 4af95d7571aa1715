// Pools: which racks belong together, and who decides there.
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <set>

#include <hyperdc/core/units.hpp>
#include <hyperdc/policy/placement.hpp>
#include <hyperdc/policy/scheduler.hpp>

#include "core/text.hpp"
#include "scenario/policy_choice.hpp"
#include "scenario/policy_entry.hpp"
#include "scenario/resolve.hpp"
#include "scenario/resolve_nodes.hpp"

namespace hyperdc {
namespace {

bool rack_has(const Scenario& scenario, const RackGroup& rack, const std::string& accelerator) {
  return std::any_of(rack.servers.begin(), rack.servers.end(), [&](const RackGroup::Run& run) {
    const auto& type = scenario.server_types[run.type];
    return type.accelerator && scenario.accelerators[*type.accelerator].name == accelerator;
  });
}

/// The names in a list of the pool, each checked against those that exist.
std::set<std::string> checked_names(Resolution& r, const View& list, std::string_view kind,
                                    const std::vector<std::string>& known) {
  std::set<std::string> names;
  for (const auto& [_, name, span] : list.each()) {
    if (!name) continue;
    if (std::find(known.begin(), known.end(), name.text()) == known.end()) {
      r.unknown(name, kind, known);
    }
    names.insert(name.text());
  }
  return names;
}

std::set<std::string> accelerators_of(const Scenario& scenario) {
  std::set<std::string> names;
  for (const AcceleratorType& type : scenario.accelerators) names.insert(type.name);
  return names;
}

struct Selection {
  std::set<std::string> regions, racks;
  std::string accelerator;

  bool takes(const Scenario& scenario, const RackGroup& rack, bool known) const {
    if (!regions.empty() && !regions.contains(scenario.regions[rack.region].name)) return false;
    if (!racks.empty() && !racks.contains(rack.name)) return false;
    return accelerator.empty() || !known || rack_has(scenario, rack, accelerator);
  }
};

Selection selection_of(Resolution& r, const View& pool) {
  std::vector<std::string> regions;
  std::vector<std::string> racks;
  for (const Region& region : r.scenario.regions) regions.push_back(region.name);
  for (const RackGroup& rack : r.scenario.racks) racks.push_back(rack.name);
  Selection selection;
  selection.regions = checked_names(r, pool["in"], "region", regions);
  selection.racks = checked_names(r, pool["racks"], "rack group", racks);
  selection.accelerator = pool["accelerator"].text();
  const auto there = accelerators_of(r.scenario);
  if (r.all_racks_known() && !selection.accelerator.empty() &&
      !there.contains(selection.accelerator)) {
    r.unknown(pool["accelerator"], "accelerator in any rack", {there.begin(), there.end()});
  }
  return selection;
}

/// Takes the racks of the pool; `owner` says whose each rack is already.
void take_racks(Resolution& r, const View& pool, PoolSpec& out, std::vector<int>& owner) {
  const std::size_t before = r.problems.errors();
  const Selection selection = selection_of(r, pool);
  bool known = true;
  for (std::uint32_t i = 0; i < r.scenario.racks.size(); ++i) {
    if (!selection.takes(r.scenario, r.scenario.racks[i], r.rack_known[i])) continue;
    known = known && r.rack_known[i];
    // A rack of which nothing is known may or may not have the accelerator that the pool wants.
    if (!r.rack_known[i] && !selection.accelerator.empty()) continue;
    if (owner[i] >= 0) {
      const std::string& other = r.scenario.pools[static_cast<std::size_t>(owner[i])].name;
      r.error(
          "E031", pool,
          fmt::format("rack group \"{}\" is in pool \"{}\" too", r.scenario.racks[i].name, other),
          "choose racks with \"accelerator\", \"in\" or \"racks\"");
      known = false;
      continue;
    }
    owner[i] = static_cast<int>(r.scenario.pools.size());
    out.racks.push_back(i);
  }
  if (known && out.racks.empty() && r.problems.errors() == before) {
    r.error("E032", pool, "no rack belongs to this pool",
            "\"accelerator\", \"in\" and \"racks\" must hold together");
  }
  r.pool_known.push_back(known);
}

/// Turns that bring no work further would go on for ever.
void check_turns(Resolution& r, const View& pool, const PoolSpec& out) {
  if (r.problems.failed()) return;  // the parameters may be broken
  const auto all = schedulers();
  const auto entry = std::find_if(all.begin(), all.end(), [&](const SchedulerEntry& known) {
    return known.name == out.scheduler.policy;
  });
  const std::optional<Duration> turn = entry->make(out.scheduler.params, {})->turn();
  if (!turn) return;
  const View preemption = pool["preemption"];
  const auto shown = [](Duration d) { return format_for_people(to_seconds(d), Dimension::time); };
  if (out.preemption_overhead >= *turn) {
    r.error("E034", preemption["overhead"],
            fmt::format("\"{}\" gives turns of {}; an overhead of {} leaves no time for work",
                        out.scheduler.policy, shown(*turn), shown(out.preemption_overhead)),
            "make the turns longer than the overhead");
  }
  if (out.preemption == PreemptionMode::restart && !r.spec["duration"]) {
    r.error("E034", preemption["mode"],
            fmt::format("\"{}\" stops jobs again and again; those that need more than a turn "
                        "of {} start anew for ever, and the run has no end",
                        out.scheduler.policy, shown(*turn)),
            "set \"duration\", or \"mode\": \"resume\"");
  }
}

/// What makes no sense where jobs wait by choice.
void check_choice(Resolution& r, const View& pool, const PoolSpec& out) {
  const auto refuse = [&](const char* key, const char* why) {
    r.error("E034", pool[key],
            fmt::format("jobs wait by choice under \"{}\": {}", out.scheduler.policy, why),
            fmt::format("remove \"{}\", or choose another scheduler", key));
  };
  if (out.queue_limit) refuse("queue_limit", "a limit would reject them though there is room");
  if (pool["nodes"])
    refuse("nodes", "servers would be switched on that stand idle until their hour");
  const View slack = pool["scheduler"]["slack"];
  const View duration = r.spec["duration"];
  if (slack && duration && slack.duration() > duration.duration()) {
    r.warning("E034", slack,
              fmt::format("is longer than the run of {}: jobs may wait for hours past its end",
                          format_for_people(duration.number(), Dimension::time)));
  }
}

std::set<std::uint32_t> regions_of(const Resolution& r, const PoolSpec& pool) {
  std::set<std::uint32_t> regions;
  for (const std::uint32_t rack : pool.racks) regions.insert(r.scenario.racks[rack].region);
  return regions;
}

/// What a policy goes by is stated wherever its pool stands.
void require_signal(Resolution& r, const View& at_policy, const PolicyChoice& choice,
                    const PoolSpec& out, EnergySignal signal) {
  constexpr std::array<std::pair<const char*, const char*>, 3> kTerms{
      {{"average", R"(add "carbon": {"average": "300 g/kWh"} to its facility)"},
       {"marginal", R"(add "carbon": {"marginal": "300 g/kWh"} to its facility)"},
       {"electricity", R"(add "electricity": "0.08 USD/kWh" to its facility)"}}};
  const auto& [key, hint] = kTerms[static_cast<std::size_t>(signal)];
  for (const std::uint32_t index : regions_of(r, out)) {
    const Region& region = r.scenario.regions[index];
    if (rate_of(region.energy, signal) != nullptr) continue;
    const View facility = r.spec["regions"][region.name]["facility"];
    const View at = signal == EnergySignal::price ? facility : facility["carbon"];
    if (at[key].json() != nullptr) continue;  // stated, and wrong: reported
    r.error("E034", at_policy,
            fmt::format("\"{}\" goes by a signal that region \"{}\" does not state", choice.policy,
                        region.name),
            hint);
  }
}

/// What a policy of the pool goes by; nothing also where its parameters are wrong and reported.
template <class Entries>
std::optional<EnergySignal> signal_of(const View& at_policy, const Entries& all,
                                      const PolicyChoice& choice) {
  const auto* entry = find_entry_of(all, choice);
  if (entry == nullptr) return std::nullopt;
  const bool whole =
      std::all_of(entry->params.begin(), entry->params.end(),
                  [&](const ParamSpec& spec) { return static_cast<bool>(at_policy[spec.name]); });
  return whole ? entry->make(choice.params, {})->follows() : std::nullopt;
}

void check_signals(Resolution& r, const View& pool, const PoolSpec& out) {
  const View scheduler = pool["scheduler"];
  if (const auto signal = signal_of(scheduler, schedulers(), out.scheduler)) {
    check_choice(r, pool, out);
    require_signal(r, scheduler, out.scheduler, out, *signal);
  }
  const View placement = pool["placement"];
  const auto signal = signal_of(placement, placements(), out.placement);
  if (!signal) return;
  require_signal(r, placement, out.placement, out, *signal);
  std::set<std::string> zones;
  for (const std::uint32_t rack : out.racks) {
    zones.insert(zone_name(r.scenario, r.scenario.racks[rack]));
  }
  if (zones.size() <= kMaxZonesOfPool) return;
  r.error("E035", placement,
          fmt::format("the pool has {} zones; regions are told apart in pools of at most {}",
                      zones.size(), kMaxZonesOfPool));
}

/// Servers that are given back would take their drives with them.
void check_stores(Resolution& r, const View& nodes, const PoolSpec& pool) {
  for (const StorageSpec& system : r.scenario.storage) {
    const auto in = std::ranges::find_first_of(pool.racks, system.racks);
    if (in == pool.racks.end()) continue;
    r.error("E034", nodes,
            fmt::format("rack group \"{}\" has drives of storage \"{}\", whose servers stay on",
                        r.scenario.racks[*in].name, system.name),
            "remove \"nodes\", or name other \"racks\" here or there");
  }
}

/// Only networks, growth plans, markets, buyers and ownership can do without: regions that have a
/// fabric or a WAN between them, and no racks but those of storage systems.
void require_pools(Resolution& r) {
  const View pools = r.spec["pools"];
  if (!pools || !pools.each().empty()) return;
  bool racks = false;
  bool other = false;
  for (const char* key : {"wan", "growth", "market", "buyers", "ownership"}) {
    other = other || r.spec[key].json() != nullptr;
  }
  for (const auto& region : r.spec["regions"].each()) {
    const bool storage = region.value["storage"].json() != nullptr;
    racks = racks || (!storage && !region.value["racks"].each().empty());
    other = other || storage || region.value["fabric"].json() != nullptr;
  }
  if (other && !racks) return;
  r.error("E011", pools, "is missing",
          R"(add "pools": {"all": {"scheduler": {"policy": "fcfs"}}})");
}

}  // namespace

bool Resolution::all_racks_known() const {
  return std::find(rack_known.begin(), rack_known.end(), false) == rack_known.end();
}

void resolve_pools(Resolution& r) {
  require_pools(r);
  std::vector<int> owner(r.scenario.racks.size(), -1);
  for (const auto& [name, pool, _] : r.spec["pools"].each()) {
    PoolSpec out;
    out.name = name;
    if (pool) {
      take_racks(r, pool, out, owner);
    } else {
      r.pool_known.push_back(false);
    }
    out.scheduler = choice_of(pool["scheduler"], schedulers());
    out.placement = choice_of(pool["placement"], placements());
    out.shuffle_ties = pool["ties"].text() == "shuffled";
    if (const View limit = pool["queue_limit"]) {
      out.queue_limit = static_cast<std::uint64_t>(limit.number());
    }
    const View preemption = pool["preemption"];
    if (preemption["mode"].text() == "restart") out.preemption = PreemptionMode::restart;
    out.preemption_overhead = preemption["overhead"].duration();
    const View failure = pool["on_failure"];
    const std::string mode = failure["mode"].text();
    if (mode == "resume") out.on_failure = OnFailure::resume;
    if (mode == "fail") out.on_failure = OnFailure::fail;
    if (const View v = failure["retries"]) out.retries = static_cast<std::uint32_t>(v.number());
    out.failure_overhead = failure["overhead"].duration();
    out.demand_points = pool["demand_points"].numbers();
    out.idle_causes = pool["idle_causes"].flag();
    out.nodes = nodes_of(r, pool, out, r.pool_known.back());
    if (out.nodes) check_stores(r, pool["nodes"], out);
    check_turns(r, pool, out);
    check_signals(r, pool, out);
    r.scenario.pools.push_back(std::move(out));
  }
  if (r.problems.failed()) return;
  std::vector<bool> stores(r.scenario.racks.size(), false);
  for (const StorageSpec& system : r.scenario.storage) {
    for (const std::uint32_t rack : system.racks) stores[rack] = true;
  }
  std::size_t i = 0;  // racks are in the order of the file
  for (const auto& region : r.spec["regions"].each()) {
    for (const auto& rack : region.value["racks"].each()) {
      if (i < owner.size() && owner[i] < 0 && r.rack_known[i] && !stores[i]) {
        r.warning("E051", rack.value, "these racks are in no pool; they stand idle");
      }
      ++i;
    }
  }
}

}  // namespace hyperdc
