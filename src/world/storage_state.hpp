// State of a storage system in the world: where fragments are, what is lost, and who repairs.
// What changes it is in storage.hpp.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include <hyperdc/core/time.hpp>

#include "core/large_pages.hpp"
#include "core/rng.hpp"
#include "engine/engine.hpp"
#include "metrics/recorder.hpp"
#include "model/storage/placement.hpp"
#include "scenario/storage_spec.hpp"
#include "world/storage_growth_state.hpp"

namespace hyperdc {

inline constexpr std::uint32_t kNone = 0xffffffff;

/// What the process of a storage system is told.
enum class StorageEvent : std::uint32_t {
  fail,      // the drive that is due
  detected,  // of a failed drive
  declared,  // a server is down for so long that it is not waited for
  replaced,  // a new drive is in the place of one that failed
  repaired,  // a repair has moved its bytes
  filled,    // a group that is written is full
  joined,    // drives of a step
  moved,     // a fragment has moved
  settle,    // all that fails or is back at this moment has: groups look for their repairs
};
inline constexpr std::uint32_t kStorageEvents = 9;

struct StorageServer {
  std::uint32_t endpoint = 0;  // of the fabric, if the region has one
  std::uint32_t rack = 0;      // in the system
  bool away = false;
  SimTime since;  // of that
  EventId declare = kNoEvent;
};

/// A place for a drive. The drive in it may fail, and a new one comes.
struct StorageDrive {
  std::vector<std::uint32_t> groups;   // that have a fragment here, and some that had one
  std::vector<std::uint32_t> repairs;  // that it takes part in
  /// Groups that want it as their first target and wait for a turn, and those that have theirs and
  /// wait until it is not busy: those with most fragments missing first.
  std::set<std::pair<std::int32_t, std::uint32_t>> queue, waiting;
  std::uint32_t turns = 0;  // that are taken: groups that repair onto it first, or are about to
  std::uint32_t lives = 0;  // drives that failed here
  bool failed = false;      // or not there yet
  SimTime free_at;          // when the accesses of clients that are there have been served
  SimTime broken;           // when it last failed or its server went: what waited there is void
  DriveFill fill;
};

/// Of a fragment whose drive failed.
struct FragmentLoss {
  SimTime since;           // when it was missing first: its server may have been down before
  std::uint32_t life = 0;  // which of the drives of the place it was
};

enum class GroupWait : std::uint8_t {
  none,
  turn,    // of its first target
  drive,   // one that is needed is busy
  place,   // no drive may take a fragment
  source,  // too much is away to decode what is lost
};

/// A placement group. A fragment that is lost or away is missing.
struct StorageGroup {
  FragmentSet lost = 0;        // its drive failed
  FragmentSet away = 0;        // its server is down
  FragmentSet declared = 0;    // of these, to be rebuilt
  FragmentSet rebuilding = 0;  // by the repair that goes on; some may be back meanwhile
  std::uint32_t repair = kNone;
  std::uint32_t turn = kNone;       // the drive whose turn it has
  std::uint32_t drawn = 0;          // random numbers, for targets and sources
  std::uint32_t waits_for = kNone;  // drive
  std::int32_t waits_as = 0;        // its key there
  GroupWait wait = GroupWait::none;
  bool gone = false;           // data was lost
  std::uint32_t open = kNone;  // its place among those that are written
  std::uint32_t move = kNone;  // of one of its fragments
};

struct StorageRepairTask {
  std::uint32_t group = kNone;  // kNone: the slot is free
  FragmentSet wanted = 0;
  std::vector<std::uint32_t> sources, targets;  // drives; targets in the order of the fragments
  EventId end = kNoEvent;                       // or
  std::uint32_t flows = kNone;                  // the group of flows
  std::uint64_t bytes = 0;                      // of each fragment
  SimTime since;                                // of the first loss that it makes good
};

/// Fragments, or groups, by state.
struct StorageCounts {
  std::int64_t healthy = 0, away = 0, lost = 0, rebuilding = 0, gone = 0;  // fragments
  std::int64_t degraded = 0, unreadable = 0;                               // groups
  bool operator==(const StorageCounts&) const = default;
};

struct StorageMetrics {
  MetricId failed, read, written, time, degraded, unreadable, lost, active, waiting, aborted;
};

inline std::uint64_t fragment_key(std::uint32_t group, std::uint32_t fragment) {
  return std::uint64_t{group} * kMaxFragments + fragment;
}

/// Objects of a workload that go on to the next tier.
struct TierState {
  ProcessId mover;                                              // is told what has been written
  std::uint64_t due = 0, moved = 0, failed = 0, under_way = 0;  // moves
  double hot_B = 0;                                             // that are not moved yet
  MetricId hot_bytes, cold_bytes, move_time, moves_failed;
};

/// Reads and writes of one workload.
struct StorageRequestsState {
  const StorageRequests* spec = nullptr;
  std::uint64_t offered = 0, completed = 0, failed = 0, waiting = 0;
  std::uint64_t measured_reads = 0, degraded_reads = 0;  // that came after the warm-up
  std::uint64_t hedged_reads = 0, cold_reads = 0;        // of these
  double busy_s = 0;  // of drives, by accesses that came after the warm-up
  MetricId read_time, write_time, reads, writes, bytes, failures, egress;
  TierState tier;
};

struct StorageState {
  StorageState(const StorageSpec& system, const RandomStream& targets)
      : spec(&system), draws(targets), places(targets), choices(targets) {}

