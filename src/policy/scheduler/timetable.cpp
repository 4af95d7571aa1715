#include "policy/scheduler/timetable.hpp"

#include <algorithm>

#include <hyperdc/core/assert.hpp>

#include "policy/scheduler/running.hpp"

namespace hyperdc {

void Timetable::reset(SimTime now, const Resources& free) {
  steps_.clear();
  steps_.push_back({now, free});
}

std::size_t Timetable::index_at(SimTime at) const {
  const auto later = std::upper_bound(steps_.begin(), steps_.end(), at,
                                      [](SimTime t, const Step& step) { return t < step.at; });
  HYPERDC_CHECK(later != steps_.begin(), "the timetable begins later");
  return static_cast<std::size_t>(later - steps_.begin()) - 1;
}

void Timetable::trim(SimTime now) {
  const std::size_t first = index_at(now);
  steps_.erase(steps_.begin(), steps_.begin() + static_cast<std::ptrdiff_t>(first));
  steps_.front().at = now;
}

std::size_t Timetable::split(SimTime at) {
  const std::size_t index = index_at(at);
  if (steps_[index].at == at) return index;
  steps_.insert(steps_.begin() + static_cast<std::ptrdiff_t>(index) + 1,
                Step{at, steps_[index].free});
  return index + 1;
}

void Timetable::give(SimTime from, SimTime until, const Resources& amount) {
  if (from >= until) return;
  const std::size_t first = split(from);
  const std::size_t last = split(until);
  for (std::size_t i = first; i < last; ++i) steps_[i].free += amount;
  // A step that changes nothing any more would only slow the searches down.
  if (steps_[last].free == steps_[last - 1].free) {
    steps_.erase(steps_.begin() + static_cast<std::ptrdiff_t>(last));
  }
  if (first > 0 && steps_[first].free == steps_[first - 1].free) {
    steps_.erase(steps_.begin() + static_cast<std::ptrdiff_t>(first));
  }
}

void Timetable::take(SimTime from, SimTime until, const Resources& amount) {
  Resources less;
  less -= amount;
  give(from, until, less);
}

void Timetable::then(SimTime from, const Resources& amount) {
  HYPERDC_CHECK(steps_.back().at <= from, "the timetable has later steps");
  if (steps_.back().at < from) steps_.push_back({from, steps_.back().free});
  steps_.back().free += amount;
}

bool Timetable::room_before(SimTime before, SimTime from, Duration span,
                            const Resources& need) const {
  std::size_t i = index_at(from);
  while (i < steps_.size() && std::max(from, steps_[i].at) < before) {
    if (!steps_[i].free.covers(need)) {
      ++i;
      continue;
    }
    const SimTime end = std::min(before, add_saturating(std::max(from, steps_[i].at), span));
    std::size_t j = i + 1;
    while (j < steps_.size() && steps_[j].at < end && steps_[j].free.covers(need)) ++j;
    if (j == steps_.size() || steps_[j].at >= end) return true;
    i = j + 1;
  }
  return false;
}

std::optional<SimTime> Timetable::earliest(SimTime from, Duration span,
                                           const Resources& need) const {
  std::size_t i = index_at(from);
  while (i < steps_.size()) {
    if (!steps_[i].free.covers(need)) {
      ++i;
      continue;
    }
    const SimTime start = std::max(from, steps_[i].at);
    const SimTime end = add_saturating(start, span);
    std::size_t j = i + 1;
    while (j < steps_.size() && steps_[j].at < end && steps_[j].free.covers(need)) ++j;
    if (j == steps_.size() || steps_[j].at >= end) return start;
    i = j + 1;
  }
  return std::nullopt;
}

const Resources& Timetable::free_at(SimTime at) const {
  return steps_[index_at(at)].free;
}

}  // namespace hyperdc
