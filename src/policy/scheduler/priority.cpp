// Priority: the most urgent waiting job starts next, and less urgent running jobs give way.
//
// Computes: the waiting job with the highest priority, among equals the first submitted, starts as
// soon as it fits; nobody less urgent passes it. If it does not fit and `preempt` is set, running
// jobs of strictly lower priority give way: first the least urgent, among equals the one that
// started last (it loses the least work), then the one submitted last. No more than are needed:
// the shortest run of that order that makes room is taken, and whoever of it is not needed stays,
// the most urgent first. Nobody gives way if that would not be enough.
// Source: the rule of Slurm's preempt/partition_prio and of Kubernetes' pod preemption ("reprieve"
// of victims that need not go).
// Units: JobView::priority, higher is more urgent. Cost: O(log jobs) a job; a preemption
// O(victims * log candidates) questions to the placement.
// Leaves out: ageing; low priorities may starve. What a victim loses is the pool's matter.
#include <cstdint>
#include <limits>
#include <memory_resource>
#include <set>
#include <vector>

#include <hyperdc/core/assert.hpp>

#include "policy/scheduler/running.hpp"
#include "policy/scheduler/schedulers.hpp"
#include "policy/scheduler/waiting.hpp"

namespace hyperdc {
namespace {

class Priority final : public Scheduler {
 public:
  explicit Priority(bool preempt) : preempt_(preempt) {}

  void submitted(JobId job, const SchedulerView& view) override {
    if (forget(job)) blocked_ = kNobody;
    wait(job, view);
  }
  void ended(JobId job, const SchedulerView&) override {
    forget(job);
    blocked_ = kNobody;
  }
  void started_by_pool(JobId job, const SchedulerView& view) override { started(job, view); }
  void withdrawn(JobId job, const SchedulerView&) override { waiting_.erase(job); }

  void schedule(const SchedulerView& view, SchedulerActions& actions) override {
    while (!waiting_.empty()) {
      const JobId next = waiting_.front().job;
      const bool fits = view.free.covers(view.jobs[next.value].total);
      if (fits && actions.start(next, "highest priority waiting fits")) {
        started(next, view);
      } else if (!preempt_ || !make_room(next, view, actions)) {
        return;
      }
    }
  }

 private:
  struct Waiting {
    std::int32_t priority = 0;
    std::uint64_t number = 0;
    JobId job;
    bool operator<(const Waiting& other) const {
      if (priority != other.priority) return priority > other.priority;
      return number < other.number;
    }
  };
  struct Running {
    std::int32_t priority = 0;
    SimTime started;
    std::uint64_t number = 0;
    JobId job;
    bool operator<(const Running& other) const {
      if (priority != other.priority) return priority < other.priority;
      if (started != other.started) return started > other.started;
      return number > other.number;
    }
  };
  struct Slot {
    std::pmr::set<Running>::iterator where;
    bool running = false;
  };

  void wait(JobId job, const SchedulerView& view) {
    const JobView& seen = view.jobs[job.value];
    waiting_.push({seen.priority, seen.number, job});
  }
  void started(JobId job, const SchedulerView& view) {
    waiting_.erase(job);
    if (!preempt_) return;
    const JobView& seen = view.jobs[job.value];
    slot_of(slots_, job) = {running_.insert({seen.priority, view.now, seen.number, job}).first,
                            true};
  }
  bool forget(JobId job) {
    if (job.value >= slots_.size() || !slots_[job.value].running) return false;
    running_.erase(slots_[job.value].where);
    slots_[job.value].running = false;
    return true;
  }

  bool make_room(JobId job, const SchedulerView& view, SchedulerActions& actions) {
    const JobView& seen = view.jobs[job.value];
    // Asked before, and nothing but arrivals happened since.
    if (blocked_ == seen.number && free_then_ == view.free) return false;
    auto next = running_.begin();
    const auto less_urgent = [&]() -> std::optional<JobId> {
      if (next == running_.end() || next->priority >= seen.priority) return std::nullopt;
      return (next++)->job;
    };
    if (!victims_.find(job, view, actions, less_urgent)) {
      blocked_ = seen.number;
      free_then_ = view.free;
      return false;
    }
    for (const JobId victim : victims_.victims()) {
      actions.preempt(victim, "gives way to a higher priority");
      forget(victim);
      wait(victim, view);
    }
    const bool fits = actions.start(job, "lower priorities gave way");
    HYPERDC_CHECK(fits, "would_fit() promised room that start() did not find");
    started(job, view);
    return true;
  }

  static constexpr std::uint64_t kNobody = std::numeric_limits<std::uint64_t>::max();

  const bool preempt_;
  WaitingHeap<Waiting> waiting_;
  std::pmr::unsynchronized_pool_resource memory_;
  std::pmr::set<Running> running_{&memory_};  // first to give way first
  std::vector<Slot> slots_;
  VictimSearch victims_;
  std::uint64_t blocked_ = kNobody;  // number of the job for which there is no room to make
  Resources free_then_;
};

constexpr ParamSpec kParams[] = {
    {.name = "preempt",
     .kind = ParamKind::boolean,
     .doc = "Stop running jobs of lower priority for a job that does not fit.",
     .fallback = "true"},
};

constexpr SchedulerEntry kEntry = {
    "priority", "Highest priority first; running jobs of lower priority give way.", kParams,
    [](const Params& params, const SchedulerContext&) -> std::unique_ptr<Scheduler> {
      return std::make_unique<Priority>(params.flag("preempt"));
    }};

}  // namespace

const SchedulerEntry& priority_scheduler() {
  return kEntry;
}

}  // namespace hyperdc
