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
// accesses; requests that are small beside fragments. Leaves out: caches and buffers, other orders
// of service, reads of the same bytes twice (hedging), repairs that clients slow down, growth by
// writes, metadata, clients whose servers are down (they ask on). An access that a drive takes with
// it when it fails is noticed when it would have been served: a read then begins anew, a write
// leaves that fragment to the repair.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "world/world.hpp"

namespace hyperdc {

/// After the storage systems. Call once.
void build_storage_requests(World& world);

/// Drives that a read of a fragment takes: its own, or those that decode it; none where that
/// cannot be. Of copies any that is there serves. Draws attributes from 8 on of `request`.
struct ReadPlan {
  std::vector<std::uint32_t> drives;
  bool degraded = false;
};
ReadPlan plan_read(const StorageState& state, std::uint32_t group, const RandomStream& stream,
                   std::uint64_t request);
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
