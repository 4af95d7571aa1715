// ShortestFirst: the waiting job that is least of all by some measure starts next, among equals the
// first submitted. It is not passed over while it does not fit, and no running job gives way.
//
// Cost: O(log waiting) a job. Leaves out: ageing; under overload large jobs starve.
#pragma once

#include <cstdint>
#include <string_view>

#include "policy/scheduler/waiting.hpp"

namespace hyperdc {

class ShortestFirst final : public Scheduler {
 public:
  /// How much of it there is to a job, ns times a power of what it holds.
  using Measure = double (*)(const JobView& job);
  ShortestFirst(Measure measure, std::string_view because) : measure_(measure), because_(because) {}

  void submitted(JobId job, const SchedulerView& view) override {
    const JobView& seen = view.jobs[job.value];
    waiting_.push({measure_(seen), seen.number, job});
  }
  void ended(JobId, const SchedulerView&) override {}
  void withdrawn(JobId job, const SchedulerView&) override { waiting_.erase(job); }

  void schedule(const SchedulerView& view, SchedulerActions& actions) override {
    while (!waiting_.empty()) {
      const JobId next = waiting_.front().job;
      if (!view.free.covers(view.jobs[next.value].total)) return;
      if (!actions.start(next, because_)) return;
      waiting_.erase(next);
    }
  }

 private:
  struct Key {
    double size = 0;
    std::uint64_t number = 0;
    JobId job;
    bool operator<(const Key& other) const {
      if (size != other.size) return size < other.size;
      return number < other.number;
    }
  };
  const Measure measure_;
  const std::string_view because_;
  WaitingHeap<Key> waiting_;
};

}  // namespace hyperdc
