// Running jobs as schedulers need them: by expected end, and as candidates to give way.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <optional>
#include <set>
#include <vector>

#include <hyperdc/policy/scheduler.hpp>

namespace hyperdc {

/// What the job still has to run if its estimate is right; never negative.
Duration remaining_estimate(const JobView& job);

/// `at + span`, or the last representable instant: estimates may be "practically for ever".
SimTime add_saturating(SimTime at, Duration span);

/// Running jobs in the order of their expected ends (start + what the estimate had left).
class RunningByEnd {
 public:
  struct Entry {
    SimTime end;
    std::uint64_t number = 0;
    JobId job;
    Resources total;
    bool operator<(const Entry& other) const {
      if (end != other.end) return end < other.end;
      return number < other.number;
    }
  };
  using Set = std::pmr::set<Entry>;

  /// The job starts at view.now.
  void add(JobId job, const SchedulerView& view);
  /// False when the job is not known to run.
  bool remove(JobId job);
  const Set& entries() const { return entries_; }
  /// The expected end of a job that runs.
  SimTime end_of(JobId job) const;

 private:
  struct Slot {
    Set::iterator where;
    bool running = false;
  };
  std::pmr::unsynchronized_pool_resource memory_;  // nodes are recycled, not allocated anew
  Set entries_{&memory_};
  std::vector<Slot> slots_;
};

/// When a running job counts as ended: its expected end, or the next moment when it has outlived
/// its estimate (it may end at any time, and nothing better is known).
inline SimTime counted_end(SimTime expected, SimTime now) {
  return expected > now ? expected : now + nanoseconds(1);
}

/// Chooses which running jobs make room for one that does not fit.
class VictimSearch {
 public:
  /// `next()` gives the candidates one by one as std::optional<JobId>, the first to give way first.
  /// Takes the shortest run of them that is enough; then, from the last of it to the first,
  /// whoever is not needed stays. Asks would_fit O(victims * log candidates) times. False, with
  /// victims() empty, when not even all of them are enough.
  template <class Next>
  bool find(JobId job, const SchedulerView& view, SchedulerActions& actions, Next next) {
    begin(job, actions);
    // The totals say how many are needed at least; more and more are tried while they fall short.
    Resources free = view.free;
    while (!free.covers(view.jobs[job.value].total)) {
      if (!pull(next)) return false;
      free += view.jobs[candidates_.back().value].total;
    }
    if (candidates_.empty() && !pull(next)) return false;
    std::size_t low = candidates_.size();
    while (!enough(candidates_.size())) {
      const std::size_t had = candidates_.size();
      while (candidates_.size() < 4 * had && pull(next)) {
      }
      if (candidates_.size() == had) return false;
      low = had + 1;
    }
    choose(low);
    return true;
  }

  /// In the order in which they give way.
  const std::vector<JobId>& victims() const { return victims_; }

 private:
  template <class Next>
  bool pull(Next& next) {
    const std::optional<JobId> candidate = next();
    if (candidate) candidates_.push_back(*candidate);
    return candidate.has_value();
  }
  void begin(JobId job, SchedulerActions& actions);
  bool enough(std::size_t k);  // do the first k candidates and the victims so far make room?
  std::size_t smallest(std::size_t low, std::size_t high);  // that is enough; `high` is
  void choose(std::size_t low);

  JobId job_;
  SchedulerActions* actions_ = nullptr;  // of the search under way
  std::vector<JobId> candidates_;
  std::vector<JobId> victims_;
  std::vector<JobId> trial_;
};

}  // namespace hyperdc
