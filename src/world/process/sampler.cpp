#include "world/process/sampler.hpp"

#include <algorithm>
#include <limits>

#include "world/places.hpp"

namespace hyperdc {

SamplerProcess::SamplerProcess(Recorder& recorder, Duration step, PlaceRecorder* places)
    : recorder_(recorder), places_(places), step_(step) {
  const std::uint64_t values = recorder.series_columns().size() + 1;
  most_rows_ = std::max<std::uint64_t>(2, std::min(kMaxSeriesRows, kMaxSeriesValues / values));
  most_rows_ -= most_rows_ % 2;
}

void SamplerProcess::begin(ProcessId self, Engine& engine) {
  self_ = self;
  schedule_next(engine.now(), engine);
}

void SamplerProcess::handle(const Event& event, Engine& engine) {
  recorder_.close_step(event.at);
  if (places_ != nullptr) places_->step_closed(event.at);
  constexpr std::int64_t kLongest = std::numeric_limits<std::int64_t>::max() / 2;
  if (++rows_ == most_rows_ && step_.ns <= kLongest) {
    recorder_.join_steps();
    rows_ /= 2;
    step_ = step_ + step_;
  }
  schedule_next(event.at, engine);
}

void SamplerProcess::schedule_next(SimTime now, Engine& engine) {
  if (now.ns > std::numeric_limits<std::int64_t>::max() - step_.ns) return;  // no later moment
  engine.schedule(now + step_, Phase::observe, self_, 0);
}

}  // namespace hyperdc
