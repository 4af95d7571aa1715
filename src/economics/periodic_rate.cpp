#include "economics/periodic_rate.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include <hyperdc/core/assert.hpp>

namespace hyperdc {

PeriodicRate::PeriodicRate(std::vector<RateStep> steps, Duration period)
    : steps_(std::move(steps)), period_(period) {
  HYPERDC_CHECK(!steps_.empty(), "a rate without a value");
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    HYPERDC_CHECK(steps_[i].from.ns >= 0 && steps_[i].from < period_, "a step outside the period");
    HYPERDC_CHECK(i == 0 || steps_[i - 1].from < steps_[i].from, "steps do not rise");
  }
  // The night before the first step belongs to the last one.
  if (steps_.front().from.ns > 0) steps_.insert(steps_.begin(), {Duration{}, steps_.back().value});
  if (steps_.size() == 1) return;
  before_.reserve(steps_.size());
  double sum = 0;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    before_.push_back(sum);
    const Duration end = i + 1 < steps_.size() ? steps_[i + 1].from : period_;
    sum += steps_[i].value * to_seconds(end - steps_[i].from);
  }
}

std::size_t PeriodicRate::step_at(Duration of_period) const {
  const auto next =
      std::upper_bound(steps_.begin(), steps_.end(), of_period,
                       [](Duration t, const RateStep& step) { return t < step.from; });
  return static_cast<std::size_t>(next - steps_.begin()) - 1;
}

double PeriodicRate::value(SimTime at) const {
  if (steps_.size() == 1) return steps_[0].value;
  return steps_[step_at(Duration{(at.ns + start_.ns) % period_.ns})].value;
}

double PeriodicRate::since_begin(Duration of_period) const {
  const std::size_t i = step_at(of_period);
  return before_[i] + steps_[i].value * to_seconds(of_period - steps_[i].from);
}

double PeriodicRate::integral(SimTime from, SimTime to) const {
  if (steps_.size() == 1) return steps_[0].value * to_seconds(to - from);
  const std::int64_t begin = from.ns + start_.ns;
  const std::int64_t end = to.ns + start_.ns;
  const std::int64_t periods = end / period_.ns - begin / period_.ns;
  return static_cast<double>(periods) * since_begin(period_) +
         since_begin(Duration{end % period_.ns}) - since_begin(Duration{begin % period_.ns});
}

std::optional<SimTime> PeriodicRate::next_step(SimTime at) const {
  if (steps_.size() == 1) return std::nullopt;
  const Duration of_period{(at.ns + start_.ns) % period_.ns};
  const std::size_t next = step_at(of_period) + 1;
  const Duration begins = next < steps_.size() ? steps_[next].from : period_;
  return at + (begins - of_period);
}

}  // namespace hyperdc
