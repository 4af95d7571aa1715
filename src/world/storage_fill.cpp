#include "world/storage_fill.hpp"

#include <algorithm>
#include <cmath>

#include <hyperdc/core/assert.hpp>

#include "world/metric_values.hpp"
#include "world/storage.hpp"
#include "world/storage_rebalance.hpp"
#include "world/storage_repair.hpp"

namespace hyperdc {
namespace {

/// Draws of a drive for a new fragment, after which the emptiest that was seen is taken.
constexpr std::uint32_t kPlaceDraws = 64;

using KeySet = std::set<std::pair<std::uint64_t, std::uint32_t>>;

void set_key(KeySet& set, std::uint64_t& key, std::uint64_t to, std::uint32_t drive) {
  if (key == to) return;
  if (key != kNotInSet) set.erase({key, drive});
  key = to;
  if (key != kNotInSet) set.insert({key, drive});
}

/// Bytes that a fragment of an open group gets each second.
double fragment_Bps(const StorageSpec& spec) {
  return spec.growth->data_Bps / (spec.growth->open * spec.code.data());
}

void publish_fill(World& world, const StorageState& state, SimTime now) {
  const StorageFill& fill = state.fill;
  const double each = state.spec->drive_bytes;
  world.recorder->level(fill.metrics.fill, now, fill.bytes / (each * fill.joined));
  const double most =
      fill.by_bytes.empty() ? 0 : static_cast<double>(fill.by_bytes.rbegin()->first);
  world.recorder->level(fill.metrics.fullest, now, most / each);
}

void change_bytes(World& world, StorageState& state, std::uint32_t drive, std::uint64_t to,
                  SimTime now) {
  DriveFill& of = state.drives[drive].fill;
  StorageFill& fill = state.fill;
  fill.bytes += static_cast<double>(to) - static_cast<double>(of.bytes);
  if (of.joined) {
    fill.by_bytes.erase({of.bytes, drive});
    fill.by_bytes.insert({to, drive});
  }
  of.bytes = to;
  drive_changed(state, drive);
  publish_fill(world, state, now);
}

void schedule_full(StorageState& state, std::uint32_t place, Engine& engine) {
  OpenGroup& open = state.fill.open[place];
  const auto left = static_cast<double>(state.spec->fragment_bytes - open.bytes);
  const Duration takes = seconds(left / fragment_Bps(*state.spec)) + nanoseconds(1);
  open.full = engine.schedule(open.since + takes, Phase::physics, state.process,
                              static_cast<std::uint32_t>(StorageEvent::filled), place);
}

/// A drive for one more fragment of a new group; kNone where there is no room.
std::uint32_t draw_place(const StorageState& state, std::uint64_t index,
                         std::span<const std::uint32_t> members, std::uint64_t& attribute) {
  const auto limit = static_cast<double>(state.fill.limit);
  std::uint32_t best = kNone;
  for (std::uint32_t i = 0; i < kPlaceDraws; ++i, attribute += 2) {
    const auto drive =
        static_cast<std::uint32_t>(state.places.below(state.fill.joined, index, attribute));
    if (!may_take(state, members, drive)) continue;
    const std::uint64_t bytes = state.drives[drive].fill.bytes;
    const double free = 1 - static_cast<double>(bytes) / limit;
    if (state.places.uniform(index, attribute + 1) < free) return drive;
    if (best == kNone || bytes < state.drives[best].fill.bytes) best = drive;
  }
  if (best != kNone) return best;
  const std::vector<std::uint32_t> fit = drives_that_may_take(state, members);
  for (const std::uint32_t drive : fit) {
    if (best == kNone || state.drives[drive].fill.bytes < state.drives[best].fill.bytes) {
      best = drive;
    }
  }
  return best;
}

/// Places a new group and begins to write it; false where there is no room.
bool open_group(World& world, StorageState& state, std::uint32_t place, Engine& engine) {
  const StorageSpec& spec = *state.spec;
  const SimTime now = engine.now();
  const std::uint32_t n = spec.code.fragments();
  if (state.fill.roomy < n) return false;
  const auto index = static_cast<std::uint32_t>(state.groups.size());
  std::vector<std::uint32_t> members;
  std::uint64_t attribute = 0;
  for (std::uint32_t f = 0; f < n; ++f) {
    const std::uint32_t drive = draw_place(state, index, members, attribute);
    if (drive == kNone) return false;
    members.push_back(drive);
  }
  state.groups.emplace_back().open = place;
  state.members.insert(state.members.end(), members.begin(), members.end());
  state.counts.healthy += n;
  for (const std::uint32_t drive : members) {
    state.drives[drive].groups.push_back(index);
    reserve(world, state, drive, spec.fragment_bytes, now);
    share_reached(world, state, drive, now);
  }
  { const GroupChange shares(world, state, index, now); }  // there are more groups
  OpenGroup& open = state.fill.open[place];
  open.group = index;
  open.bytes = 0;
  open.since = now;
  schedule_full(state, place, engine);
  return true;
}

/// The group of this place is closed with so many bytes a fragment; whole ones, of what was
/// written.
void vacate(const World& world, StorageState& state, std::uint32_t place, std::uint64_t bytes,
            SimTime now) {
  advance_data(world, state, now);
  OpenGroup& open = state.fill.open[place];
  const double written =
      static_cast<double>(open.bytes) + fragment_Bps(*state.spec) * to_seconds(now - open.since);
  state.fill.data += (static_cast<double>(bytes) - written) * state.spec->code.data();
  state.groups[open.group].open = kNone;
  open.group = kNone;
  open.since = now;
  open.full = kNoEvent;
  state.fill.closed.push_back(place);
}

}  // namespace

void build_fill(World& world, StorageState& state) {
  const StorageSpec& spec = *state.spec;
  StorageFill& fill = state.fill;
  Recorder& recorder = *world.recorder;
  const std::string prefix = "storage." + spec.name + ".";
  fill.metrics.fill = recorder.declare(
      {prefix + "fill", "1", "share of the drives that fragments take", MetricKind::level});
  fill.metrics.fullest = recorder.declare(
      {prefix + "fullest", "1", "the same of the fullest drive", MetricKind::level});
  fill.joined = spec.drives;
  for (std::uint32_t drive = 0; drive < spec.all_drives(); ++drive) {
    StorageDrive& of = state.drives[drive];
    of.fill.joined = drive < spec.drives;
    of.failed = !of.fill.joined;
    of.fill.bytes = of.groups.size() * spec.fragment_bytes;
    fill.bytes += static_cast<double>(of.fill.bytes);
    if (of.fill.joined) fill.by_bytes.insert({of.fill.bytes, drive});
    drive_changed(state, drive);
  }
  const double fragment = static_cast<double>(spec.fragment_bytes) * spec.code.data();
  fill.data = fragment * static_cast<double>(spec.groups);
  if (spec.growth) {
    fill.open.resize(spec.growth->open);
    for (std::uint32_t i = 0; i < fill.open.size(); ++i) {
      OpenGroup& open = fill.open[i];
      open.group = static_cast<std::uint32_t>(spec.groups - fill.open.size() + i);
      const double share = (i + 0.5) / static_cast<double>(fill.open.size());
      open.bytes = static_cast<std::uint64_t>(static_cast<double>(spec.fragment_bytes) * share);
      state.groups[open.group].open = i;
      fill.data -= static_cast<double>(spec.fragment_bytes - open.bytes) * spec.code.data();
    }
  }
  publish_fill(world, state, SimTime{});
}

void begin_fill(StorageState& state, Engine& engine) {
  for (std::uint32_t i = 0; i < state.fill.open.size(); ++i) schedule_full(state, i, engine);
  std::uint64_t step = 0;
  for (const StorageJoin& join : state.spec->joins) {
    engine.schedule(SimTime{} + join.at, Phase::control, state.process,
                    static_cast<std::uint32_t>(StorageEvent::joined), step++);
  }
  if (state.spec->rebalance) settle_later(state, engine);  // random places are not even
}

std::uint64_t reserved_bytes(const StorageState& state, std::uint32_t group) {
  const auto partial = state.fill.partial.find(group);
  return partial == state.fill.partial.end() ? state.spec->fragment_bytes : partial->second;
}

std::uint64_t fragment_bytes(const StorageState& state, std::uint32_t group, SimTime now) {
  const std::uint32_t place = state.groups[group].open;
  if (place == kNone) return reserved_bytes(state, group);
  const OpenGroup& open = state.fill.open[place];
  const double written = fragment_Bps(*state.spec) * to_seconds(now - open.since);
  return std::min(state.spec->fragment_bytes, open.bytes + static_cast<std::uint64_t>(written));
}

void reserve(World& world, StorageState& state, std::uint32_t drive, std::uint64_t bytes,
             SimTime now) {
  change_bytes(world, state, drive, state.drives[drive].fill.bytes + bytes, now);
}

void release(World& world, StorageState& state, std::uint32_t drive, std::uint64_t bytes,
             SimTime now) {
  DriveFill& of = state.drives[drive].fill;
  HYPERDC_CHECK(of.bytes >= bytes, "more leaves a drive than it holds");
  const bool had_room = of.roomy;
  change_bytes(world, state, drive, of.bytes - bytes, now);
  // Groups that wait for a place look for it when the moment settles.
  if (!had_room && of.roomy && !state.no_place.empty()) {
    state.back.push_back(state.server_of(drive));
  }
}

void drive_changed(StorageState& state, std::uint32_t drive) {
  const StorageSpec& spec = *state.spec;
  StorageFill& fill = state.fill;
  StorageDrive& of = state.drives[drive];
  DriveFill& own = of.fill;
  const bool there = state.usable(drive);
  const bool roomy = there && state.has_room(drive);
  if (roomy != own.roomy) {
    state.roomy_in_rack[state.servers[state.server_of(drive)].rack] += roomy ? 1U : -1U;
    fill.roomy += roomy ? 1U : -1U;
    own.roomy = roomy;
  }
  if (!spec.rebalance) return;
  const std::uint64_t net = own.bytes - own.leaving;
  if (own.counted) fill.net -= static_cast<double>(own.net);
  if (there) fill.net += static_cast<double>(net);
  if (there != own.counted) fill.there += there ? 1U : -1U;
  own.counted = there;
  own.net = net;
  const std::size_t moves = own.moves.size();
  const bool idle =
      there && moves < spec.rebalance->streams && moves + of.repairs.size() < spec.repair.streams;
  set_key(fill.takers, own.taker, idle && roomy ? net : kNotInSet, drive);
  set_key(fill.givers, own.giver, idle && own.bytes > 0 ? net : kNotInSet, drive);
}

void close_early(World& world, StorageState& state, std::uint32_t group, Engine& engine) {
  const SimTime now = engine.now();
  const std::uint32_t place = state.groups[group].open;
  if (place == kNone) return;
  const std::uint64_t bytes = std::max<std::uint64_t>(1, fragment_bytes(state, group, now));
  if (state.fill.open[place].full != kNoEvent) engine.cancel(state.fill.open[place].full);
  vacate(world, state, place, bytes, now);
  state.fill.partial[group] = bytes;
  for (const std::uint32_t drive : state.members_of(group)) {
    release(world, state, drive, state.spec->fragment_bytes - bytes, now);
  }
}

void group_full(World& world, StorageState& state, std::uint32_t place, Engine& engine) {
  vacate(world, state, place, state.spec->fragment_bytes, engine.now());
  open_groups(world, state, engine);
  start_moves(world, state, engine);
}

void open_groups(World& world, StorageState& state, Engine& engine) {
  StorageFill& fill = state.fill;
  if (fill.closed.empty()) return;
  advance_data(world, state, engine.now());
  while (!fill.closed.empty()) {
    const std::uint32_t place = fill.closed.back();
    if (!open_group(world, state, place, engine)) {
      if (!fill.full_since) fill.full_since = engine.now();
      return;
    }
    fill.closed.pop_back();
  }
}

void free_group(World& world, StorageState& state, std::uint32_t group, SimTime now) {
  advance_data(world, state, now);
  const std::uint64_t bytes = reserved_bytes(state, group);
  state.fill.data -= static_cast<double>(bytes) * state.spec->code.data();
  for (const std::uint32_t drive : state.members_of(group)) {
    release(world, state, drive, bytes, now);
  }
  state.fill.partial.erase(group);
}

void advance_data(const World& world, StorageState& state, SimTime now) {
  StorageFill& fill = state.fill;
  const SimTime warmup = SimTime{} + world.scenario->warmup;
  const double each_Bps =
      state.spec->growth ? state.spec->growth->data_Bps / static_cast<double>(fill.open.size()) : 0;
  const auto written = static_cast<double>(fill.open.size() - fill.closed.size()) * each_Bps;
  const double refused = static_cast<double>(fill.closed.size()) * each_Bps;
  const auto pass = [&](SimTime to) {
    const double dt = to_seconds(to - fill.at);
    if (fill.at >= warmup) {
      fill.data_seconds += (fill.data + written * dt / 2) * dt;
      fill.written += written * dt;
      fill.refused += refused * dt;
    }
    fill.data += written * dt;
    fill.at = to;
  };
  if (fill.at < warmup && now > warmup) pass(warmup);
  pass(now);
}

void read_fill(const StorageState& state, SimTime end, std::vector<MetricValue>& values) {
  const StorageSpec& spec = *state.spec;
  const StorageFill& fill = state.fill;
  const std::string prefix = "storage." + spec.name + ".";
  double raw = 0;
  for (std::uint32_t g = 0; g < state.groups.size(); ++g) {
    if (state.groups[g].gone) continue;
    raw += static_cast<double>(fragment_bytes(state, g, end)) * spec.code.fragments();
  }
  put(values, prefix + "raw", "B", raw);
  if (spec.growth) {
    put(values, prefix + "growth.written", "B", fill.written);
    put(values, prefix + "growth.refused", "B", fill.refused);
    if (fill.full_since) {
      put(values, prefix + "growth.full_after", "s", to_seconds(*fill.full_since - SimTime{}));
    } else {
      put_missing(values, prefix + "growth.full_after", "s", "there was always room");
    }
  }
  if (spec.rebalance) put(values, prefix + "rebalance.least", "B", fill.least_bytes);
}

}  // namespace hyperdc
