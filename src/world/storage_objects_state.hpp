// State of the reads and writes of objects of one storage system (world/storage_objects.hpp).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/distribution.hpp"
#include "model/storage/object_cache.hpp"
#include "world/storage_objects.hpp"

namespace hyperdc {

/// What the process of the objects of a system is told.
enum class ObjectEvent : std::uint32_t {
  found,   // the metadata of an object
  served,  // an access of a drive, or the cache
  sent,    // its bytes over the fabric
  hedge,   // a stripe takes too long
};
inline constexpr std::uint32_t kObjectEvents = 4;

/// Slots in a vector, of which freed ones are used again.
template <class T>
struct Slots {
  std::vector<T> all;
  std::vector<std::uint32_t> free;

  std::uint32_t take() {
    if (free.empty()) {
      all.emplace_back();
      return static_cast<std::uint32_t>(all.size() - 1);
    }
    const std::uint32_t slot = free.back();
    free.pop_back();
    all[slot] = {};
    return slot;
  }
  void give_back(std::uint32_t slot) { free.push_back(slot); }
  T& operator[](std::uint32_t slot) { return all[slot]; }
};

/// A read or write of an object that is under way.
struct LiveObject {
  ObjectAccess access;
  ObjectOwner owner;
  ObjectName name = 0;
  bool measured = false;  // it came after the warm-up
  bool forgotten = false;
  bool failed = false;
  bool cached = false;                    // read from there
  bool told = false;                      // the owner, or it need not be
  bool degraded = false, hedged = false;  // as it was counted
  std::uint64_t next = 0;                 // stripe to begin
  std::uint64_t stripes = 1;              // in all
  std::uint32_t under_way = 0;            // stripes
  std::uint32_t running = 0;  // those, and those that ended of which a hedge is under way
};

struct LiveStripe {
  std::uint32_t object = 0;
  std::uint32_t group = 0;
  std::uint64_t index = 0;  // in the object
  std::uint64_t bytes = 0;
  struct Try {
    std::uint32_t left = 0;    // accesses of drives
    bool void_access = false;  // a drive went with one
  };
  std::array<Try, 2> tries;  // the second is the hedge
  std::uint32_t stored = 0;  // fragments of a write
  std::uint32_t wanted = 0;  // fragment that is read
  FragmentSet asked = 0,
              came = 0;  // fragments of the first try of a read, and of these what is there
  bool hedged = false, ended = false;
  SimTime since;
  EventId hedge = kNoEvent;
};

/// Of one drive, for a stripe.
struct LiveAccess {
  std::uint32_t stripe = 0, drive = 0;
  std::uint32_t fragment = 0;
  std::uint64_t bytes = 0;
  SimTime since;  // in the line of the drive
  double takes_s = 0;
  bool second = false;  // of the hedge
  bool went = false;    // its drive, before it was served
};

/// The last times of stripes of a stream, and a quantile of them.
struct HedgeTimes {
  std::vector<double> last_s;
  std::size_t next = 0;
  std::uint64_t noted = 0;
  std::optional<Duration> after;
};

/// Of what came after the warm-up.
struct CacheBooks {
  std::uint64_t reads = 0, hits = 0;
  double read_B = 0, hit_B = 0;
  double busy_s = 0;
};

struct ObjectsState {
  std::uint32_t system = 0;
  std::uint32_t fabric = kNone;  // of the region
  ProcessId process;
  std::vector<RandomStream> streams;
  std::vector<HedgeTimes> times;  // by stream
  std::optional<ObjectCache> cache;
  SimTime cache_free_at;
  CacheBooks cache_books;
  std::vector<SimTime> metadata_free_at;  // by server: a heap, the first to be free first
  std::optional<Distribution> metadata_time;
  std::optional<RandomStream> metadata_draws;
  double metadata_busy_s = 0;  // of operations that were asked for after the warm-up
  MetricId metadata_wait;
  Slots<LiveObject> objects;
  Slots<LiveStripe> stripes;
  Slots<LiveAccess> accesses;
  // Books: objects and their bytes.
  std::uint64_t begun = 0, ended = 0, failed = 0, forgotten = 0, under_way = 0;
};

// What the events do.
void object_found(World& world, ObjectsState& state, std::uint32_t object, Engine& engine);
void object_hedged(World& world, ObjectsState& state, std::uint32_t stripe, Engine& engine);
void object_served(World& world, ObjectsState& state, std::uint32_t access, Engine& engine);
void object_sent(World& world, ObjectsState& state, std::uint32_t access, Engine& engine);

}  // namespace hyperdc