  const StorageSpec* spec;
  std::uint32_t index = 0;  // in World::storage
  ProcessId process;
  std::uint32_t fabric = kNone;  // where repairs are flows
  RandomStream draws;            // of targets and sources, by group
  RandomStream places, choices;  // of new groups, by group; of fragments that move, by move
  std::vector<StorageServer> servers;
  std::vector<std::uint32_t> first_of_rack;  // server; one more entry at the end
  std::vector<std::uint32_t> roomy_in_rack;  // drives that are there and have room
  std::vector<SpreadRule> rules;
  std::vector<StorageDrive> drives;
  LargeVector<std::uint32_t> members;  // drive of each fragment, by group
  LargeVector<StorageGroup> groups;
  std::uint64_t distinct_sets = 0;  // of drives that hold a group, as it was placed
  std::vector<StorageRepairTask> repairs;
  std::vector<std::uint32_t> free_repairs;
  std::set<std::uint32_t> no_place;  // groups that wait for one
  std::vector<std::uint32_t> freed;  // drives that others may wait for
  std::vector<std::uint32_t> again;  // groups that look for a repair when the moment settles
  std::vector<std::uint32_t> back;   // servers with a drive that may take fragments again
  bool settling = false;             // that is scheduled
  std::unordered_map<std::uint64_t, FragmentLoss> losses;  // by fragment_key: all that are lost
  /// By pool and server of it: the server here, or kNone.
  std::vector<std::vector<std::uint32_t>> of_pool;
  StorageCounts counts;
  std::int64_t active = 0, waiting = 0;
  std::int64_t waiting_for_drives = 0;  // of these: for a turn, or one that is busy
  // Books: by repair in bytes, and the bytes of the fragments of all repairs by how many each read
  // and wrote.
  double read_bytes = 0, written_bytes = 0;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint64_t> repairs_of;
  StorageMetrics metrics;
  StorageFill fill;

  std::uint32_t server_of(std::uint32_t drive) const { return drive / spec->drives_per_server; }
  bool usable(std::uint32_t drive) const {
    return !drives[drive].failed && !servers[server_of(drive)].away;
  }
  bool busy(std::uint32_t drive) const {
    return drives[drive].repairs.size() >= spec->repair.streams;
  }
  /// It could take one more fragment.
  bool has_room(std::uint32_t drive) const {
    return drives[drive].fill.bytes + spec->fragment_bytes <= fill.limit;
  }
  /// What repairs and moves take of the drive, at their throttles, and how many they are.
  double background_Bps(std::uint32_t drive) const {
    const double moves_Bps = spec->rebalance ? spec->rebalance->rate_Bps : 0;
    return static_cast<double>(drives[drive].repairs.size()) * spec->repair.rate_Bps +
           static_cast<double>(drives[drive].fill.moves.size()) * moves_Bps;
  }
  std::size_t background(std::uint32_t drive) const {
    return drives[drive].repairs.size() + drives[drive].fill.moves.size();
  }
  /// No turn of the drive is left.
  bool turns_taken(std::uint32_t drive) const {
    return drives[drive].turns >= spec->repair.streams;
  }
  std::span<std::uint32_t> members_of(std::uint32_t group) {
    const std::uint32_t n = spec->code.fragments();
    return {members.data() + std::size_t{group} * n, n};
  }
  std::span<const std::uint32_t> members_of(std::uint32_t group) const {
    const std::uint32_t n = spec->code.fragments();
    return {members.data() + std::size_t{group} * n, n};
  }
};

}  // namespace hyperdc
