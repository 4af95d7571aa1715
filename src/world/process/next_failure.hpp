// NextFailure: the one pending event of many items that fail at random.
//
// Of FailureTimes, whose next failure changes as items are repaired: the event is moved with it.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/engine.hpp"
#include "model/failure/failure_times.hpp"

namespace hyperdc {

class NextFailure {
 public:
  /// `kind`: of the event, which has no argument.
  explicit NextFailure(std::uint32_t kind) : kind_(kind) {}

  /// Keeps one event pending, for the next failure as it is known now.
  void arm(FailureTimes& times, ProcessId process, Engine& engine);
  /// The event has come: the item that fails; void where that is down already.
  std::uint32_t take(FailureTimes& times, SimTime at);

 private:
  std::uint32_t kind_;
  EventId armed_ = kNoEvent;
  SimTime armed_at_;
};

}  // namespace hyperdc
