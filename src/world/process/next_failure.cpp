#include "world/process/next_failure.hpp"

#include <hyperdc/core/assert.hpp>

namespace hyperdc {

void NextFailure::arm(FailureTimes& times, ProcessId process, Engine& engine) {
  const auto next = times.peek();
  if (armed_ != kNoEvent) {
    if (next && next->at == armed_at_) return;
    engine.cancel(armed_);
    armed_ = kNoEvent;
  }
  if (!next) return;
  armed_at_ = next->at;
  armed_ = engine.schedule(next->at, Phase::fault, process, kind_, 0);
}

std::uint32_t NextFailure::take(FailureTimes& times, SimTime at) {
  armed_ = kNoEvent;
  const auto next = times.peek();
  HYPERDC_CHECK(next && next->at == at, "a failure is due that nobody expects");
  times.pop();
  return next->item;
}

}  // namespace hyperdc
