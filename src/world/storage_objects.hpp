// Reads and writes of objects of storage systems, for whoever in the world has some: clients,
// checkpoints, data sets.
//
// Computes: when an object of any size has been read or written. Its bytes go in stripes over
// placement groups: stripe i of an object has a group of its own, drawn evenly by the number of the
// object, so that who reads finds what was written. Each stripe takes the drives that a small
// request takes (storage_requests.hpp): a read one fragment, or those that decode it; a write b / k
// bytes on each drive of the group that is there. Up to `at_once` stripes are under way; the access
// ends with the last. One of which a stripe cannot be read, or fewer than k fragments of it were
// stored, has failed: it begins no more stripes, and ends with those that are under way.
// Before that an access waits for one operation of the metadata of the system, if it has servers
// for these: first come first served. A read of what the cache of the system holds is one answer of
// the cache, bytes / rate, in the order in which they come, from the server of the first fragment
// of the first stripe. What is read from drives goes into the cache when the read has ended.
// A stripe that is hedged reads other fragments as well once it took too long, another copy or what
// decodes it with those that came; the first of both to end counts. What the other has in the lines
// of drives is not taken out: it loads them all the same.
// Equation, of an idle system: a read of s stripes of b bytes on drives of their own takes
//   seek + b / B for each round of at_once stripes; stripes that draw one drive wait in its line.
// Units: bytes, ns. Source: striping as CephFS and Lustre have it (stripe unit, stripe count).
// Valid: stripes that are small beside fragments. Leaves out: growth by writes; buffers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "world/world.hpp"

namespace hyperdc {

/// Other fragments are read as well when a stripe takes so long.
struct ObjectHedge {
  std::optional<Duration> after;  // or
  double quantile = 0;            // of the times of the last stripes of the stream
};

struct ObjectAccess {
  std::uint32_t system = 0;        // index into World::storage
  std::uint32_t stream = 0;        // of add_object_stream()
  std::uint64_t object = 0;        // its number there: where it is
  std::uint64_t number = 0;        // of this access: which copies serve
  std::uint64_t bytes = 0;         // at least 1
  bool read = true;                // or written
  std::uint64_t stripe_bytes = 0;  // 0: all in one stripe
  std::uint32_t at_once = 0;       // stripes under way; 0: all
  std::uint32_t client = kNone;    // endpoint in the fabric of the region; kNone: no network
  bool around_cache = false;       // not answered by it, and not taken in
  std::optional<ObjectHedge> hedge;
  std::uint32_t workload = kNone;  // index into World::storage_requests: whose books
};

/// Whom to tell that all is read or written, or that this cannot be: one event, of either kind.
struct ObjectOwner {
  ProcessId process;
  std::uint32_t ended = 0, failed = 0;  // kinds
  std::uint64_t arg = 0;
};

/// Numbers of objects, from 0 on, of those who use this name: their places depend on both and the
/// seed.
std::uint32_t add_object_stream(World& world, std::uint32_t system, const std::string& name);
/// Of an access: no other of the system has it, before or after.
using ObjectName = std::uint64_t;
/// Begins now.
ObjectName start_object(World& world, const ObjectAccess& access, const ObjectOwner& owner,
                        Engine& engine);
/// The owner does not want to hear of it any more: no more stripes begin, and those that are under
/// way take their drives all the same. Of an access that has ended: no effect.
void forget_object(World& world, std::uint32_t system, ObjectName object);

/// Numbers of a run that need the whole state.
void read_objects(const World& world, SimTime end, std::vector<MetricValue>& values);
/// One for each storage system. Call once, after these.
void build_objects(World& world);

}  // namespace hyperdc
