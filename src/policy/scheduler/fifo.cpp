// FIFO (first come, first served): jobs start in the order of their submission.
//
// Computes: which waiting job starts next. The head of the queue starts as soon as all its members
// find servers; while it does not, nobody behind it starts either. With `skip`, jobs behind a
// blocked head start when they fit ("first fit" queueing); the head may then starve.
// Order: JobView::number. Valid for any job. Cost: O(1) a job without `skip`, with it O(waiting),
// or `depth` if given, a completion, where 64 jobs none of which fits count as one.
// Source: the discipline of queueing theory (FCFS); `skip` is Slurm's and Tiresias' "fit job
// first". Leaves out: estimates, priorities, preemption.
#include <cstdint>

#include "policy/scheduler/schedulers.hpp"
#include "policy/scheduler/waiting.hpp"

namespace hyperdc {
namespace {

class Fifo final : public Scheduler {
 public:
  Fifo(bool skip, std::size_t depth) : skip_(skip), depth_(depth) {}

  void submitted(JobId job, const SchedulerView& view) override {
    const JobView& seen = view.jobs[job.value];
    if (skip_) {
      if (queue_.empty()) least_ = {};
      least_.notice(seen.total);
      if (!queue_.empty() && seen.number <= last_seen_) scan_all_ = true;  // one that came back
    }
    arrived_ = true;
    queue_.push(job, seen.number);
    if (skip_) blocks_.pushed(queue_, seen.total, {});
  }
  void ended(JobId, const SchedulerView&) override { scan_all_ = true; }
  void withdrawn(JobId job, const SchedulerView&) override { queue_.erase(job); }

  void schedule(const SchedulerView& view, SchedulerActions& actions) override {
    bool started = false;
    while (!queue_.empty()) {
      const JobId head = queue_.front();
      if (!view.free.covers(view.jobs[head.value].total)) break;
      if (!actions.start(head, "head of the queue fits")) break;
      queue_.erase(head);
      started = true;
    }
    if (skip_ && queue_.size() > 1) pass_over(view, actions, started);
    arrived_ = false;
    scan_all_ = false;
    free_after_ = view.free;
  }

 private:
  void pass_over(const SchedulerView& view, SchedulerActions& actions, bool head_moved) {
    // Whoever did not fit before does not fit now if nothing but arrivals happened since.
    const bool only_arrivals = arrived_ && !scan_all_ && !head_moved && view.free == free_after_;
    std::size_t place = 1;  // the head is at 0
    if (only_arrivals && depth_ == 0) place = std::max<std::size_t>(1, queue_.after(last_seen_));
    scan(place, view, actions);
    last_seen_ = queue_.number(queue_.places() - 1);
  }

  void scan(std::size_t place, const SchedulerView& view, SchedulerActions& actions) {
    refusals_.clear();
    std::size_t scanned = 0;
    while (place < queue_.places() && least_.may_fit(view.free)) {
      const std::size_t end = std::min(queue_.places(), queue_.block_end(place));
      NeedBound& bound = blocks_.bound(queue_, place);
      if (depth_ == 0 && !bound.may_fit(view.free)) {
        place = end;
        continue;
      }
      const bool whole = (place <= 1 || queue_.block(place - 1) != queue_.block(place)) &&
                         !queue_.block_wraps(place);
      NeedBound left;
      for (; place < end; ++place) {
        if (!queue_.alive(place)) continue;
        if (depth_ != 0 && ++scanned > depth_) return;
        const JobView& seen = view.jobs[queue_.job(place).value];
        if (!try_start(queue_.job(place), seen, view, actions)) left.notice(seen.total);
      }
      if (whole) bound = left;
    }
  }

  bool try_start(JobId job, const JobView& seen, const SchedulerView& view,
                 SchedulerActions& actions) {
    if (!view.free.covers(seen.total) || refusals_.contain(seen)) return false;
    if (!actions.start(job, "fits while the head of the queue does not")) {
      if (!view.keeps) refusals_.add(seen);
      return false;
    }
    queue_.erase(job);
    return true;
  }

  const bool skip_;
  const std::size_t depth_;
  WaitingQueue queue_;
  NeedBound least_;
  BlockBounds blocks_;
  Refusals refusals_;
  Resources free_after_;         // the last pass
  std::uint64_t last_seen_ = 0;  // newest number that a scan has met
  bool arrived_ = false;         // since the last pass
  bool scan_all_ = false;        // something ended since the last pass
};

constexpr ParamSpec kParams[] = {
    {.name = "skip",
     .kind = ParamKind::boolean,
     .doc = "Start jobs behind a head of the queue that does not fit; the head may starve.",
     .fallback = "false"},
    {.name = "depth",
     .kind = ParamKind::integer,
     .doc = "How many jobs behind the head are tried with skip; 0 tries all, a lower number is "
            "faster and leaves more idle.",
     .fallback = "0",
     .min = 0,
     .max = 1e9,
     .example = "100"},
};

constexpr SchedulerEntry kEntry = {
    "fifo", "First come, first served: jobs start in the order of submission.", kParams,
    [](const Params& params, const SchedulerContext&) -> std::unique_ptr<Scheduler> {
      return std::make_unique<Fifo>(params.flag("skip"),
                                    static_cast<std::size_t>(params.integer("depth")));
    }};

}  // namespace

const SchedulerEntry& fifo_scheduler() {
  return kEntry;
}

}  // namespace hyperdc
