#include "policy/scheduler/running.hpp"

#include <algorithm>
#include <limits>

#include <hyperdc/core/assert.hpp>

#include "policy/scheduler/waiting.hpp"

namespace hyperdc {

Duration remaining_estimate(const JobView& job) {
  return std::max(job.estimate - job.attained, Duration{});
}

SimTime add_saturating(SimTime at, Duration span) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(at.ns, span.ns, &sum)) sum = std::numeric_limits<std::int64_t>::max();
  return {sum};
}

void RunningByEnd::add(JobId job, const SchedulerView& view) {
  const JobView& seen = view.jobs[job.value];
  Slot& slot = slot_of(slots_, job);
  HYPERDC_CHECK(!slot.running, "a job started twice");
  const SimTime end = add_saturating(view.now, remaining_estimate(seen));
  slot.where = entries_.insert(entries_.end(), {end, seen.number, job, seen.total});
  slot.running = true;
}

bool RunningByEnd::remove(JobId job) {
  if (job.value >= slots_.size() || !slots_[job.value].running) return false;
  entries_.erase(slots_[job.value].where);
  slots_[job.value].running = false;
  return true;
}

SimTime RunningByEnd::end_of(JobId job) const {
  HYPERDC_CHECK(job.value < slots_.size() && slots_[job.value].running, "the job does not run");
  return slots_[job.value].where->end;
}

void VictimSearch::begin(JobId job, SchedulerActions& actions) {
  job_ = job;
  actions_ = &actions;
  candidates_.clear();
  victims_.clear();
}

bool VictimSearch::enough(std::size_t k) {
  trial_.assign(victims_.begin(), victims_.end());
  trial_.insert(trial_.end(), candidates_.begin(),
                candidates_.begin() + static_cast<std::ptrdiff_t>(k));
  return actions_->would_fit(job_, trial_);
}

std::size_t VictimSearch::smallest(std::size_t low, std::size_t high) {
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (enough(middle)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return high;
}

void VictimSearch::choose(std::size_t low) {
  std::size_t needed = smallest(low, candidates_.size());
  while (true) {
    victims_.push_back(candidates_[needed - 1]);  // without it the ones before are not enough
    const std::size_t before = needed - 1;
    if (before == 0 || enough(0)) break;
    needed = smallest(1, before);
  }
  std::reverse(victims_.begin(), victims_.end());
}

}  // namespace hyperdc
