#include "world/stores.hpp"

namespace hyperdc {
namespace {

constexpr double kNsOfSecond = 1e9;

/// In bytes a ns.
ProcessorSharing::Capacity store_capacity(const StoreSpec& spec) {
  return {spec.client_rate_Bps / kNsOfSecond, spec.rate_Bps / spec.client_rate_Bps};
}

/// What all get together, in bytes a ns.
double rate_given(const StoreState& store) {
  return store.sharing.rate(store_capacity(*store.spec)) *
         static_cast<double>(store.sharing.size());
}

/// Counts what was given since the last change.
void count_given(World& world, StoreState& store, SimTime now) {
  const double bytes =
      store.sharing.empty() ? 0.0 : rate_given(store) * static_cast<double>((now - store.at).ns);
  store.sharing.advance(now, store_capacity(*store.spec));
  store.at = now;
  if (bytes == 0) return;
  store.delivered += bytes;
  world.recorder->add(store.bytes_read, now, bytes);
}

/// After a change of who reads.
void plan_store(World& world, StoreState& store, Engine& engine) {
  const SimTime now = engine.now();
  world.recorder->level(store.readers_level, now, static_cast<double>(store.sharing.size()));
  const double rate = store.sharing.empty() ? 0.0 : rate_given(store) * kNsOfSecond;
  world.recorder->level(store.utilization, now, rate / store.spec->rate_Bps);
  if (store.sharing.empty()) {
    if (store.next != kNoEvent) engine.cancel(store.next);
    store.next = kNoEvent;
    return;
  }
  const SimTime at = now + store.sharing.until_first(store_capacity(*store.spec));
  store.next = store.next == kNoEvent ? engine.schedule(at, Phase::physics, store.process, 0)
                                      : engine.reschedule(store.next, at);
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
  }
}

std::uint32_t begin_reading(World& world, std::uint32_t index, double bytes,
                            const StoreOwner& owner, Engine& engine) {
  StoreState& store = world.stores[index];
  auto reader = static_cast<std::uint32_t>(store.readers.size());
  if (store.free.empty()) {
    store.readers.emplace_back();
  } else {
    reader = store.free.back();
    store.free.pop_back();
  }
  store.readers[reader] = {bytes, true, kNoEvent, owner};
  store.asked += bytes;
  count_given(world, store, engine.now());
  store.sharing.add(bytes, reader);
  plan_store(world, store, engine);
  return reader;
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
  const double left = store.sharing.take(id);
  store.left += left;
  store.read_in_part += reader.bytes - left;
  plan_store(world, store, engine);
}

void first_has_all(World& world, std::uint32_t index, Engine& engine) {
  StoreState& store = world.stores[index];
  store.next = kNoEvent;
  count_given(world, store, engine.now());
  StoreReader& reader = store.readers[store.sharing.take_first()];
  reader.reading = false;
  store.read += reader.bytes;
  ++store.ends;
  reader.notice = engine.schedule(engine.now(), Phase::physics, reader.owner.process,
                                  reader.owner.kind, reader.owner.arg);
  plan_store(world, store, engine);
}

void close_stores(World& world, SimTime end) {
  for (StoreState& store : world.stores) {
    count_given(world, store, end);
    for (std::uint32_t id = 0; id < store.readers.size(); ++id) {
      if (!store.readers[id].reading) continue;
      const double left = store.sharing.take(id);
      store.left += left;
      store.read_in_part += store.readers[id].bytes - left;
    }
  }
}

}  // namespace hyperdc
