#include "world/storage_rebalance.hpp"

#include <algorithm>
#include <cmath>

#include <hyperdc/core/assert.hpp>

#include "world/fabrics.hpp"
#include "world/storage.hpp"
#include "world/storage_fill.hpp"
#include "world/storage_repair.hpp"

namespace hyperdc {
namespace {

/// Drives that are asked for a fragment that fits, and drives that ask, before it is left at that.
constexpr std::uint32_t kGivers = 8;
constexpr std::size_t kTakers = 4;

/// Bytes of a drive below which it is too empty, and above which it is too full.
struct EvenFill {
  double low = 0, high = 0;
};

EvenFill even_fill(const StorageState& state) {
  const StorageFill& fill = state.fill;
  if (fill.there == 0) return {};
  const double mean = fill.net / fill.there;
  const double slack = std::max(state.spec->rebalance->tolerance * mean,
                                static_cast<double>(state.spec->fragment_bytes));
  return {mean - slack, mean + slack};
}

/// Bytes with which a drive has its share of all, whatever drives are away.
double share_low(const StorageState& state) {
  const StorageFill& fill = state.fill;
  const double mean = (fill.bytes - fill.leaving) / fill.joined;
  return mean - std::max(state.spec->rebalance->tolerance * mean,
                         static_cast<double>(state.spec->fragment_bytes));
}

/// Should a drive with so much take a fragment of one with so much?
bool moves_even(const StorageState& state, const EvenFill& even, std::uint64_t least,
                std::uint64_t most) {
  const auto fragment = static_cast<double>(state.spec->fragment_bytes);
  const auto taker = static_cast<double>(least), giver = static_cast<double>(most);
  if (taker < even.low && giver - fragment >= even.low) return true;
  return giver > even.high && taker + fragment <= even.high;
}

bool may_move(const StorageState& state, std::uint32_t index) {
  const StorageGroup& group = state.groups[index];
  return !group.gone && (group.lost | group.away) == 0 && group.repair == kNone &&
         group.open == kNone && group.move == kNone;
}

struct FoundMove {
  std::uint32_t group = kNone, fragment = 0;
};

/// A fragment of a drive that another may take, looked for from a random one on.
FoundMove find_move(StorageState& state, std::uint32_t from, std::uint32_t to) {
  const std::vector<std::uint32_t>& groups = state.drives[from].groups;
  if (groups.empty()) return {};
  const std::size_t begin = state.choices.below(groups.size(), state.fill.started++);
  std::vector<std::uint32_t> others;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const std::uint32_t index = groups[(begin + i) % groups.size()];
    if (!may_move(state, index)) continue;
    const auto members = state.members_of(index);
    const auto at = std::ranges::find(members, from);
    if (at == members.end()) continue;  // one that has left
    others.assign(members.begin(), members.end());
    others.erase(others.begin() + (at - members.begin()));
    if (!may_take(state, others, to)) continue;
    return {index, static_cast<std::uint32_t>(at - members.begin())};
  }
  return {};
}

void set_moving(World& world, StorageState& state, std::int64_t change, SimTime now) {
  state.fill.active += change;
  world.recorder->level(state.fill.metrics.active, now, static_cast<double>(state.fill.active));
}

std::uint32_t take_move_slot(StorageFill& fill) {
  if (fill.free_moves.empty()) {
    fill.moves.emplace_back();
    return static_cast<std::uint32_t>(fill.moves.size() - 1);
  }
  const std::uint32_t slot = fill.free_moves.back();
  fill.free_moves.pop_back();
  return slot;
}

void begin_move(World& world, StorageState& state, const FoundMove& found, std::uint32_t from,
                std::uint32_t to, Engine& engine) {
  const SimTime now = engine.now();
  StorageFill& fill = state.fill;
  const std::uint32_t slot = take_move_slot(fill);
  StorageMove& move = fill.moves[slot];
  move = {found.group, found.fragment, from, to, reserved_bytes(state, found.group)};
  state.groups[found.group].move = slot;
  for (const std::uint32_t drive : {from, to}) state.drives[drive].fill.moves.push_back(slot);
  state.drives[from].fill.leaving += move.bytes;
  state.drives[to].fill.coming += move.bytes;
  fill.leaving += static_cast<double>(move.bytes);
  drive_changed(state, from);
  reserve(world, state, to, move.bytes, now);
  set_moving(world, state, +1, now);
  constexpr auto kEnd = static_cast<std::uint32_t>(StorageEvent::moved);
  const double rate_Bps = state.spec->rebalance->rate_Bps;
  const EndpointId source{state.servers[state.server_of(from)].endpoint};
  const EndpointId target{state.servers[state.server_of(to)].endpoint};
  if (state.fabric == kNone || source == target) {
    const double takes_s = static_cast<double>(move.bytes) / rate_Bps;
    move.end = engine.schedule(now + seconds(takes_s), Phase::physics, state.process, kEnd, slot);
    return;
  }
  FlowSpec flow;
  flow.from = source;
  flow.to = target;
  flow.bytes = move.bytes;
  flow.cap_Bps = rate_Bps;
  move.flows =
      start_flow_group(world, state.fabric, {&flow, 1}, {state.process, kEnd, slot}, engine);
}

/// Frees the drives and the slot of a move.
StorageMove end_move(World& world, StorageState& state, std::uint32_t slot, SimTime now) {
  StorageFill& fill = state.fill;
  const StorageMove move = fill.moves[slot];
  HYPERDC_CHECK(move.group != kNone, "a move ends that does not go on");
  state.groups[move.group].move = kNone;
  for (const std::uint32_t drive : {move.from, move.to}) {
    std::erase(state.drives[drive].fill.moves, slot);
  }
  state.drives[move.from].fill.leaving -= move.bytes;
  state.drives[move.to].fill.coming -= move.bytes;
  fill.leaving -= static_cast<double>(move.bytes);
  fill.moves[slot] = {};
  fill.free_moves.push_back(slot);
  set_moving(world, state, -1, now);
  return move;
}

/// Of all drives of the step one fewer is without its share.
void leave_step(World& world, StorageState& state, std::uint32_t drive, SimTime now) {
  DriveFill& of = state.drives[drive].fill;
  of.filling = false;
  StorageStep& step = state.fill.steps[of.step];
  if (--step.left > 0) return;
  world.recorder->sample(state.fill.metrics.balanced, now, to_seconds(now - step.at));
}

}  // namespace

