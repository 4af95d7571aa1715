#include "model/client/circuit_breaker.hpp"

#include <algorithm>
#include <cmath>

#include <hyperdc/core/assert.hpp>

namespace hyperdc {

CircuitBreaker::CircuitBreaker(const BreakerSpec& spec)
    : failure_rate_milli_(std::llround(spec.failure_rate * 1000)),
      minimum_calls_(spec.minimum_calls),
      open_for_(spec.open_for),
      probes_(spec.probes) {
  HYPERDC_CHECK(failure_rate_milli_ > 0 && failure_rate_milli_ <= 1000, "rate of failures");
  HYPERDC_CHECK(spec.minimum_calls > 0 && probes_ > 0, "circuit breaker");
  if (spec.window) {
    timed_calls_.emplace(*spec.window);
    timed_failures_.emplace(*spec.window);
  } else {
    HYPERDC_CHECK(spec.window_calls > 0, "a window of no calls");
    ring_.resize(spec.window_calls);
    // A window that never holds the minimum would never open: resilience4j takes the smaller too.
    minimum_calls_ = std::min<std::int64_t>(minimum_calls_, spec.window_calls);
  }
}

std::optional<CircuitBreaker::Permit> CircuitBreaker::permit(SimTime now) {
  if (state_ == State::open && now - since_ >= open_for_) enter(State::half_open, now);
  if (state_ == State::open) return std::nullopt;
  if (state_ == State::half_open && permitted_++ >= probes_) {
    --permitted_;
    return std::nullopt;
  }
  return epoch_;
}

void CircuitBreaker::result(SimTime now, Permit permit, bool failed) {
  if (permit != epoch_) return;
  if (state_ == State::half_open) {
    ++calls_;
    failures_ += failed ? 1 : 0;
    if (calls_ < probes_) return;
    enter(too_many(failures_, calls_) ? State::open : State::closed, now);
    return;
  }
  count(now, failed);
  if (calls_ >= minimum_calls_ && too_many(failures_, calls_)) enter(State::open, now);
}

void CircuitBreaker::count(SimTime now, bool failed) {
  if (timed_calls_) {
    timed_calls_->add(now, 1);
    timed_failures_->add(now, failed ? 1 : 0);
    calls_ = timed_calls_->sum(now);
    failures_ = timed_failures_->sum(now);
    return;
  }
  const auto size = static_cast<std::int64_t>(ring_.size());
  if (calls_ == size) {
    failures_ -= ring_[place_] ? 1 : 0;
  } else {
    ++calls_;
  }
  ring_[place_] = failed;
  failures_ += failed ? 1 : 0;
  place_ = (place_ + 1) % ring_.size();
}

bool CircuitBreaker::too_many(std::int64_t failures, std::int64_t calls) const {
  return failures * 1000 >= failure_rate_milli_ * calls;
}

void CircuitBreaker::enter(State state, SimTime now) {
  state_ = state;
  since_ = now;
  ++epoch_;
  permitted_ = 0;
  calls_ = 0;
  failures_ = 0;
  place_ = 0;
  if (timed_calls_) {
    timed_calls_->clear();
    timed_failures_->clear();
  }
  if (state == State::open) ++openings_;
}

}  // namespace hyperdc
