// State of a store in the world: who reads from it and writes to it (world/stores.hpp).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <hyperdc/metrics/sink.hpp>

#include "engine/engine.hpp"
#include "model/processor_sharing.hpp"
#include "scenario/store_spec.hpp"

namespace hyperdc {

inline constexpr std::uint32_t kNoReader = 0xffffffff;

/// Whom to tell that all is read or written.
struct StoreOwner {
  ProcessId process;
  std::uint32_t kind = 0;
  std::uint64_t arg = 0;
};

/// What somebody wants of a store.
struct StoreAccess {
  double bytes = 0;           // of all its clients together, the same each
  std::uint32_t clients = 1;  // that begin and end together: the servers of a gang
  double client_Bps = 0;      // of each at most, if that is less than the store gives one; 0: no
  bool write = false;
};

struct StoreReader {
  StoreAccess access;
  bool reading = false;       // false: all is read or written, or the slot is free
  EventId notice = kNoEvent;  // of the owner, once all is read
  StoreOwner owner;
  std::uint32_t lane = 0, of = 0;  // class of that lane
};

/// Clients of one direction that get the same at most.
struct StoreClass {
  double each_Bps = 0;  // at most
  bool write = false;
  ProcessorSharing sharing;               // bytes of a client
  ProcessorSharing::Capacity capacity{};  // now, bytes a ns
  /// All together, bytes a ns.
  double given() const {
    return sharing.empty() ? 0 : sharing.rate(capacity) * static_cast<double>(sharing.size());
  }
};

/// A rate that is shared.
struct StoreLane {
  double rate_Bps = 0;
  std::vector<StoreClass> classes;   // in the order in which they were first there
  std::vector<std::uint32_t> order;  // of them, by what one gets at most
  EventId next = kNoEvent;           // the first of them has all
};

struct StoreState {
  const StoreSpec* spec = nullptr;
  ProcessId process;
  std::vector<StoreLane> lanes;  // of all; or of reads, and of writes
  std::vector<StoreReader> readers;
  std::vector<std::uint32_t> free;
  SimTime at;  // of `delivered`
  // Books, in bytes: by what it gave at its rates, and by its readers and writers.
  double delivered = 0;
  double asked = 0, read = 0;         // of all; of those that have all
  double read_in_part = 0, left = 0;  // of those that left before, or are there at the end
  std::uint64_t ends = 0;             // readers that have all: each is late by up to 1 ns
  MetricId bytes_read, utilization, readers_level;
  std::optional<MetricId> bytes_written, writers_level;  // only where somebody writes
  std::optional<MetricId> write_utilization;             // of a rate of its own
};

}  // namespace hyperdc