void declare_rebalance(Recorder& recorder, StorageState& state) {
  if (!state.spec->rebalance) return;
  const std::string prefix = "storage." + state.spec->name + ".rebalance.";
  StorageGrowthMetrics& m = state.fill.metrics;
  const auto declare = [&](const char* name, const char* unit, const char* meaning,
                           MetricKind kind) {
    return recorder.declare({prefix + name, unit, meaning, kind});
  };
  m.moved = declare("moved", "B", "bytes that moves moved", MetricKind::counter);
  m.aborted = declare("aborted", "moves", "moves that were broken off", MetricKind::counter);
  m.active = declare("active", "moves", "moves that go on", MetricKind::level);
  m.balanced =
      declare("time", "s", "until drives that joined have their share", MetricKind::sample);
  recorder.level(m.active, SimTime{}, 0);
}

void start_moves(World& world, StorageState& state, Engine& engine) {
  if (!state.spec->rebalance || state.waiting_for_drives > 0) return;
  StorageFill& fill = state.fill;
  std::vector<std::uint32_t> vain;  // drives for which nothing was found
  while (vain.size() < kTakers && !fill.takers.empty()) {
    const EvenFill even = even_fill(state);
    const auto [least, to] = *fill.takers.begin();
    FoundMove found;
    std::uint32_t from = kNone, tried = 0;
    for (auto giver = fill.givers.rbegin();
         giver != fill.givers.rend() && tried < kGivers && found.group == kNone; ++giver, ++tried) {
      if (!moves_even(state, even, least, giver->first)) break;
      from = giver->second;
      found = find_move(state, from, to);
    }
    if (found.group != kNone) {
      begin_move(world, state, found, from, to, engine);
      continue;
    }
    if (tried == 0) break;  // none that is fuller would even it
    fill.takers.erase(fill.takers.begin());
    vain.push_back(to);
  }
  for (const std::uint32_t drive : vain) {
    const std::uint64_t key = state.drives[drive].fill.taker;
    if (key != kNotInSet) fill.takers.insert({key, drive});
  }
}

