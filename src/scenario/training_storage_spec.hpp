// What training runs write to and read from together with others (docs/models/training-runs.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <hyperdc/core/time.hpp>

namespace hyperdc {

/// A store, or a storage system.
struct TrainingPlace {
  std::optional<std::uint32_t> store, system;  // one of both, by index
  double server_Bps = 0;           // of each server of the gang at most; 0: what the place gives
  std::uint64_t stripe_bytes = 0;  // of a system; 0: the part of a server is one
  std::uint32_t at_once = 0;       // stripes of a server; 0: all
  bool fabric = false;             // of a system: its region has one
  std::uint32_t endpoints = 1;     // of a server, on that
};

/// Checkpoints of one tier, which is told.
struct SharedCheckpoints {
  std::size_t tier = 0;  // of the course
  TrainingPlace place;
  double bytes = 0;  // of one
  bool blocking = true;
  Duration stall;  // of one that is not
  Duration alone;  // what writing takes if nobody else is there
};

/// What the steps compute with is read ahead of them.
struct TrainingData {
  TrainingPlace place;
  double step_bytes = 0;
  std::uint64_t ahead = 2;  // steps that are read and not yet begun, at most
  std::uint64_t chunk = 1;  // steps that are read at a time; two of them or more are ahead
};

}  // namespace hyperdc
