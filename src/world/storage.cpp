#include "world/storage.hpp"

#include <algorithm>
#include <bit>
#include <fmt/format.h>
#include <utility>

#include <hyperdc/core/assert.hpp>

#include "world/fabrics.hpp"
#include "world/metric_values.hpp"
#include "world/storage_fill.hpp"
#include "world/storage_objects.hpp"
#include "world/storage_rebalance.hpp"
#include "world/storage_repair.hpp"
#include "world/storage_requests.hpp"

namespace hyperdc {
namespace {

std::string prefix_of(const StorageSpec& spec) {
  return "storage." + spec.name + ".";
}

void declare_metrics(Recorder& recorder, StorageState& state) {
  const std::string prefix = prefix_of(*state.spec);
  StorageMetrics& m = state.metrics;
  const auto declare = [&](const char* name, const char* unit, const char* meaning,
                           MetricKind kind) {
    return recorder.declare({prefix + name, unit, meaning, kind});
  };
  m.failed = declare("drives.failed", "drives", "drives that failed", MetricKind::counter);
  m.read = declare("repair.read", "B", "bytes that repairs read", MetricKind::counter);
  m.written = declare("repair.written", "B", "bytes that repairs wrote", MetricKind::counter);
  m.time = declare("repair.time", "s", "from the loss of a fragment until it is there again",
                   MetricKind::sample);
  m.aborted =
      declare("repair.aborted", "repairs", "repairs that were broken off", MetricKind::counter);
  m.active = declare("repair.active", "repairs", "repairs that go on", MetricKind::level);
  m.waiting = declare("repair.waiting", "groups", "groups that wait for a repair to begin",
                      MetricKind::level);
  m.degraded =
      declare("degraded", "1", "share of groups with a missing fragment", MetricKind::level);
  m.unreadable =
      declare("unreadable", "1", "share of groups of which too much is missing", MetricKind::level);
  m.lost = declare("groups.lost", "groups", "groups whose data is lost", MetricKind::counter);
  for (const MetricId level : {m.active, m.waiting, m.degraded, m.unreadable}) {
    recorder.level(level, SimTime{}, 0);
  }
}

/// Which server of the system a server of a pool is.
void map_pools(const World& world, StorageState& state, std::uint32_t rack, std::uint32_t first) {
  state.of_pool.resize(world.pools.size());
  for (const PoolState& pool : world.pools) {
    std::uint32_t in_rack = 0;
    for (std::size_t block = 0; block < pool.blocks.size(); ++block) {
      if (pool.block_racks[block] != rack) continue;
      std::vector<std::uint32_t>& of = state.of_pool[pool.index];
      of.resize(pool.fleet->servers(), kNone);
      for (std::uint32_t i = 0; i < pool.blocks[block].count; ++i) {
        of[pool.block_first[block] + i] = first + in_rack++;
      }
    }
  }
}

/// Servers, racks, and the rules of the spread.
void build_servers(const World& world, StorageState& state) {
  const Scenario& scenario = *world.scenario;
  const StorageSpec& spec = *state.spec;
  const std::vector<std::uint32_t> first = first_servers(scenario);
  const auto fabric = fabric_of_region(scenario.fabrics, spec.region);
  if (spec.repair.on_fabric) state.fabric = *fabric;
  const std::uint32_t each =
      fabric ? scenario.fabrics[*fabric].topology->endpoints_per_server() : 0;
  SpreadRule by_rack{{}, 1}, by_zone{{}, 1}, by_server{{}, 1};
  std::vector<std::string> zones;
  std::uint32_t in_zones = 1;  // at the beginning
  for (const std::uint32_t rack : spec.racks) {
    const RackGroup& group = scenario.racks[rack];
    if (std::ranges::find(zones, group.zone) == zones.end()) zones.push_back(group.zone);
    if (by_rack.domain_of.size() < spec.drives) in_zones = static_cast<std::uint32_t>(zones.size());
    const auto zone =
        static_cast<std::uint32_t>(std::ranges::find(zones, group.zone) - zones.begin());
    const auto begin = static_cast<std::uint32_t>(state.servers.size());
    map_pools(world, state, rack, begin);
    std::uint32_t count = 0;
    for (const RackGroup::Run& run : group.servers) count += run.count;
    for (std::uint32_t i = 0; i < count; ++i) {
      if (i % group.servers_per_rack == 0) state.first_of_rack.push_back(begin + i);
      StorageServer server;
      server.endpoint = (first[rack] + i) * each;
      server.rack = static_cast<std::uint32_t>(state.first_of_rack.size() - 1);
      for (std::uint32_t d = 0; d < spec.drives_per_server; ++d) {
        by_server.domain_of.push_back(begin + i);
        by_rack.domain_of.push_back(server.rack);
        by_zone.domain_of.push_back(zone);
      }
      state.servers.push_back(server);
    }
  }
  state.first_of_rack.push_back(static_cast<std::uint32_t>(state.servers.size()));
  state.roomy_in_rack.resize(state.first_of_rack.size() - 1);
  by_zone.most = (spec.code.fragments() + in_zones - 1) / in_zones;
  switch (spec.spread) {
    case StorageSpread::server:
      state.rules.push_back(std::move(by_server));
      return;
    case StorageSpread::rack:
      state.rules.push_back(std::move(by_rack));
      return;
    case StorageSpread::zone:
      state.rules.push_back(std::move(by_rack));
      state.rules.push_back(std::move(by_zone));
  }
}

void place_groups(const World& world, StorageState& state) {
  const StorageSpec& spec = *state.spec;
  const RandomStream stream(world.seed, prefix_of(spec) + "placement");
  const std::uint32_t n = spec.code.fragments();
  PlacedGroups placed;
  if (spec.placement == StoragePlacement::copysets) {
    placed = place_on_copysets(
        copysets(spec.drives, n, spec.scatter_width, spec.groups, state.rules, stream),
        spec.groups);
  } else {
    const std::uint64_t each = state.fill.limit / spec.fragment_bytes;
    placed = place_at_random(spec.drives, n, spec.groups, state.rules, stream, each);
  }
  HYPERDC_CHECK(placed.size() == spec.groups, "groups do not go onto the drives");
  state.distinct_sets = distinct_sets(placed);
  state.members.assign(placed.drives.begin(), placed.drives.end());
  state.groups.resize(spec.groups);
  state.drives.resize(spec.all_drives());
  for (std::uint32_t g = 0; g < spec.groups; ++g) {
    for (const std::uint32_t drive : placed.group(g)) state.drives[drive].groups.push_back(g);
  }
  state.counts.healthy = static_cast<std::int64_t>(spec.groups) * n;
}

/// Calls `visit` with each group that has a fragment on the drive, or had it on the drive that was
/// there before and has not rebuilt it yet, and the bit of the fragment: a group has but one there.
template <class Visit>
void for_each_fragment(StorageState& state, std::uint32_t drive, const Visit& visit) {
  state.drives[drive].groups = groups_on(state, drive);
  for (const std::uint32_t index : state.drives[drive].groups) {
    const auto members = state.members_of(index);
    visit(index, FragmentSet{1} << (std::ranges::find(members, drive) - members.begin()));
  }
}

/// A group has changed: what it waits for may not be what it needs any more.
void look_again(World& world, StorageState& state, std::uint32_t index, SimTime now) {
  if (state.groups[index].wait == GroupWait::none) return;
  stop_waiting(world, state, index, now);
  state.again.push_back(index);
}

void forget_losses(StorageState& state, std::uint32_t index, FragmentSet fragments) {
  for (; fragments != 0; fragments &= fragments - 1) {
    const auto f = static_cast<std::uint32_t>(std::countr_zero(fragments));
    state.losses.erase(fragment_key(index, f));
  }
}

/// Data of the group is lost: what is left of it is given up.
void lose_group(World& world, StorageState& state, std::uint32_t index, Engine& engine) {
  const SimTime now = engine.now();
  const std::uint32_t repair = state.groups[index].repair;
  if (repair != kNone) break_off(world, state, repair, engine);
  if (state.groups[index].move != kNone) {
    break_off_move(world, state, state.groups[index].move, engine);
  }
  close_early(world, state, index, engine);
  free_group(world, state, index, now);
  stop_waiting(world, state, index, now);
  forget_losses(state, index, state.groups[index].lost);
  const GroupChange group(world, state, index, now);
  group->lost = group->away = group->declared = 0;
  group->gone = true;
  world.recorder->add(state.metrics.lost, now, 1);
}

/// Repairs that the drive takes part in end; their groups begin anew.
void stop_repairs(World& world, StorageState& state, std::uint32_t drive, Engine& engine) {
  const std::vector<std::uint32_t> repairs = state.drives[drive].repairs;
  for (const std::uint32_t repair : repairs) {
    state.again.push_back(state.repairs[repair].group);
    break_off(world, state, repair, engine);
  }
  stop_moves(world, state, drive, engine);
}

}  // namespace

void settle_later(StorageState& state, Engine& engine) {
  if (state.settling) return;
  state.settling = true;
  engine.schedule(engine.now(), Phase::physics, state.process,
                  static_cast<std::uint32_t>(StorageEvent::settle));
}

void build_storage(World& world) {
  for (const StorageSpec& spec : world.scenario->storage) {
    const std::string prefix = prefix_of(spec);
    StorageState& state =
        world.storage.emplace_back(spec, RandomStream(world.seed, prefix + "repairs"));
    state.places = RandomStream(world.seed, prefix + "growth");
    state.choices = RandomStream(world.seed, prefix + "moves");
    state.fill.limit = static_cast<std::uint64_t>(spec.full_ratio * spec.drive_bytes);
    state.index = static_cast<std::uint32_t>(world.storage.size() - 1);
    build_servers(world, state);
    place_groups(world, state);
    declare_metrics(*world.recorder, state);
    declare_rebalance(*world.recorder, state);
    build_fill(world, state);
  }
  build_objects(world);
  build_storage_requests(world);
}

void drive_fails(World& world, StorageState& state, std::uint32_t drive, Engine& engine) {
  const SimTime now = engine.now();
  StorageDrive& failed = state.drives[drive];
  HYPERDC_CHECK(!failed.failed, "a drive fails that has failed");
  const StorageServer& server = state.servers[state.server_of(drive)];
  failed.failed = true;
  drive_changed(state, drive);
  share_given_up(world, state, drive, now);
  failed.broken = failed.free_at = now;
  const std::uint32_t life = ++failed.lives;
  world.recorder->add(state.metrics.failed, now, 1);
  stop_repairs(world, state, drive, engine);
  for_each_fragment(state, drive, [&](std::uint32_t index, FragmentSet fragment) {
    // One that a drive before this one lost keeps its loss.
    const bool away = (state.groups[index].away & fragment) != 0;
    state.losses.try_emplace(
        fragment_key(index, static_cast<std::uint32_t>(std::countr_zero(fragment))),
        FragmentLoss{away ? server.since : now, life});
    {
      const GroupChange group(world, state, index, now);
      group->lost |= fragment;
    }
    close_early(world, state, index, engine);
    if (!state.spec->code.decodable(state.groups[index].lost)) {
      return lose_group(world, state, index, engine);
    }
    look_again(world, state, index, now);
  });
  state.freed.push_back(drive);
  settle_later(state, engine);
  const auto later = [&](Duration after, StorageEvent kind, std::uint64_t arg) {
    engine.schedule(now + after, Phase::fault, state.process, static_cast<std::uint32_t>(kind),
                    arg);
  };
  later(state.spec->repair.detect, StorageEvent::detected, drive | std::uint64_t{life} << 32);
  later(state.spec->replace, StorageEvent::replaced, drive);
}

namespace {

/// More of the group is to be rebuilt.
void declared(World& world, StorageState& state, std::uint32_t index, Engine& engine) {
  // A repair that goes on keeps its turn; what it does not rebuild is looked at when it ends.
  if (state.groups[index].repair != kNone) return;
  stop_waiting(world, state, index, engine.now());
  state.again.push_back(index);
  settle_later(state, engine);
}

}  // namespace

void drive_detected(World& world, StorageState& state, std::uint32_t drive, std::uint32_t life,
                    Engine& engine) {
  for_each_fragment(state, drive, [&](std::uint32_t index, FragmentSet fragment) {
    StorageGroup& group = state.groups[index];
    if ((group.lost & fragment) == 0) return;
    const auto f = static_cast<std::uint32_t>(std::countr_zero(fragment));
    if (state.losses.at(fragment_key(index, f)).life != life) return;  // of another drive here
    group.declared |= fragment;
    declared(world, state, index, engine);
  });
}

void drive_replaced(StorageState& state, std::uint32_t drive, Engine& engine) {
  state.drives[drive].failed = false;
  drive_changed(state, drive);
  if (!state.usable(drive)) return;
  const std::uint32_t server = state.server_of(drive);
  state.back.push_back(server);
  settle_later(state, engine);
}

void storage_server_changed(World& world, std::uint32_t pool, ServerId server, bool there,
                            Engine& engine) {
  const SimTime now = engine.now();
  for (StorageState& state : world.storage) {
    if (pool >= state.of_pool.size() || server.value >= state.of_pool[pool].size()) continue;
    const std::uint32_t index = state.of_pool[pool][server.value];
    if (index == kNone || state.servers[index].away != there) continue;
    StorageServer& changed = state.servers[index];
    changed.away = !there;
    if (there) {
      if (changed.declare != kNoEvent) engine.cancel(changed.declare);
      changed.declare = kNoEvent;
    } else {
      changed.since = now;
      changed.declare = engine.schedule(now + state.spec->repair.after, Phase::fault, state.process,
                                        static_cast<std::uint32_t>(StorageEvent::declared), index);
    }
    const std::uint32_t each = state.spec->drives_per_server;
    for (std::uint32_t drive = index * each; drive < (index + 1) * each; ++drive) {
      drive_changed(state, drive);
      if (!there) {
        stop_repairs(world, state, drive, engine);
        state.drives[drive].broken = state.drives[drive].free_at = now;
      }
      for_each_fragment(state, drive, [&](std::uint32_t g, FragmentSet fragment) {
        {
          const GroupChange group(world, state, g, now);
          if (there) {
            group->away &= ~fragment;
            // What is back need not be rebuilt; where that goes on it ends, or is broken off for
            // good.
            group->declared &= ~(fragment & ~group->lost);
          } else {
            group->away |= fragment;
          }
        }
        if (!there) close_early(world, state, g, engine);
        look_again(world, state, g, now);
      });
      state.freed.push_back(drive);
    }
    if (there) state.back.push_back(index);
    settle_later(state, engine);
  }
}

void server_declared(World& world, StorageState& state, std::uint32_t server, Engine& engine) {
  state.servers[server].declare = kNoEvent;
  const std::uint32_t each = state.spec->drives_per_server;
  for (std::uint32_t drive = server * each; drive < (server + 1) * each; ++drive) {
    for_each_fragment(state, drive, [&](std::uint32_t index, FragmentSet fragment) {
      StorageGroup& group = state.groups[index];
      if ((group.away & fragment) == 0) return;
      group.declared |= fragment;
      declared(world, state, index, engine);
    });
  }
}

void storage_settles(World& world, StorageState& state, Engine& engine) {
  state.settling = false;
  std::vector<std::uint32_t> groups = std::exchange(state.again, {});
  find_places(state, groups);
  try_repairs(world, state, groups, engine);
  drives_free(world, state, engine);
  open_groups(world, state, engine);
  start_moves(world, state, engine);
}

void repair_ended(World& world, StorageState& state, std::uint32_t slot, Engine& engine) {
  const SimTime now = engine.now();
  const StorageRepairTask task = state.repairs[slot];
  if (task.flows != kNone) free_flow_group(world.fabrics[state.fabric], task.flows);
  const auto fragment = static_cast<double>(task.bytes);
  const double read = fragment * static_cast<double>(task.sources.size());
  const double written = fragment * static_cast<double>(task.targets.size());
  state.read_bytes += read;
  state.written_bytes += written;
  state.repairs_of[{static_cast<std::uint32_t>(task.sources.size()),
                    static_cast<std::uint32_t>(task.targets.size())}] += task.bytes;
  world.recorder->add(state.metrics.read, now, read);
  world.recorder->add(state.metrics.written, now, written);
  world.recorder->sample(state.metrics.time, now, to_seconds(now - task.since));
  end_repair(world, state, slot, now);
  forget_losses(state, task.group, task.wanted);
  {
    const GroupChange group(world, state, task.group, now);
    const auto members = state.members_of(task.group);
    auto target = task.targets.begin();
    for (FragmentSet left = task.wanted; left != 0; left &= left - 1) {
      std::uint32_t& drive = members[static_cast<std::uint32_t>(std::countr_zero(left))];
      release(world, state, drive, task.bytes, now);
      drive = *target++;
      state.drives[drive].groups.push_back(task.group);
    }
    for (const std::uint32_t drive : task.targets) share_reached(world, state, drive, now);
    group->lost &= ~task.wanted;
    group->away &= ~task.wanted;
    group->declared &= ~task.wanted;
  }
  if (!state.back.empty()) settle_later(state, engine);
  try_repair(world, state, task.group, engine);  // what was lost meanwhile
  drives_free(world, state, engine);
  open_groups(world, state, engine);
  start_moves(world, state, engine);
}

std::vector<std::uint32_t> groups_on(const StorageState& state, std::uint32_t drive) {
  // Groups that have left the drive are still on its list, and may be there twice: to look for each
  // when it leaves would be quadratic in the groups of a drive.
  std::vector<std::uint32_t> groups = state.drives[drive].groups;
  std::ranges::sort(groups);
  groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
  std::erase_if(groups, [&](std::uint32_t index) {
    const auto members = state.members_of(index);
    return state.groups[index].gone || std::ranges::find(members, drive) == members.end();
  });
  return groups;
}

StorageCounts count_fragments(const StorageState& state) {
  StorageCounts counts;
  for (const StorageGroup& group : state.groups) add_counts(state, group, +1, counts);
  return counts;
}

}  // namespace hyperdc
