#include "world/storage_repair.hpp"

#include <algorithm>
#include <bit>

#include <hyperdc/core/assert.hpp>

#include "world/fabrics.hpp"
#include "world/storage.hpp"

namespace hyperdc {
namespace {

/// Vain draws of a target after which racks are looked through.
constexpr std::uint32_t kVainDraws = 32;

std::uint32_t count(FragmentSet set) {
  return static_cast<std::uint32_t>(std::popcount(set));
}

std::uint32_t draw_below(StorageState& state, std::uint32_t n) {
  return static_cast<std::uint32_t>(state.draws.below(n, state.drawn++));
}

void publish_waiting(World& world, StorageState& state, SimTime now, std::int64_t change) {
  if (change == 0) return;
  state.waiting += change;
  world.recorder->level(state.metrics.waiting, now, static_cast<double>(state.waiting));
}

void wait_for(World& world, StorageState& state, std::uint32_t index, GroupWait wait,
              std::uint32_t drive, SimTime now) {
  StorageGroup& group = state.groups[index];
  group.wait = wait;
  if (wait == GroupWait::place) state.no_place.insert(index);
  if (wait == GroupWait::drive) {
    group.waits_for = drive;
    group.waits_as = -static_cast<std::int32_t>(count(group.lost | group.away));
    state.drives[drive].waiting.insert({group.waits_as, index});
  }
  publish_waiting(world, state, now, +1);
}

bool may_take(const StorageState& state, std::span<const std::uint32_t> members,
              std::uint32_t drive) {
  return state.usable(drive) && fits_beside(state.rules, members, drive);
}

/// A drive for one more fragment beside `members`: at random, one that is free if some draws find
/// one; kNone where no drive may take it.
std::uint32_t choose_target(StorageState& state, std::span<const std::uint32_t> members) {
  const auto drives = static_cast<std::uint32_t>(state.drives.size());
  std::uint32_t found = kNone;
  for (std::uint32_t i = 0; i < kVainDraws; ++i) {
    const std::uint32_t drive = draw_below(state, drives);
    if (!may_take(state, members, drive)) continue;
    if (!state.busy(drive)) return drive;
    found = drive;
  }
  if (found != kNone) return found;
  const auto racks = static_cast<std::uint32_t>(state.first_of_rack.size() - 1);
  const std::uint32_t each = state.spec->drives_per_server;
  const std::uint32_t begin = draw_below(state, racks);
  for (std::uint32_t i = 0; i < racks; ++i) {
    const std::uint32_t rack = (begin + i) % racks;
    const std::uint32_t end = state.first_of_rack[rack + 1] * each;
    for (std::uint32_t drive = state.first_of_rack[rack] * each; drive < end; ++drive) {
      if (!may_take(state, members, drive)) continue;
      if (!state.busy(drive)) return drive;
      found = drive;
    }
    if (found != kNone) return found;
  }
  return kNone;
}

/// Where the wanted fragments go; false where there is no place for one.
bool choose_targets(StorageState& state, std::uint32_t index, FragmentSet wanted,
                    std::vector<std::uint32_t>& targets) {
  const auto members = state.members_of(index);
  std::vector<std::uint32_t> beside;
  for (std::uint32_t f = 0; f < members.size(); ++f) {
    if ((wanted >> f & 1) == 0) beside.push_back(members[f]);
  }
  for (std::uint32_t i = 0; i < count(wanted); ++i) {
    const std::uint32_t drive = choose_target(state, beside);
    if (drive == kNone) return false;
    beside.push_back(drive);
    targets.push_back(drive);
  }
  return true;
}

/// Drives that are read: busy ones are left out where the code lets them.
std::vector<std::uint32_t> choose_sources(StorageState& state, std::uint32_t index,
                                          FragmentSet wanted) {
  const StorageGroup& group = state.groups[index];
  const FragmentSet missing = group.lost | group.away;
  const auto members = state.members_of(index);
  const auto n = static_cast<std::uint32_t>(members.size());
  const std::uint32_t begin = draw_below(state, n);
  std::vector<std::uint32_t> avoid, free;
  for (std::uint32_t i = 0; i < n; ++i) {
    const std::uint32_t f = (begin + i) % n;
    if ((missing >> f & 1) != 0) continue;
    (state.busy(members[f]) ? avoid : free).push_back(f);
  }
  avoid.insert(avoid.end(), free.begin(), free.end());
  std::vector<std::uint32_t> drives;
  FragmentSet left = state.spec->code.sources(missing, wanted, avoid);
  for (; left != 0; left &= left - 1) {
    drives.push_back(members[static_cast<std::uint32_t>(std::countr_zero(left))]);
  }
  return drives;
}

EndpointId endpoint_of(const StorageState& state, std::uint32_t drive) {
  return {state.servers[state.server_of(drive)].endpoint};
}

/// From each source to the first target, and from there to the others.
std::uint32_t start_flows(World& world, const StorageState& state, const StorageRepairTask& task,
                          const FlowOwner& owner, Engine& engine) {
  std::vector<FlowSpec> flows;
  const auto add = [&](std::uint32_t from, std::uint32_t to) {
    FlowSpec flow;
    flow.from = endpoint_of(state, from);
    flow.to = endpoint_of(state, to);
    flow.bytes = state.spec->fragment_bytes;
    flow.cap_Bps = state.spec->repair.rate_Bps;
    flows.push_back(flow);
  };
  for (const std::uint32_t source : task.sources) add(source, task.targets[0]);
  for (std::size_t i = 1; i < task.targets.size(); ++i) add(task.targets[0], task.targets[i]);
  return start_flow_group(world, state.fabric, flows, owner, engine);
}

/// Since when the first of the fragments is missing.
SimTime first_loss(const StorageState& state, std::span<const std::uint32_t> members,
                   FragmentSet lost, FragmentSet wanted, SimTime now) {
  SimTime first = now;
  for (FragmentSet left = wanted; left != 0; left &= left - 1) {
    const auto f = static_cast<std::uint32_t>(std::countr_zero(left));
    const bool failed = (lost >> f & 1) != 0;
    const SimTime since =
        failed ? state.drives[members[f]].since : state.servers[state.server_of(members[f])].since;
    first = std::min(first, since);
  }
  return first;
}

void begin_repair(World& world, StorageState& state, std::uint32_t index, FragmentSet wanted,
                  std::vector<std::uint32_t> sources, std::vector<std::uint32_t> targets,
                  Engine& engine) {
  const SimTime now = engine.now();
  auto slot = static_cast<std::uint32_t>(state.repairs.size());
  if (state.free_repairs.empty()) {
    state.repairs.emplace_back();
  } else {
    slot = state.free_repairs.back();
    state.free_repairs.pop_back();
  }
  StorageRepairTask& task = state.repairs[slot];
  task.group = index;
  task.wanted = wanted;
  task.sources = std::move(sources);
  task.targets = std::move(targets);
  task.since = first_loss(state, state.members_of(index), state.groups[index].lost, wanted, now);
  for (const auto* drives : {&task.sources, &task.targets}) {
    for (const std::uint32_t drive : *drives) state.drives[drive].repairs.push_back(slot);
  }
  {
    const GroupChange group(world, state, index, now);
    group->rebuilding = wanted;
    group->repair = slot;
  }
  world.recorder->level(state.metrics.active, now, static_cast<double>(++state.active));
  constexpr auto kEnd = static_cast<std::uint32_t>(StorageEvent::repaired);
  if (state.fabric != kNone) {
    task.flows = start_flows(world, state, task, {state.process, kEnd, slot}, engine);
    return;
  }
  const double takes_s =
      static_cast<double>(state.spec->fragment_bytes) / state.spec->repair.rate_Bps;
  task.end = engine.schedule(now + seconds(takes_s), Phase::physics, state.process, kEnd, slot);
}

}  // namespace

void add_counts(const StorageState& state, const StorageGroup& group, std::int64_t times,
                StorageCounts& counts) {
  const std::int64_t n = state.spec->code.fragments();
  if (group.gone) {
    counts.gone += times * n;
    return;
  }
  const FragmentSet missing = group.lost | group.away;
  counts.healthy += times * (n - count(missing | group.rebuilding));
  counts.away += times * count(group.away & ~group.lost & ~group.rebuilding);
  counts.lost += times * count(group.lost & ~group.rebuilding);
  counts.rebuilding += times * count(group.rebuilding);
  counts.degraded += missing != 0 ? times : 0;
  counts.unreadable += state.spec->code.decodable(missing) ? 0 : times;
}

GroupChange::GroupChange(World& world, StorageState& state, std::uint32_t group, SimTime now)
    : world_(world), state_(state), group_(state.groups[group]), now_(now) {
  add_counts(state_, group_, -1, state_.counts);
}

GroupChange::~GroupChange() {
  add_counts(state_, group_, +1, state_.counts);
  const auto share = [&](std::int64_t groups) {
    return static_cast<double>(groups) / static_cast<double>(state_.groups.size());
  };
  world_.recorder->level(state_.metrics.degraded, now_, share(state_.counts.degraded));
  world_.recorder->level(state_.metrics.unreadable, now_, share(state_.counts.unreadable));
}

void stop_waiting(World& world, StorageState& state, std::uint32_t index, SimTime now) {
  StorageGroup& group = state.groups[index];
  if (group.wait == GroupWait::none) return;
  if (group.wait == GroupWait::place) state.no_place.erase(index);
  if (group.wait == GroupWait::drive) {
    state.drives[group.waits_for].waiting.erase({group.waits_as, index});
  }
  group.wait = GroupWait::none;
  group.waits_for = kNone;
  publish_waiting(world, state, now, -1);
}

void try_repair(World& world, StorageState& state, std::uint32_t index, Engine& engine) {
  const SimTime now = engine.now();
  stop_waiting(world, state, index, now);
  const StorageGroup& group = state.groups[index];
  if (group.gone || group.repair != kNone || group.declared == 0) return;
  const FragmentSet wanted = group.declared;
  if (!state.spec->code.decodable(group.lost | group.away)) {
    return wait_for(world, state, index, GroupWait::source, kNone, now);
  }
  std::vector<std::uint32_t> targets;
  if (!choose_targets(state, index, wanted, targets)) {
    return wait_for(world, state, index, GroupWait::place, kNone, now);
  }
  std::vector<std::uint32_t> sources = choose_sources(state, index, wanted);
  for (const auto* drives : {&targets, &sources}) {
    for (const std::uint32_t drive : *drives) {
      if (!state.busy(drive)) continue;
      return wait_for(world, state, index, GroupWait::drive, drive, now);
    }
  }
  begin_repair(world, state, index, wanted, std::move(sources), std::move(targets), engine);
}

void try_repairs(World& world, StorageState& state, std::vector<std::uint32_t>& groups,
                 Engine& engine) {
  std::ranges::stable_sort(groups, std::greater<>(), [&](std::uint32_t index) {
    return count(state.groups[index].lost | state.groups[index].away);
  });
  for (const std::uint32_t index : groups) try_repair(world, state, index, engine);
}

void end_repair(World& world, StorageState& state, std::uint32_t slot, SimTime now,
                std::vector<std::uint32_t>& freed) {
  StorageRepairTask& task = state.repairs[slot];
  HYPERDC_CHECK(task.group != kNone, "a repair ends that does not go on");
  for (const auto* drives : {&task.sources, &task.targets}) {
    for (const std::uint32_t drive : *drives) {
      std::erase(state.drives[drive].repairs, slot);
      freed.push_back(drive);
    }
  }
  {
    const GroupChange group(world, state, task.group, now);
    group->rebuilding = 0;
    group->repair = kNone;
  }
  task = {};
  state.free_repairs.push_back(slot);
  world.recorder->level(state.metrics.active, now, static_cast<double>(--state.active));
}

void break_off(World& world, StorageState& state, std::uint32_t slot, Engine& engine,
               std::vector<std::uint32_t>& freed) {
  const StorageRepairTask& task = state.repairs[slot];
  if (task.end != kNoEvent) engine.cancel(task.end);
  if (task.flows != kNone) cancel_flow_group(world, state.fabric, task.flows, engine);
  world.recorder->add(state.metrics.aborted, engine.now(), 1);
  end_repair(world, state, slot, engine.now(), freed);
}

void drives_free(World& world, StorageState& state, const std::vector<std::uint32_t>& freed,
                 Engine& engine) {
  for (const std::uint32_t drive : freed) {
    auto& waiting = state.drives[drive].waiting;
    // One that tries again begins, or waits for a drive that is busy: this one is not.
    while (!waiting.empty() && (!state.busy(drive) || !state.usable(drive))) {
      try_repair(world, state, waiting.begin()->second, engine);
    }
  }
}

void places_free(World& world, StorageState& state, Engine& engine) {
  std::vector<std::uint32_t> groups(state.no_place.begin(), state.no_place.end());
  try_repairs(world, state, groups, engine);
}

}  // namespace hyperdc
