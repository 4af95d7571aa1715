// SJF (shortest job first): the waiting job with the shortest estimate starts next.
//
// Computes: which waiting job starts next: the one with the smallest estimate of its whole run
// time, among equals the first submitted. It is not passed over while it does not fit, and no
// running job gives way. On one server and jobs that are all there, this order has the least mean
// waiting time (Smith 1956, "Various optimizers for single-stage production").
// Units: estimates in ns. Cost: O(log waiting) a job.
// Leaves out: ageing; under overload long jobs starve.
#include <cstdint>

#include "policy/scheduler/schedulers.hpp"
#include "policy/scheduler/waiting.hpp"

namespace hyperdc {
namespace {

class ShortestJobFirst final : public Scheduler {
 public:
  void submitted(JobId job, const SchedulerView& view) override {
    const JobView& seen = view.jobs[job.value];
    waiting_.push({seen.estimate, seen.number, job});
  }
  void ended(JobId, const SchedulerView&) override {}
  void withdrawn(JobId job, const SchedulerView&) override { waiting_.erase(job); }

  void schedule(const SchedulerView& view, SchedulerActions& actions) override {
    while (!waiting_.empty()) {
      const JobId next = waiting_.front().job;
      if (!view.free.covers(view.jobs[next.value].total)) return;
      if (!actions.start(next, "shortest estimate fits")) return;
      waiting_.erase(next);
    }
  }

 private:
  struct Key {
    Duration estimate;
    std::uint64_t number = 0;
    JobId job;
    bool operator<(const Key& other) const {
      if (estimate != other.estimate) return estimate < other.estimate;
      return number < other.number;
    }
  };
  WaitingHeap<Key> waiting_;
};

constexpr SchedulerEntry kEntry = {
    "sjf",
    "Shortest job first, by the estimate of the run time; no preemption.",
    {},
    [](const Params&, const SchedulerContext&) -> std::unique_ptr<Scheduler> {
      return std::make_unique<ShortestJobFirst>();
    }};

}  // namespace

const SchedulerEntry& sjf_scheduler() {
  return kEntry;
}

}  // namespace hyperdc
