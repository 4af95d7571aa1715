// State of a store in the world: who reads from it (world/stores.hpp).
#pragma once

#include <cstdint>
#include <vector>

#include <hyperdc/metrics/sink.hpp>

#include "engine/engine.hpp"
#include "model/processor_sharing.hpp"
#include "scenario/store_spec.hpp"

namespace hyperdc {

inline constexpr std::uint32_t kNoReader = 0xffffffff;

/// Whom to tell that all is read.
struct StoreOwner {
  ProcessId process;
  std::uint32_t kind = 0;
  std::uint64_t arg = 0;
};

struct StoreReader {
  double bytes = 0;
  bool reading = false;       // false: all is read, or the slot is free
  EventId notice = kNoEvent;  // of the owner, once all is read
  StoreOwner owner;
};

struct StoreState {
  const StoreSpec* spec = nullptr;
  ProcessId process;
  ProcessorSharing sharing;  // bytes
  EventId next = kNoEvent;   // the first of the readers has all
  std::vector<StoreReader> readers;
  std::vector<std::uint32_t> free;
  SimTime at;  // of `delivered`
  // Books, in bytes: by what it gave at its rates, and by its readers.
  double delivered = 0;
  double asked = 0, read = 0;         // of all; of those that have all
  double read_in_part = 0, left = 0;  // of those that left before, or are there at the end
  std::uint64_t ends = 0;             // readers that have all: each is late by up to 1 ns
  MetricId bytes_read, utilization, readers_level;
};

}  // namespace hyperdc
