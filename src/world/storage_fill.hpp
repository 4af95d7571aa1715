// What the drives of storage systems hold, and the groups that are written new.
//
// Computes: the bytes of the fragments of each drive, those on their way to it included, and of
// groups that are still written as if they were full: a place is taken when it is given. A drive
// takes no fragment for which it has no room:
//   bytes + fragment <= full_ratio * capacity.
// Growth: `open` groups are written at a time, each fragment at
//   g = rate / (open * k),
// so that with s bytes it is full after (fragment - s) / g, when another group takes its place. A
// group of which a fragment goes missing is closed as it is (as Azure Storage seals an extent,
// Calder et al., SOSP'11), and another is begun. The drives of a new group are drawn at random
// among those that keep the spread and have room, and kept with the chance of their free share;
// where none is left the writes of that place are refused until there is room.
// Units: bytes, s. Cost: a change of one drive is O(log drives). A new group costs its draws; where
// there is no room for one a look at the drives of racks that have some.
// Leaves out: data that is deleted, and what is free in groups that were closed early; lost data is
// given up at once, its drives' room is free.
#pragma once

#include <cstdint>

#include "world/world.hpp"

namespace hyperdc {

/// After the groups are placed.
void build_fill(World& world, StorageState& state);
/// Schedules what will be full, and the drives that join. Call once.
void begin_fill(StorageState& state, Engine& engine);

/// Bytes of each fragment of the group, and the same when it is full or closed.
std::uint64_t fragment_bytes(const StorageState& state, std::uint32_t group, SimTime now);
std::uint64_t reserved_bytes(const StorageState& state, std::uint32_t group);

/// A fragment is on its way to the drive, or has left it.
void reserve(World& world, StorageState& state, std::uint32_t drive, std::uint64_t bytes,
             SimTime now);
void release(World& world, StorageState& state, std::uint32_t drive, std::uint64_t bytes,
             SimTime now);
/// Counts a drive anew after any change of what it does, or of whether it is there.
void drive_changed(StorageState& state, std::uint32_t drive);

/// The group is written no more, as a fragment of it is missing.
void close_early(World& world, StorageState& state, std::uint32_t group, Engine& engine);
/// An open group is full.
void group_full(World& world, StorageState& state, std::uint32_t place, Engine& engine);
/// New groups for the places that have none, as long as there is room.
void open_groups(World& world, StorageState& state, Engine& engine);
/// The data of a group is lost: its room is free.
void free_group(World& world, StorageState& state, std::uint32_t group, SimTime now);

/// Brings the data that the system holds up to date.
void advance_data(const World& world, StorageState& state, SimTime now);
/// Bytes that drives hold, data written and refused, and what had to move; once data is up to date.
void read_fill(const StorageState& state, SimTime end, std::vector<MetricValue>& values);

}  // namespace hyperdc
