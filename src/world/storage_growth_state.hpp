// State of a storage system that grows: what drives hold, groups that are written, and moves.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include <hyperdc/core/time.hpp>

#include "engine/engine.hpp"
#include "metrics/recorder.hpp"

namespace hyperdc {

inline constexpr std::uint64_t kNotInSet = ~std::uint64_t{0};

/// What a drive holds and moves. Bytes of groups that are written count whole.
struct DriveFill {
  std::uint64_t bytes = 0;              // of its fragments, and of those on their way here
  std::uint64_t coming = 0;             // of these: on their way
  std::uint64_t leaving = 0;            // of these: that moves read
  std::vector<std::uint32_t> moves;     // that it takes part in
  std::uint32_t step = 0;               // of StorageFill::steps, where it has not got its share yet
  bool filling = false;                 // that is so
  bool joined = false;                  // it is part of the system
  bool counted = false, roomy = false;  // it is there; and has room: as StorageFill counts it
  std::uint64_t net = 0;                // bytes without what leaves, as it is counted there
  std::uint64_t taker = kNotInSet, giver = kNotInSet;  // its keys in the sets
};

/// One place for a group that is written; the next takes it when that is full.
struct OpenGroup {
  std::uint32_t group = 0xffffffff;  // kNone: there is no room for one
  SimTime since;
  std::uint64_t bytes = 0;  // of each fragment then
  EventId full = kNoEvent;
};

/// A fragment that moves to another drive.
struct StorageMove {
  std::uint32_t group = 0xffffffff;  // kNone: the slot is free
  std::uint32_t fragment = 0, from = 0, to = 0;
  std::uint64_t bytes = 0;
  EventId end = kNoEvent;            // or
  std::uint32_t flows = 0xffffffff;  // the group of flows
};

/// Drives that joined at one time, and how many of them have not got their share yet.
struct StorageStep {
  SimTime at;
  std::uint32_t left = 0;
};

struct StorageGrowthMetrics {
  MetricId fill, fullest;                     // of every system
  MetricId moved, active, aborted, balanced;  // of one that rebalances
};

struct StorageFill {
  std::uint64_t limit = 0;  // bytes that a drive may hold
  double bytes = 0;         // of all drives that are part of the system
  double leaving = 0;       // of these, what moves copy away: it is there twice
  std::uint32_t joined = 0;
  std::set<std::pair<std::uint64_t, std::uint32_t>> by_bytes;  // of these drives
  // Drives that are there: how many, what they hold without what leaves, and who has room.
  std::uint32_t there = 0, roomy = 0;
  double net = 0;
  /// By net bytes: drives that may read, or take, one more fragment for a move.
  std::set<std::pair<std::uint64_t, std::uint32_t>> takers, givers;
  // Groups that are written.
  std::vector<OpenGroup> open;
  std::vector<std::uint32_t> closed;                         // of these: without a group
  std::unordered_map<std::uint32_t, std::uint64_t> partial;  // bytes of fragments not full
  std::optional<SimTime> full_since;                         // the first time that none was placed
  double data = 0, written = 0, refused = 0;  // bytes of data at `at`; the last two after warm-up
  double data_seconds = 0;                    // integral of data after the warm-up
  SimTime at;
  // Moves.
  std::vector<StorageMove> moves;
  std::vector<std::uint32_t> free_moves;
  std::int64_t active = 0;
  std::uint64_t started = 0;                // for the draws
  double moved_bytes = 0, least_bytes = 0;  // that had to move for the steps
  std::uint64_t moved_fragments = 0;        // of whole groups, and
  std::uint64_t moved_partial = 0;          // bytes of others
  std::vector<StorageStep> steps;
  StorageGrowthMetrics metrics;
};

}  // namespace hyperdc
