#include "policy/scheduler/reservation.hpp"

#include <algorithm>
#include <span>

namespace hyperdc {

Reservation Reserver::reserve(JobId head, const RunningByEnd& running, const SchedulerView& view,
                              SchedulerActions& actions, bool changed) {
  const JobView& seen = view.jobs[head.value];
  if (view.free.covers(seen.total)) {
    const bool known = planned_ == seen.number && !changed && view.now < planned_at_;
    if (!known) {
      planned_ = seen.number;
      planned_at_ = by_placement(head, running, view, actions);
    }
    return {planned_at_, {}};
  }
  Resources free = view.free;
  const RunningByEnd::Set& ends = running.entries();
  for (auto next = ends.begin(); next != ends.end();) {
    const SimTime at = counted_end(next->end, view.now);
    for (; next != ends.end() && counted_end(next->end, view.now) == at; ++next) {
      free += next->total;
    }
    if (!free.covers(seen.total)) continue;
    free -= seen.total;
    return {at, free};
  }
  return {kNoEnd, {}};
}

/// The first expected end by which enough servers are free for the head, if the placement of
/// the other running jobs stays as it is.
SimTime Reserver::by_placement(JobId head, const RunningByEnd& running, const SchedulerView& view,
                               SchedulerActions& actions) {
  ending_.clear();
  for (const RunningByEnd::Entry& entry : running.entries()) ending_.push_back(entry.job);
  std::size_t low = 1;
  std::size_t high = 1;
  if (ending_.empty()) return kNoEnd;
  const auto lets_in = [&](std::size_t k) {
    return actions.would_fit(head, std::span(ending_).first(k));
  };
  for (std::size_t step = 1; !lets_in(high); step *= 2) {
    if (high == ending_.size()) return kNoEnd;
    low = high + 1;
    high = std::min(ending_.size(), high + step);
  }
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (lets_in(middle)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return counted_end(running.end_of(ending_[high - 1]), view.now);
}

}  // namespace hyperdc
