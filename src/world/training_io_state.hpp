// State of what a training run writes and reads (world/training_io.hpp).
#pragma once

#include <cstdint>
#include <vector>

#include "engine/engine.hpp"
#include "scenario/training_storage_spec.hpp"
#include "world/storage_objects.hpp"
#include "world/store_state.hpp"

namespace hyperdc {

/// Bytes of the whole gang on their way.
struct TrainingTransfer {
  bool under_way = false;
  bool failed = false;
  std::uint32_t left = 0;        // parts
  std::uint32_t generation = 0;  // of those whose events count
  SimTime since;
  StoreAccess access;                // of a store
  EventId leaves = kNoEvent;         // until the first byte
  std::uint32_t reader = kNoReader;  // of a store
  std::vector<ObjectName> objects;   // of a storage system, by part
};

/// Times of what has ended.
struct TransferTimes {
  std::uint64_t ended = 0, failed = 0;
  Duration all;
};

/// Checkpoints of one tier.
struct SharedTierState {
  const SharedCheckpoints* spec = nullptr;
  std::uint32_t stream = 0;  // of the objects of a storage system
  std::uint64_t seen = 0;    // step of the last that was due
  std::uint64_t step = 0;    // of the one that is being written
  SimTime since;             // that one was due
  SimTime due_since;         // the last, which waits
  bool holds = false;        // the gang stands still for that one
  bool last = false;         // that one is the last of the run, which ends with it
  bool waits = false;        // the last of the run, for the one before it
  EventId copied = kNoEvent;
  std::uint64_t late = 0;
  TransferTimes writes, loads;
};

struct TrainingDataState {
  std::uint32_t stream = 0;
  std::uint64_t there = 0;  // steps that are read
  std::uint64_t chunk = 0;  // steps under way
  EventId again = kNoEvent;
  double bytes = 0;  // read
};

struct TrainingIo {
  ProcessId process;
  std::vector<SharedTierState> tiers;
  std::uint32_t holding = 0;  // tiers that the gang stands still for
  std::size_t loads = 0;      // index of the tier that is loaded
  TrainingDataState data;
  // Of each of the tiers its writes, then loads, then data.
  std::vector<TrainingTransfer> transfers;
  std::size_t load_transfer() const { return tiers.size(); }
  std::size_t data_transfer() const { return tiers.size() + 1; }
};

}  // namespace hyperdc
