#include "world/storage_objects.hpp"

#include <algorithm>
#include <functional>

#include <hyperdc/core/assert.hpp>

#include "core/hash.hpp"
#include "world/fabrics.hpp"
#include "world/metric_values.hpp"
#include "world/storage_objects_state.hpp"
#include "world/storage_requests.hpp"

namespace hyperdc {
namespace {

constexpr std::size_t kHedgeWindow = 1000;  // stripes whose times are known
constexpr std::uint64_t kHedgeEach = 100;   // stripes after which their quantile is taken anew
constexpr std::uint64_t kGroupDraw = 1;     // attribute of an object, in the place of each stripe
constexpr unsigned kObjectSlotBits = 32;
constexpr ObjectName kObjectSlots = (ObjectName{1} << kObjectSlotBits) - 1;

ObjectsState& objects_of(World& world, std::uint32_t system) {
  return *world.objects[system];
}

/// Streams have less than 2^56 objects.
std::uint64_t cache_key(const ObjectAccess& access) {
  return std::uint64_t{access.stream} << 56 | access.object;
}

StorageRequestsState* books_of(World& world, const LiveObject& object) {
  const std::uint32_t workload = object.access.workload;
  if (workload == kNone || !object.measured) return nullptr;
  return &world.storage_requests[workload];
}

/// The slot is free when nothing of the object is in a line any more.
void let_go(ObjectsState& state, std::uint32_t slot) {
  const LiveObject& object = state.objects[slot];
  if (object.told && object.running == 0) state.objects.give_back(slot);
}

void end_object(ObjectsState& state, std::uint32_t slot, Engine& engine) {
  LiveObject& object = state.objects[slot];
  --state.under_way;
  ++(object.forgotten ? state.forgotten : object.failed ? state.failed : state.ended);
  object.told = true;
  if (!object.forgotten) {
    const ObjectOwner& owner = object.owner;
    engine.schedule(engine.now(), Phase::workload, owner.process,
                    object.failed ? owner.failed : owner.ended, owner.arg);
  }
  const ObjectAccess& access = object.access;
  const bool from_drives = access.read && !object.cached && !access.around_cache;
  if (state.cache && from_drives && !object.failed && !object.forgotten) {
    state.cache->put(cache_key(access), static_cast<double>(access.bytes));
  }
  let_go(state, slot);
}

/// Into the line of its drive, or, of a write on its way, to a drive that has gone.
bool to_drive(World& world, ObjectsState& state, std::uint32_t slot, Engine& engine) {
  StorageState& system = world.storage[state.system];
  LiveAccess& access = state.accesses[slot];
  if (!system.usable(access.drive)) return false;
  access.since = engine.now();
  const AccessTime time = take_access(system, access.drive, access.bytes, engine.now());
  access.takes_s = time.takes_s;
  engine.schedule(time.end, Phase::physics, state.process,
                  static_cast<std::uint32_t>(ObjectEvent::served), slot);
  return true;
}

/// Over the fabric, if there is one between the client and the server of the drive.
bool to_network(World& world, ObjectsState& state, std::uint32_t slot, Engine& engine) {
  const StorageState& system = world.storage[state.system];
  const LiveAccess& access = state.accesses[slot];
  const ObjectAccess& of = state.objects[state.stripes[access.stripe].object].access;
  if (of.client == kNone) return false;
  const EndpointId server{system.servers[system.server_of(access.drive)].endpoint};
  const EndpointId client{of.client};
  if (server == client) return false;
  FlowSpec flow;
  flow.from = of.read ? server : client;
  flow.to = of.read ? client : server;
  flow.bytes = access.bytes;
  start_flow(world, state.fabric, flow,
             {state.process, static_cast<std::uint32_t>(ObjectEvent::sent), slot}, engine);
  return true;
}

/// The drives that a stripe takes now; none where it cannot be read or written.
std::vector<std::uint32_t> plan_stripe(World& world, ObjectsState& state, LiveStripe& stripe) {
  LiveObject& object = state.objects[stripe.object];
  const StorageState& system = world.storage[state.system];
  if (!object.access.read) return plan_write(system, stripe.group);
  const ReadPlan plan = plan_read(system, stripe.group, state.streams[object.access.stream],
                                  {object.access.object, object.access.number, stripe.index});
  StorageRequestsState* books = books_of(world, object);
  if (books != nullptr && plan.degraded && !object.degraded) ++books->degraded_reads;
  object.degraded = object.degraded || plan.degraded;
  stripe.wanted = plan.fragment;
  stripe.asked = stripe.came = 0;
  return plan.drives;
}

/// Puts accesses of a stripe into the lines of drives, or on their way there.
void add_accesses(World& world, ObjectsState& state, std::uint32_t slot,
                  const std::vector<std::uint32_t>& drives, bool second, Engine& engine) {
  LiveStripe& stripe = state.stripes[slot];
  stripe.tries[second ? 1 : 0] = {static_cast<std::uint32_t>(drives.size()), false};
  const bool read = state.objects[stripe.object].access.read;
  const std::uint64_t k = world.storage[state.system].spec->code.data();
  const std::uint64_t bytes = read ? stripe.bytes : (stripe.bytes + k - 1) / k;
  const auto members = world.storage[state.system].members_of(stripe.group);
  for (const std::uint32_t drive : drives) {
    const std::uint32_t access = state.accesses.take();
    const auto fragment =
        static_cast<std::uint32_t>(std::ranges::find(members, drive) - members.begin());
    state.accesses[access] = {slot, drive, fragment, bytes, {}, 0, second};
    if (read && !second) stripe.asked |= FragmentSet{1} << fragment;
    if (!read && to_network(world, state, access, engine)) continue;
    to_drive(world, state, access, engine);  // that is there: it was planned now
  }
}

/// When the hedge of a stripe that begins now is due.
std::optional<Duration> hedge_after(const ObjectsState& state, const ObjectAccess& access) {
  if (!access.hedge || !access.read) return std::nullopt;
  return access.hedge->after ? access.hedge->after : state.times[access.stream].after;
}

/// False where it cannot be.
bool start_stripe(World& world, ObjectsState& state, std::uint32_t slot, Engine& engine) {
  LiveStripe& stripe = state.stripes[slot];
  const std::vector<std::uint32_t> drives = plan_stripe(world, state, stripe);
  if (drives.empty()) return false;
  add_accesses(world, state, slot, drives, false, engine);
  const auto after = hedge_after(state, state.objects[stripe.object].access);
  if (after && !stripe.hedged && stripe.hedge == kNoEvent) {
    stripe.hedge = engine.schedule(engine.now() + *after, Phase::physics, state.process,
                                   static_cast<std::uint32_t>(ObjectEvent::hedge), slot);
  }
  return true;
}

/// Group of a stripe, by the number of its object.
std::uint32_t group_of(const World& world, ObjectsState& state, const ObjectAccess& access,
                       std::uint64_t stripe) {
  const StorageState& system = world.storage[state.system];
  const RandomStream& stream = state.streams[access.stream];
  const std::uint64_t draw = kGroupDraw + stripe * kDrawsOfStripe;
  std::uint64_t group = stream.below(system.spec->groups, access.object, draw);
  if (system.groups.size() == system.spec->groups) return static_cast<std::uint32_t>(group);
  // Groups were added: an object moves to one of them or stays (Lamping and Veach, 2014).
  std::uint64_t key = hash_combine(access.object, draw);
  auto next = static_cast<double>(system.spec->groups);
  for (;;) {
    key = key * 2862933555777941757ULL + 1;
    next = next * (2147483648.0 / static_cast<double>((key >> 33) + 1));
    if (next >= static_cast<double>(system.groups.size())) break;
    group = static_cast<std::uint64_t>(next);
    next = static_cast<double>(group + 1);
  }
  return static_cast<std::uint32_t>(group);
}

/// Begins stripes as long as the object may have more under way, and ends it after its last.
void advance(World& world, ObjectsState& state, std::uint32_t slot, Engine& engine) {
  LiveObject& object = state.objects[slot];
  const ObjectAccess& access = object.access;
  while (object.next < object.stripes && !object.failed && !object.forgotten &&
         (access.at_once == 0 || object.under_way < access.at_once)) {
    const std::uint64_t index = object.next++;
    const std::uint32_t at = state.stripes.take();
    LiveStripe& stripe = state.stripes[at];
    stripe.object = slot;
    stripe.index = index;
    stripe.bytes = access.bytes;
    if (access.stripe_bytes > 0) {
      stripe.bytes = std::min(access.stripe_bytes, access.bytes - index * access.stripe_bytes);
    }
    stripe.since = engine.now();
    stripe.group = group_of(world, state, access, index);
    if (start_stripe(world, state, at, engine)) {
      ++object.under_way;
      ++object.running;
    } else {
      state.stripes.give_back(at);
      object.failed = true;
    }
  }
  if (object.under_way == 0) end_object(state, slot, engine);
}

/// Nothing of a stripe is in a line any more.
void free_stripe(ObjectsState& state, std::uint32_t at) {
  const std::uint32_t of = state.stripes[at].object;
  state.stripes.give_back(at);
  --state.objects[of].running;
}

/// How long a stripe took, for the hedges of those that come.
void note_time(HedgeTimes& times, double quantile, Duration took) {
  if (times.last_s.size() < kHedgeWindow) {
    times.last_s.push_back(to_seconds(took));
  } else {
    times.last_s[times.next++ % kHedgeWindow] = to_seconds(took);
  }
  if (++times.noted % kHedgeEach != 0) return;
  std::vector<double> sorted = times.last_s;
  const auto last = static_cast<std::ptrdiff_t>(sorted.size()) - 1;
  const auto at =
      std::min(last, static_cast<std::ptrdiff_t>(quantile * static_cast<double>(sorted.size())));
  std::nth_element(sorted.begin(), sorted.begin() + at, sorted.end());
  times.after = seconds(sorted[static_cast<std::size_t>(at)]);
}

/// All of a stripe is there, or cannot be.
void end_stripe(World& world, ObjectsState& state, std::uint32_t at, Engine& engine) {
  LiveStripe& stripe = state.stripes[at];
  const std::uint32_t of = stripe.object;
  LiveObject& object = state.objects[of];
  if (stripe.hedge != kNoEvent) engine.cancel(stripe.hedge);
  stripe.hedge = kNoEvent;
  stripe.ended = true;
  const auto& hedge = object.access.hedge;
  if (hedge && !hedge->after && object.access.read && !object.cached) {
    note_time(state.times[object.access.stream], hedge->quantile, engine.now() - stripe.since);
  }
  if (stripe.tries[0].left == 0 && stripe.tries[1].left == 0) free_stripe(state, at);
  --object.under_way;
  advance(world, state, of, engine);
}

void end_access(World& world, ObjectsState& state, std::uint32_t slot, Engine& engine) {
  const std::uint32_t at = state.accesses[slot].stripe;
  const bool second = state.accesses[slot].second;
  const std::uint32_t fragment = state.accesses[slot].fragment;
  const bool came = !second && !state.accesses[slot].went;
  state.accesses.give_back(slot);
  LiveStripe& stripe = state.stripes[at];
  if (came) stripe.came |= FragmentSet{1} << fragment;
  if (--stripe.tries[second ? 1 : 0].left > 0) return;
  const bool other = stripe.tries[second ? 0 : 1].left > 0;
  const std::uint32_t of = stripe.object;
  LiveObject& object = state.objects[of];
  if (stripe.ended) {  // the other was first
    free_stripe(state, at);
    return let_go(state, of);
  }
  if (object.access.read) {
    const bool again = stripe.tries[second ? 1 : 0].void_access && !object.forgotten;
    if (again && other) return;
    if (again && start_stripe(world, state, at, engine)) return;
    if (again) object.failed = true;
  } else if (stripe.stored < world.storage[state.system].spec->code.data()) {
    object.failed = true;
  }
  end_stripe(world, state, at, engine);
}

/// The cache has the object: all of it is one access that takes no drive.
void serve_from_cache(const World& world, ObjectsState& state, std::uint32_t slot, Engine& engine) {
  LiveObject& object = state.objects[slot];
  const StorageState& system = world.storage[state.system];
  object.cached = true;
  object.stripes = object.next = object.under_way = object.running = 1;
  const std::uint32_t at = state.stripes.take();
  LiveStripe& stripe = state.stripes[at];
  stripe.object = slot;
  stripe.bytes = object.access.bytes;
  stripe.group = group_of(world, state, object.access, 0);
  stripe.tries[0].left = 1;
  const std::uint32_t access = state.accesses.take();
  state.accesses[access] = {at, system.members_of(stripe.group)[0], 0, stripe.bytes, {}, 0, false};
  const Duration takes =
      seconds(static_cast<double>(stripe.bytes) / system.spec->service.cache->rate_Bps);
  if (object.measured) state.cache_books.busy_s += to_seconds(takes);
  state.cache_free_at = std::max(state.cache_free_at, engine.now()) + takes;
  engine.schedule(state.cache_free_at, Phase::physics, state.process,
                  static_cast<std::uint32_t>(ObjectEvent::served), access);
}

/// It is known where the object is.
void look_up(World& world, ObjectsState& state, std::uint32_t slot, Engine& engine) {
  const LiveObject& object = state.objects[slot];
  if (state.cache && object.access.read && !object.access.around_cache && !object.forgotten) {
    const bool hit = state.cache->find(cache_key(object.access));
    const auto bytes = static_cast<double>(object.access.bytes);
    if (object.measured) {
      CacheBooks& books = state.cache_books;
      ++books.reads;
      books.read_B += bytes;
      books.hits += hit ? 1 : 0;
      books.hit_B += hit ? bytes : 0;
    }
    if (hit) return serve_from_cache(world, state, slot, engine);
  }
  advance(world, state, slot, engine);
}

/// Waits for the first server of metadata that is free.
void ask_metadata(World& world, ObjectsState& state, std::uint32_t slot, Engine& engine) {
  std::vector<SimTime>& free_at = state.metadata_free_at;
  std::pop_heap(free_at.begin(), free_at.end(), std::greater<>{});
  const SimTime begins = std::max(free_at.back(), engine.now());
  const Duration takes = seconds(state.metadata_time->draw(*state.metadata_draws, state.begun, 0));
  free_at.back() = begins + takes;
  std::push_heap(free_at.begin(), free_at.end(), std::greater<>{});
  if (state.objects[slot].measured) {
    state.metadata_busy_s += to_seconds(takes);
    world.recorder->sample(state.metadata_wait, engine.now(), to_seconds(begins - engine.now()));
  }
  engine.schedule(begins + takes, Phase::physics, state.process,
                  static_cast<std::uint32_t>(ObjectEvent::found), slot);
}

void build_service(World& world, ObjectsState& state, const StorageSpec& spec) {
  if (const auto& cache = spec.service.cache) {
    state.cache.emplace(cache->bytes,
                        cache->policy == CachePolicy::lru ? CacheOrder::use : CacheOrder::arrival);
  }
  const auto& metadata = spec.service.metadata;
  if (!metadata) return;
  const std::string prefix = "storage." + spec.name + ".metadata";
  state.metadata_free_at.resize(metadata->servers);
  state.metadata_time.emplace(metadata->time);
  state.metadata_draws.emplace(world.seed, prefix);
  state.metadata_wait = world.recorder->declare(
      {prefix + ".wait", "s", "of an access for its operation", MetricKind::sample});
}

}  // namespace

void build_objects(World& world) {
  const Scenario& scenario = *world.scenario;
  for (std::uint32_t i = 0; i < world.storage.size(); ++i) {
    auto state = std::make_unique<ObjectsState>();
    state->system = i;
    const auto fabric = fabric_of_region(scenario.fabrics, world.storage[i].spec->region);
    if (fabric) state->fabric = *fabric;
    build_service(world, *state, *world.storage[i].spec);
    world.objects.push_back(std::move(state));
  }
}

std::uint32_t add_object_stream(World& world, std::uint32_t system, const std::string& name) {
  ObjectsState& state = objects_of(world, system);
  state.streams.emplace_back(world.seed, name);
  state.times.emplace_back();
  return static_cast<std::uint32_t>(state.streams.size() - 1);
}

ObjectName start_object(World& world, const ObjectAccess& access, const ObjectOwner& owner,
                        Engine& engine) {
  ObjectsState& state = objects_of(world, access.system);
  HYPERDC_CHECK(access.bytes > 0, "an object without bytes");
  HYPERDC_CHECK(access.client == kNone || state.fabric != kNone, "clients without a fabric");
  const std::uint32_t slot = state.objects.take();
  LiveObject& object = state.objects[slot];
  object.access = access;
  object.owner = owner;
  const ObjectName name = (state.begun + 1) << kObjectSlotBits | slot;
  object.name = name;
  object.measured = engine.now() >= SimTime{} + world.scenario->warmup;
  if (access.stripe_bytes > 0) {
    object.stripes = (access.bytes + access.stripe_bytes - 1) / access.stripe_bytes;
  }
  ++state.begun;
  ++state.under_way;
  state.metadata_time ? ask_metadata(world, state, slot, engine)
                      : look_up(world, state, slot, engine);
  return name;
}

void forget_object(World& world, std::uint32_t system, ObjectName name) {
  // Its slot may be that of another: it is free from the end on, before the owner is told.
  LiveObject& object =
      objects_of(world, system).objects[static_cast<std::uint32_t>(name & kObjectSlots)];
  if (object.name == name) object.forgotten = true;
}

void object_found(World& world, ObjectsState& state, std::uint32_t object, Engine& engine) {
  look_up(world, state, object, engine);
}

void object_hedged(World& world, ObjectsState& state, std::uint32_t slot, Engine& engine) {
  LiveStripe& stripe = state.stripes[slot];
  stripe.hedge = kNoEvent;
  LiveObject& object = state.objects[stripe.object];
  if (object.forgotten) return;
  const ObjectAccess& of = object.access;
  const std::vector<std::uint32_t> drives = plan_others(
      world.storage[state.system], stripe.group, {stripe.wanted, stripe.asked, stripe.came},
      state.streams[of.stream], {of.object, of.number, stripe.index});
  if (drives.empty()) return;
  stripe.hedged = true;
  StorageRequestsState* books = books_of(world, object);
  if (books != nullptr && !object.hedged) ++books->hedged_reads;
  object.hedged = true;
  add_accesses(world, state, slot, drives, true, engine);
}

void object_served(World& world, ObjectsState& state, std::uint32_t slot, Engine& engine) {
  const StorageState& system = world.storage[state.system];
  LiveAccess& access = state.accesses[slot];
  LiveStripe& stripe = state.stripes[access.stripe];
  const LiveObject& object = state.objects[stripe.object];
  const StorageDrive& drive = system.drives[access.drive];
  const bool went = !object.cached && (!system.usable(access.drive) || drive.broken > access.since);
  access.went = went;
  if (went) stripe.tries[access.second ? 1 : 0].void_access = true;
  if (!went) ++stripe.stored;
  StorageRequestsState* books = books_of(world, object);
  if (books != nullptr && books->spec->system == state.system && !object.cached) {
    // What waited for a drive that broke kept it busy until then, if it had begun.
    const Duration lost = went ? engine.now() - drive.broken : Duration{};
    books->busy_s += std::max(0.0, access.takes_s - to_seconds(lost));
  }
  const bool late = stripe.ended;  // what the other has brought need not be sent
  if (!went && !late && object.access.read && to_network(world, state, slot, engine)) return;
  end_access(world, state, slot, engine);
}

void object_sent(World& world, ObjectsState& state, std::uint32_t slot, Engine& engine) {
  const LiveStripe& stripe = state.stripes[state.accesses[slot].stripe];
  const bool read = state.objects[stripe.object].access.read;
  if (!read && to_drive(world, state, slot, engine)) return;
  end_access(world, state, slot, engine);
}

void read_objects(const World& world, SimTime end, std::vector<MetricValue>& values) {
  const double measured_s = to_seconds(end - (SimTime{} + world.scenario->warmup));
  for (const auto& state : world.objects) {
    const StorageSpec& spec = *world.storage[state->system].spec;
    const std::string prefix = "storage." + spec.name + ".";
    const auto share = [&](const char* name, double part, double of, const char* reason) {
      if (of > 0) {
        put(values, prefix + name, "1", part / of);
      } else {
        put_missing(values, prefix + name, "1", reason);
      }
    };
    if (state->cache) {
      const CacheBooks& books = state->cache_books;
      share("cache.hit_rate", static_cast<double>(books.hits), static_cast<double>(books.reads),
            "no read came after the warm-up");
      share("cache.byte_hit_rate", books.hit_B, books.read_B, "no read came after the warm-up");
      share("cache.utilization", books.busy_s, measured_s, "the run ended within the warm-up");
      put(values, prefix + "cache.used", "B", state->cache->used());
    }
    if (state->metadata_time) {
      share("metadata.utilization", state->metadata_busy_s,
            measured_s * spec.service.metadata->servers, "the run ended within the warm-up");
    }
  }
}

}  // namespace hyperdc
