#include "world/stores.hpp"

#include <algorithm>

namespace hyperdc {
namespace {

constexpr double kNsOfSecond = 1e9;

/// The class of that lane that an access belongs to.
std::uint32_t class_of(const StoreSpec& spec, StoreLane& lane, const StoreAccess& access) {
  double each_Bps = std::min(spec.client_rate_Bps, lane.rate_Bps);
  if (access.client_Bps > 0) each_Bps = std::min(each_Bps, access.client_Bps);
  for (std::uint32_t i = 0; i < lane.classes.size(); ++i) {
    if (lane.classes[i].each_Bps == each_Bps && lane.classes[i].write == access.write) return i;
  }
  const auto added = static_cast<std::uint32_t>(lane.classes.size());
  StoreClass& made = lane.classes.emplace_back();
  made.each_Bps = each_Bps;
  made.write = access.write;
  const auto place = std::find_if(lane.order.begin(), lane.order.end(), [&](std::uint32_t i) {
    return lane.classes[i].each_Bps > each_Bps;
  });
  lane.order.insert(place, added);
  return added;
}

/// Deals out the rate: to those that can take the least first.
void deal_out(StoreLane& lane) {
  std::size_t clients = 0;
  for (const StoreClass& one : lane.classes) clients += one.sharing.size();
  double left_Bps = lane.rate_Bps;
  for (const std::uint32_t i : lane.order) {
    StoreClass& one = lane.classes[i];
    const std::size_t here = one.sharing.size();
    if (here == 0) continue;
    const double of_clients = static_cast<double>(here) / static_cast<double>(clients);
    const double share_Bps = here == clients ? left_Bps : left_Bps * of_clients;
    one.capacity = {one.each_Bps / kNsOfSecond, share_Bps / one.each_Bps};
    left_Bps -= one.given() * kNsOfSecond;
    clients -= here;
  }
}

/// Counts what was given since the last change.
void count_given(World& world, StoreState& store, SimTime now) {
  const auto dt = static_cast<double>((now - store.at).ns);
  double read = 0, written = 0;
  for (StoreLane& lane : store.lanes) {
    for (StoreClass& one : lane.classes) {
      (one.write ? written : read) += one.given() * dt;
      one.sharing.advance(now, one.capacity);
    }
  }
  store.at = now;
  store.delivered += read + written;
  if (read != 0) world.recorder->add(store.bytes_read, now, read);
  if (written != 0) world.recorder->add(*store.bytes_written, now, written);
}

void note_levels(World& world, const StoreState& store, SimTime now) {
  double readers = 0, writers = 0;
  std::vector<double> use;
  for (const StoreLane& lane : store.lanes) {
    double given = 0;
    for (const StoreClass& one : lane.classes) {
      (one.write ? writers : readers) += static_cast<double>(one.sharing.size());
      given += one.given();
    }
    use.push_back(given * kNsOfSecond / lane.rate_Bps);
  }
  world.recorder->level(store.readers_level, now, readers);
  world.recorder->level(store.utilization, now, use.front());
  if (store.writers_level) world.recorder->level(*store.writers_level, now, writers);
  if (store.write_utilization) world.recorder->level(*store.write_utilization, now, use.back());
}

/// The class whose first is done first; nothing if nobody is there.
StoreClass* first_class(StoreLane& lane) {
  StoreClass* first = nullptr;
  for (StoreClass& one : lane.classes) {
    if (one.sharing.empty()) continue;
    if (first == nullptr ||
        one.sharing.until_first(one.capacity) < first->sharing.until_first(first->capacity)) {
      first = &one;
    }
  }
  return first;
}

/// After a change of who is there.
void plan_store(World& world, StoreState& store, std::uint32_t index, Engine& engine) {
  const SimTime now = engine.now();
  StoreLane& lane = store.lanes[index];
  deal_out(lane);
  note_levels(world, store, now);
  const StoreClass* first = first_class(lane);
  if (first == nullptr) {
    if (lane.next != kNoEvent) engine.cancel(lane.next);
    lane.next = kNoEvent;
    return;
  }
  const SimTime at = now + first->sharing.until_first(first->capacity);
  lane.next = lane.next == kNoEvent ? engine.schedule(at, Phase::physics, store.process, 0, index)
                                    : engine.reschedule(lane.next, at);
}

/// Takes out one that has not all.
void take_out(StoreState& store, const StoreReader& reader, std::uint32_t id) {
  StoreClass& of = store.lanes[reader.lane].classes[reader.of];
  const double left = of.sharing.take(id) * reader.access.clients;
  store.left += left;
  store.read_in_part += reader.access.bytes - left;
}

void declare_writes(Recorder& recorder, StoreState& store, const std::string& prefix) {
  store.bytes_written =
      recorder.declare({prefix + "bytes_written", "B", "bytes written", MetricKind::counter});
  store.writers_level = recorder.declare(
      {prefix + "writers", "writers", "servers that write to it", MetricKind::level});
  recorder.level(*store.writers_level, SimTime{}, 0);
  if (store.spec->write_rate_Bps == 0) return;
  store.write_utilization = recorder.declare(
      {prefix + "write_utilization", "1", "share of its write rate", MetricKind::level});
  recorder.level(*store.write_utilization, SimTime{}, 0);
}

}  // namespace

void build_stores(World& world) {
  for (const StoreSpec& spec : world.scenario->stores) {
    StoreState& store = world.stores.emplace_back();
    store.spec = &spec;
    const std::string prefix = "stores." + spec.name + ".";
    Recorder& recorder = *world.recorder;
    store.bytes_read =
        recorder.declare({prefix + "bytes_read", "B", "bytes read", MetricKind::counter});
    store.utilization = recorder.declare(
        {prefix + "utilization", "1", "share of its rate that is read", MetricKind::level});
    store.readers_level = recorder.declare(
        {prefix + "readers", "readers", "replicas that read from it", MetricKind::level});
    recorder.level(store.utilization, SimTime{}, 0);
    recorder.level(store.readers_level, SimTime{}, 0);
    store.lanes.push_back({spec.rate_Bps, {}, {}, kNoEvent});
    if (spec.write_rate_Bps > 0) {
      store.lanes.push_back({spec.write_rate_Bps, {}, {}, kNoEvent});
    }
    if (spec.written) declare_writes(recorder, store, prefix);
  }
}

std::uint32_t begin_access(World& world, std::uint32_t index, const StoreAccess& access,
                           const StoreOwner& owner, Engine& engine) {
  StoreState& store = world.stores[index];
  auto id = static_cast<std::uint32_t>(store.readers.size());
  if (store.free.empty()) {
    store.readers.emplace_back();
  } else {
    id = store.free.back();
    store.free.pop_back();
  }
  const std::uint32_t lane = access.write ? static_cast<std::uint32_t>(store.lanes.size() - 1) : 0;
  const std::uint32_t of = class_of(*store.spec, store.lanes[lane], access);
  store.readers[id] = {access, true, kNoEvent, owner, lane, of};
  store.asked += access.bytes;
  count_given(world, store, engine.now());
  store.lanes[lane].classes[of].sharing.add(access.bytes / access.clients, id, access.clients);
  plan_store(world, store, lane, engine);
  return id;
}

std::uint32_t begin_reading(World& world, std::uint32_t index, double bytes,
                            const StoreOwner& owner, Engine& engine) {
  StoreAccess access;
  access.bytes = bytes;
  return begin_access(world, index, access, owner, engine);
}

void leave_store(World& world, std::uint32_t index, std::uint32_t id, Engine& engine) {
  StoreState& store = world.stores[index];
  StoreReader& reader = store.readers[id];
  store.free.push_back(id);
  if (!reader.reading) {
    if (reader.notice != kNoEvent) engine.cancel(reader.notice);
    reader.notice = kNoEvent;
    return;
  }
  reader.reading = false;
  count_given(world, store, engine.now());
  take_out(store, reader, id);
  plan_store(world, store, reader.lane, engine);
}

void first_has_all(World& world, std::uint32_t index, std::uint32_t lane, Engine& engine) {
  StoreState& store = world.stores[index];
  store.lanes[lane].next = kNoEvent;
  count_given(world, store, engine.now());
  StoreReader& reader = store.readers[first_class(store.lanes[lane])->sharing.take_first()];
  reader.reading = false;
  store.read += reader.access.bytes;
  ++store.ends;
  reader.notice = engine.schedule(engine.now(), Phase::physics, reader.owner.process,
                                  reader.owner.kind, reader.owner.arg);
  plan_store(world, store, lane, engine);
}

void close_stores(World& world, SimTime end) {
  for (StoreState& store : world.stores) {
    count_given(world, store, end);
    for (std::uint32_t id = 0; id < store.readers.size(); ++id) {
      if (store.readers[id].reading) take_out(store, store.readers[id], id);
    }
  }
}

}  // namespace hyperdc
