// Requests of clients of storage systems in the world: books, and which drives a request takes.
//
// Computes: the time of each read and write. A read of b bytes is for one fragment of a group, both
// drawn evenly (of copies one that is there); where the fragment is missing the client reads b
// bytes of as many others as the code reads and decodes: a degraded read. A write of b bytes puts
// b / k bytes on each drive of a group that is there. A request ends with its last access;
// a write of which fewer than k fragments were stored has failed.
// Equation: a drive serves accesses in the order in which they come, each in
//   seek + b / max(B - sum of rates, B / (r + 1)),
// with r repairs and moves on the drive when the access comes: they keep their throttles, but no
// access gets less than an even share. Over the fabric the bytes of a read are a flow from the
// server of the drive to the client once they are read, those of a write one from the client
// before. Units: s, bytes. Source: first come first served as Pollaczek and Khinchine; the wait of
// one drive is that of M/G/1. Valid: seek and bandwidth that do not depend on the order of
// accesses; requests that are small beside fragments, or whose stripes are (storage_objects.hpp:
// there are the accesses). Leaves out: buffers, other orders of service, repairs that clients slow
// down, growth by writes, clients whose servers are down (they ask on). An access that a drive
// takes with it when it fails is noticed when it would have been served: a read then begins anew, a
// write leaves that fragment to the repair.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/distribution.hpp"
#include "world/world.hpp"

namespace hyperdc {

/// After the storage systems. Call once.
void build_storage_requests(World& world);

/// Has the system of the workload a next tier?
bool has_tier(const World& world, const StorageRequests& spec);
/// Streams of a workload.
std::string requests_stream(const StorageRequests& spec);
std::string sizes_stream(const StorageRequests& spec);
/// Is this request a read?
bool is_read(const StorageRequests& spec, const RandomStream& requests, std::uint64_t number);
/// Of an object.
std::uint64_t request_bytes(const Distribution& bytes, const RandomStream& sizes,
                            std::uint64_t object);

/// Drives that a read of a fragment takes: its own, or those that decode it; none where that
/// cannot be. Of copies any that is there serves.
struct ReadPlan {
  std::vector<std::uint32_t> drives;
  bool degraded = false;
  std::uint32_t fragment = 0;  // that is wanted
};
/// What is read: the fragment of data is drawn by the object, what else serves by the access.
struct ReadOf {
  std::uint64_t object = 0;
  std::uint64_t number = 0;  // of the access
  std::uint64_t stripe = 0;
};
inline constexpr std::uint64_t kDrawsOfStripe = 16;  // attributes of an object, or an access
ReadPlan plan_read(const StorageState& state, std::uint32_t group, const RandomStream& stream,
                   const ReadOf& of);
/// What a read that takes long has asked for.
struct SlowRead {
  std::uint32_t fragment = 0;       // that is wanted
  FragmentSet asked = 0, came = 0;  // fragments, and those of them that are there
};
/// Drives that a hedge of it takes: of another copy, or of what decodes it with the fragments that
/// came and without those that did not; none where that cannot be.
std::vector<std::uint32_t> plan_others(const StorageState& state, std::uint32_t group,
                                       const SlowRead& slow, const RandomStream& stream,
                                       const ReadOf& of);
/// Drives of the fragments that a write reaches; none where the group cannot be read.
std::vector<std::uint32_t> plan_write(const StorageState& state, std::uint32_t group);

/// Puts an access last in the line of a drive: when it has been served, and how long that takes.
struct AccessTime {
  SimTime end;
  double takes_s = 0;
};
AccessTime take_access(StorageState& state, std::uint32_t drive, std::uint64_t bytes, SimTime now);

/// Numbers of a run that need the whole state.
void read_storage_requests(const World& world, SimTime end, std::vector<MetricValue>& values);

}  // namespace hyperdc
