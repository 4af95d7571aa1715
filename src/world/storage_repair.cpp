#include "world/storage_repair.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include <hyperdc/core/assert.hpp>

#include "world/fabrics.hpp"
#include "world/storage.hpp"
#include "world/storage_fill.hpp"
#include "world/storage_rebalance.hpp"

namespace hyperdc {
namespace {

/// Draws of a target without one that is idle, after which the best is taken.
constexpr std::uint32_t kDraws = 32;

std::uint32_t count(FragmentSet set) {
  return static_cast<std::uint32_t>(std::popcount(set));
}

/// The next random number of the group.
std::uint32_t draw_below(StorageState& state, std::uint32_t index, std::uint64_t n) {
  return static_cast<std::uint32_t>(state.draws.below(n, index, state.groups[index].drawn++));
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
  group.waits_for = drive;
  group.waits_as = -static_cast<std::int32_t>(count(group.lost | group.away));
  if (wait == GroupWait::place) state.no_place.insert(index);
  if (wait == GroupWait::turn) state.drives[drive].queue.insert({group.waits_as, index});
  if (wait == GroupWait::drive) state.drives[drive].waiting.insert({group.waits_as, index});
  state.waiting_for_drives += drive == kNone ? 0 : 1;
  publish_waiting(world, state, now, +1);
}

/// What the group waits for is there; it keeps its turn.
void wait_no_more(World& world, StorageState& state, std::uint32_t index, SimTime now) {
  StorageGroup& group = state.groups[index];
  if (group.wait == GroupWait::none) return;
  const std::pair as{group.waits_as, index};
  if (group.wait == GroupWait::place) state.no_place.erase(index);
  if (group.wait == GroupWait::turn) state.drives[group.waits_for].queue.erase(as);
  if (group.wait == GroupWait::drive) state.drives[group.waits_for].waiting.erase(as);
  state.waiting_for_drives -= group.waits_for == kNone ? 0 : 1;
  group.wait = GroupWait::none;
  group.waits_for = kNone;
  publish_waiting(world, state, now, -1);
}

void give_back_turn(StorageState& state, std::uint32_t index) {
  StorageGroup& group = state.groups[index];
  if (group.turn == kNone) return;
  --state.drives[group.turn].turns;
  state.freed.push_back(group.turn);
  group.turn = kNone;
}

/// Repairs that a drive takes part in, or that want to write to it first.
std::size_t load(const StorageState& state, std::uint32_t drive) {
  const StorageDrive& of = state.drives[drive];
  return of.repairs.size() + of.fill.moves.size() + of.turns + of.queue.size();
}

bool idle(const StorageState& state, std::uint32_t drive) {
  return state.background(drive) < state.spec->repair.streams && !state.turns_taken(drive);
}

/// A drive for one more fragment beside `members`: at random; of some draws the first that is idle,
/// else that with the least to do; kNone where no drive may take it.
std::uint32_t choose_target(StorageState& state, std::uint32_t index,
                            std::span<const std::uint32_t> members) {
  std::uint32_t found = kNone;
  for (std::uint32_t i = 0; i < kDraws; ++i) {
    const std::uint32_t drive = draw_below(state, index, state.fill.joined);
    if (!may_take(state, members, drive)) continue;
    if (idle(state, drive)) return drive;
    if (found == kNone || load(state, drive) < load(state, found)) found = drive;
  }
  if (found != kNone) return found;
  const std::vector<std::uint32_t> fit = drives_that_may_take(state, members);
  return fit.empty() ? kNone : fit[draw_below(state, index, fit.size())];
}

/// Where the fragments of the group are that are not to be rebuilt, missing ones included.
std::vector<std::uint32_t> others_of(StorageState& state, std::uint32_t index) {
  const auto members = state.members_of(index);
  const FragmentSet wanted = state.groups[index].declared;
  std::vector<std::uint32_t> others;
  for (std::uint32_t f = 0; f < members.size(); ++f) {
    if ((wanted >> f & 1) == 0) others.push_back(members[f]);
  }
  return others;
}

/// Where the wanted fragments go, the drive of its turn first; false where there is no place.
bool choose_targets(StorageState& state, std::uint32_t index, std::vector<std::uint32_t>& targets) {
  const StorageGroup& group = state.groups[index];
  std::vector<std::uint32_t> beside = others_of(state, index);
  for (std::uint32_t i = 0; i < count(group.declared); ++i) {
    const std::uint32_t drive = i == 0 ? group.turn : choose_target(state, index, beside);
    if (drive == kNone) return false;
    beside.push_back(drive);
    targets.push_back(drive);
  }
  return true;
}

/// Drives that are read: busy ones, and those with moves that would be broken off, are left out
/// where the code lets them.
std::vector<std::uint32_t> choose_sources(StorageState& state, std::uint32_t index,
                                          FragmentSet wanted) {
  const StorageGroup& group = state.groups[index];
  const FragmentSet missing = group.lost | group.away;
  const auto members = state.members_of(index);
  const auto n = static_cast<std::uint32_t>(members.size());
  const std::uint32_t begin = draw_below(state, index, n);
  std::vector<std::uint32_t> avoid, moving, free;
  for (std::uint32_t i = 0; i < n; ++i) {
    const std::uint32_t f = (begin + i) % n;
    if ((missing >> f & 1) != 0) continue;
    const bool moves = state.background(members[f]) >= state.spec->repair.streams;
    (state.busy(members[f]) ? avoid : moves ? moving : free).push_back(f);
  }
  avoid.insert(avoid.end(), moving.begin(), moving.end());
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
    flow.bytes = task.bytes;
    flow.cap_Bps = state.spec->repair.rate_Bps;
    flows.push_back(flow);
  };
  for (const std::uint32_t source : task.sources) add(source, task.targets[0]);
  for (std::size_t i = 1; i < task.targets.size(); ++i) add(task.targets[0], task.targets[i]);
  return start_flow_group(world, state.fabric, flows, owner, engine);
}

/// Since when the first of the fragments is missing.
SimTime first_loss(StorageState& state, std::uint32_t index, FragmentSet wanted, SimTime now) {
  const auto members = state.members_of(index);
  const FragmentSet lost = state.groups[index].lost;
  SimTime first = now;
  for (FragmentSet left = wanted; left != 0; left &= left - 1) {
    const auto f = static_cast<std::uint32_t>(std::countr_zero(left));
    const bool failed = (lost >> f & 1) != 0;
    const SimTime since = failed ? state.losses.at(fragment_key(index, f)).since
                                 : state.servers[state.server_of(members[f])].since;
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
  task.bytes = reserved_bytes(state, index);
  task.since = first_loss(state, index, wanted, now);
  for (const auto* drives : {&task.sources, &task.targets}) {
    for (const std::uint32_t drive : *drives) {
      state.drives[drive].repairs.push_back(slot);
      moves_give_way(world, state, drive, engine);
      drive_changed(state, drive);
    }
  }
  for (const std::uint32_t drive : task.targets) {
    state.drives[drive].fill.coming += task.bytes;
    reserve(world, state, drive, task.bytes, now);
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
  const double takes_s = static_cast<double>(task.bytes) / state.spec->repair.rate_Bps;
  task.end = engine.schedule(now + seconds(takes_s), Phase::physics, state.process, kEnd, slot);
}

/// Begins the repair of a group that has its turn, or waits for a drive that is busy.
void begin_or_wait(World& world, StorageState& state, std::uint32_t index, Engine& engine) {
  const SimTime now = engine.now();
  // Its target may have been filled while the group waited.
  if (!state.has_room(state.groups[index].turn)) return try_repair(world, state, index, engine);
  std::vector<std::uint32_t> targets;
  if (!choose_targets(state, index, targets)) {
    give_back_turn(state, index);
    return wait_for(world, state, index, GroupWait::place, kNone, now);
  }
  const FragmentSet wanted = state.groups[index].declared;
  std::vector<std::uint32_t> sources = choose_sources(state, index, wanted);
  for (const auto* drives : {&targets, &sources}) {
    for (const std::uint32_t drive : *drives) {
      if (!state.busy(drive)) continue;
      return wait_for(world, state, index, GroupWait::drive, drive, now);
    }
  }
  begin_repair(world, state, index, wanted, std::move(sources), std::move(targets), engine);
}

void take_turn(World& world, StorageState& state, std::uint32_t index, std::uint32_t drive,
               Engine& engine) {
  state.groups[index].turn = drive;
  ++state.drives[drive].turns;
  begin_or_wait(world, state, index, engine);
}

/// Lets go on who waits for the drive, which may have gone itself.
void drive_free(World& world, StorageState& state, std::uint32_t index, Engine& engine) {
  StorageDrive& drive = state.drives[index];
  // One that goes on begins, or waits for a drive that is busy: this one is not.
  while (!drive.waiting.empty() && !(state.busy(index) && state.usable(index))) {
    const std::uint32_t group = drive.waiting.begin()->second;
    if (!state.usable(index) || !state.usable(state.groups[group].turn)) {
      try_repair(world, state, group, engine);
      continue;
    }
    wait_no_more(world, state, group, engine.now());
    begin_or_wait(world, state, group, engine);
  }
  while (!drive.queue.empty() && !(state.turns_taken(index) && state.usable(index))) {
    const std::uint32_t group = drive.queue.begin()->second;
    if (!state.usable(index)) {
      try_repair(world, state, group, engine);
      continue;
    }
    wait_no_more(world, state, group, engine.now());
    take_turn(world, state, group, index, engine);
  }
}

}  // namespace

bool may_take(const StorageState& state, std::span<const std::uint32_t> members,
              std::uint32_t drive) {
  return state.usable(drive) && state.has_room(drive) && fits_beside(state.rules, members, drive);
}

std::vector<std::uint32_t> drives_that_may_take(const StorageState& state,
                                                std::span<const std::uint32_t> members) {
  std::vector<std::uint32_t> all, of_these_idle;
  const std::uint32_t each = state.spec->drives_per_server;
  for (std::size_t rack = 0; rack < state.roomy_in_rack.size(); ++rack) {
    const std::uint32_t begin = state.first_of_rack[rack] * each;
    const std::uint32_t end = state.first_of_rack[rack + 1] * each;
    if (state.roomy_in_rack[rack] == 0) continue;
    // But for that by server the rules are the same for all drives of a rack.
    const bool alike = state.spec->spread != StorageSpread::server;
    if (alike && !keeps_spread(state.rules, members, begin)) continue;
    for (std::uint32_t drive = begin; drive < end; ++drive) {
      if (!may_take(state, members, drive)) continue;
      all.push_back(drive);
      if (idle(state, drive)) of_these_idle.push_back(drive);
    }
  }
  return of_these_idle.empty() ? all : of_these_idle;
}

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
  wait_no_more(world, state, index, now);
  give_back_turn(state, index);
}

void try_repair(World& world, StorageState& state, std::uint32_t index, Engine& engine) {
  const SimTime now = engine.now();
  const StorageGroup& group = state.groups[index];
  if (group.repair != kNone) return;
  stop_waiting(world, state, index, now);
  if (group.gone || group.declared == 0) return;
  if (group.move != kNone) break_off_move(world, state, group.move, engine);
  if (!state.spec->code.decodable(group.lost | group.away)) {
    return wait_for(world, state, index, GroupWait::source, kNone, now);
  }
  const std::uint32_t target = choose_target(state, index, others_of(state, index));
  if (target == kNone) return wait_for(world, state, index, GroupWait::place, kNone, now);
  if (state.turns_taken(target)) {
    return wait_for(world, state, index, GroupWait::turn, target, now);
  }
  take_turn(world, state, index, target, engine);
}

void try_repairs(World& world, StorageState& state, std::vector<std::uint32_t>& groups,
                 Engine& engine) {
  std::ranges::sort(groups);
  groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
  std::ranges::stable_sort(groups, std::greater<>(), [&](std::uint32_t index) {
    return count(state.groups[index].lost | state.groups[index].away);
  });
  for (const std::uint32_t index : groups) try_repair(world, state, index, engine);
}

void end_repair(World& world, StorageState& state, std::uint32_t slot, SimTime now) {
  StorageRepairTask& task = state.repairs[slot];
  HYPERDC_CHECK(task.group != kNone, "a repair ends that does not go on");
  for (const auto* drives : {&task.sources, &task.targets}) {
    for (const std::uint32_t drive : *drives) {
      std::erase(state.drives[drive].repairs, slot);
      drive_changed(state, drive);
      state.freed.push_back(drive);
    }
  }
  for (const std::uint32_t drive : task.targets) state.drives[drive].fill.coming -= task.bytes;
  give_back_turn(state, task.group);
  {
    const GroupChange group(world, state, task.group, now);
    group->rebuilding = 0;
    group->repair = kNone;
  }
  task = {};
  state.free_repairs.push_back(slot);
  world.recorder->level(state.metrics.active, now, static_cast<double>(--state.active));
}

void break_off(World& world, StorageState& state, std::uint32_t slot, Engine& engine) {
  const StorageRepairTask& task = state.repairs[slot];
  if (task.end != kNoEvent) engine.cancel(task.end);
  if (task.flows != kNone) cancel_flow_group(world, state.fabric, task.flows, engine);
  world.recorder->add(state.metrics.aborted, engine.now(), 1);
  for (const std::uint32_t drive : task.targets) {
    release(world, state, drive, task.bytes, engine.now());
  }
  end_repair(world, state, slot, engine.now());
}

void drives_free(World& world, StorageState& state, Engine& engine) {
  for (std::size_t i = 0; i < state.freed.size(); ++i) {  // grows meanwhile
    drive_free(world, state, state.freed[i], engine);
  }
  state.freed.clear();
}

void find_places(StorageState& state, std::vector<std::uint32_t>& groups) {
  std::vector<std::uint32_t> drives;  // one of each server: for the rules all of it are alike
  const std::uint32_t each = state.spec->drives_per_server;
  for (const std::uint32_t server : std::exchange(state.back, {})) {
    std::uint32_t drive = server * each;
    while (drive < (server + 1) * each && !state.usable(drive)) ++drive;
    if (drive < (server + 1) * each) drives.push_back(drive);
  }
  if (drives.empty()) return;
  for (const std::uint32_t index : state.no_place) {
    const std::vector<std::uint32_t> others = others_of(state, index);
    const auto fits = [&](std::uint32_t drive) { return may_take(state, others, drive); };
    if (std::ranges::any_of(drives, fits)) groups.push_back(index);
  }
}

}  // namespace hyperdc