void move_ended(World& world, StorageState& state, std::uint32_t slot, Engine& engine) {
  const SimTime now = engine.now();
  StorageFill& fill = state.fill;
  if (fill.moves[slot].flows != kNone) {
    free_flow_group(world.fabrics[state.fabric], fill.moves[slot].flows);
  }
  const StorageMove move = end_move(world, state, slot, now);
  state.members_of(move.group)[move.fragment] = move.to;
  std::erase(state.drives[move.from].groups, move.group);
  state.drives[move.to].groups.push_back(move.group);
  release(world, state, move.from, move.bytes, now);
  drive_changed(state, move.to);
  fill.moved_bytes += static_cast<double>(move.bytes);
  if (move.bytes == state.spec->fragment_bytes) {
    ++fill.moved_fragments;
  } else {
    fill.moved_partial += move.bytes;
  }
  world.recorder->add(fill.metrics.moved, now, static_cast<double>(move.bytes));
  share_reached(world, state, move.to, now);
  if (!state.back.empty()) settle_later(state, engine);
  open_groups(world, state, engine);
  start_moves(world, state, engine);
}

void break_off_move(World& world, StorageState& state, std::uint32_t slot, Engine& engine) {
  const SimTime now = engine.now();
  const StorageMove& moving = state.fill.moves[slot];
  if (moving.end != kNoEvent) engine.cancel(moving.end);
  if (moving.flows != kNone) cancel_flow_group(world, state.fabric, moving.flows, engine);
  const StorageMove move = end_move(world, state, slot, now);
  drive_changed(state, move.from);
  release(world, state, move.to, move.bytes, now);
  world.recorder->add(state.fill.metrics.aborted, now, 1);
}

void stop_moves(World& world, StorageState& state, std::uint32_t drive, Engine& engine) {
  const std::vector<std::uint32_t> moves = state.drives[drive].fill.moves;
  for (const std::uint32_t move : moves) break_off_move(world, state, move, engine);
}

void moves_give_way(World& world, StorageState& state, std::uint32_t drive, Engine& engine) {
  const StorageDrive& of = state.drives[drive];
  while (!of.fill.moves.empty() &&
         of.fill.moves.size() + of.repairs.size() > state.spec->repair.streams) {
    break_off_move(world, state, of.fill.moves.back(), engine);
  }
}

void drives_joined(World& world, StorageState& state, std::uint32_t index, Engine& engine) {
  const SimTime now = engine.now();
  const StorageJoin& join = state.spec->joins[index];
  StorageFill& fill = state.fill;
  const auto step = static_cast<std::uint32_t>(fill.steps.size());
  fill.steps.push_back({now, join.drives});
  fill.joined += join.drives;
  for (std::uint32_t i = 0; i < join.drives; ++i) {
    const std::uint32_t drive = join.first_drive + i;
    StorageDrive& of = state.drives[drive];
    of.failed = false;
    of.fill.joined = true;
    of.fill.step = step;
    fill.by_bytes.insert({of.fill.bytes, drive});
    drive_changed(state, drive);
    const std::uint32_t server = state.server_of(drive);
    if (state.back.empty() || state.back.back() != server) state.back.push_back(server);
  }
  settle_later(state, engine);
  if (!state.spec->rebalance) return;
  const bool counts = now >= SimTime{} + world.scenario->warmup;  // as what moved does
  if (counts) fill.least_bytes += join.drives * std::max(0.0, share_low(state));
  for (std::uint32_t i = 0; i < join.drives; ++i) {
    state.drives[join.first_drive + i].fill.filling = true;
  }
  for (std::uint32_t d = state.spec->drives; d < join.first_drive + join.drives; ++d) {
    share_reached(world, state, d, now);  // the share of those before is less now
  }
}

void share_reached(World& world, StorageState& state, std::uint32_t drive, SimTime now) {
  const DriveFill& of = state.drives[drive].fill;
  if (!of.filling) return;
  if (static_cast<double>(of.bytes - of.coming) < share_low(state)) return;
  leave_step(world, state, drive, now);
}

void share_given_up(World& world, StorageState& state, std::uint32_t drive, SimTime now) {
  if (state.drives[drive].fill.filling) leave_step(world, state, drive, now);
}

}  // namespace hyperdc
