// Conservative backfilling: every waiting job, up to `depth`, has a reservation.
//
// Computes: a job gets, when it comes, the earliest start at which the planned free resources
// cover it for its whole estimate, and it starts then; nobody behind it delays it. When a job
// ends before its estimate, reservations are taken back and given again one by one in queue
// order, each at the same moment or earlier ("compression"), until none moves. So, while jobs do
// not outlive their estimates, servers do not fail and totals are all that matters, no job starts
// later than any reservation it ever had.
// Units: ns; cores, memory and accelerators of the whole pool, each on its own.
// Source: Mu'alem and Feitelson, "Utilization, Predictability, Workloads, and User Runtime
// Estimates in Scheduling the IBM SP2 with Backfilling" (TPDS 12(6), 2001), section 2.
// Choices: a running job that has outlived its estimate counts as ending at the next moment, and
// all reservations are then made anew in queue order; so they are when the pool's capacity
// changes. A job whose reservation is due but finds no servers (the totals fit, the pieces do
// not) is planned again from the next expected end on, and sooner if a job ends sooner;
// the jobs behind it are then planned again behind it, in queue order.
// Cost: O(log + changes in the plan) an arrival; O(depth * changes) for an early end.
// Leaves out: where the resources are; jobs beyond `depth` have no reservation and do not start.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "policy/scheduler/running.hpp"
#include "policy/scheduler/schedulers.hpp"
#include "policy/scheduler/timetable.hpp"
#include "policy/scheduler/waiting.hpp"

namespace hyperdc {
namespace {

constexpr SimTime kNever{std::numeric_limits<std::int64_t>::max()};

struct Planned {
  std::uint64_t number = 0;
  JobId job;
  SimTime start;  // kNever: the pool as it is now is too small
  SimTime end;
  Resources total;
  SimTime not_before;  // due then, but found no servers
};

class Conservative final : public Scheduler {
 public:
  explicit Conservative(std::size_t depth) : depth_(depth) {}

  void submitted(JobId job, const SchedulerView& view) override {
    const JobView& seen = view.jobs[job.value];
    // Came back: stopped by others, and its place is among jobs that have reservations.
    if (running_.remove(job)) anew_ = true;
    if (!plan_.empty() && seen.number < plan_.back().number) anew_ = true;
    queue_.push(job, seen.number);
  }
  void ended(JobId job, const SchedulerView& view) override {
    if (!running_.remove(job)) return;
    if (deferred_) compress_ = true;  // somebody waits for servers, not for totals
    const SimTime planned_end = planned_ends_[job.value];
    if (planned_end <= view.now) return;
    plan_table_.give(view.now, planned_end, slot_of(totals_, job));
    compress_ = true;
  }
  void withdrawn(JobId job, const SchedulerView& view) override {
    queue_.erase(job);
    for (auto it = plan_.begin(); it != plan_.end(); ++it) {
      if (it->job != job) continue;
      if (it->start != kNever) {
        plan_table_.give(std::max(it->start, view.now), it->end, it->total);
      }
      plan_.erase(it);
      compress_ = true;
      return;
    }
  }

  void schedule(const SchedulerView& view, SchedulerActions& actions) override {
    if (!queue_.empty()) queue_.front();  // drops dead entries
    if (queue_.empty() && running_.entries().empty()) {
      plan_table_.reset(view.now, view.free);
      begun_ = true;
    } else if (!begun_ || anew_ || !holds(view)) {
      plan_anew(view);
    } else {
      plan_table_.trim(view.now);
      if (compress_) compress(view);
    }
    anew_ = false;
    compress_ = false;
    extend(view, true);
    start_due(view, actions);
    wake_when_due(view, actions);
  }

 private:
  static Duration span_of(const JobView& job) {
    return std::max(remaining_estimate(job), nanoseconds(1));
  }

  /// Does the plan still describe the pool? Not when a job outlives its estimate, a reservation
  /// was missed, or servers came or went.
  bool holds(const SchedulerView& view) {
    const RunningByEnd::Set& ends = running_.entries();
    if (!ends.empty() && ends.begin()->end <= view.now) return false;
    Resources free = plan_table_.free_at(view.now);
    for (const Planned& entry : plan_) {
      if (entry.start < view.now) return false;
      if (entry.start == view.now) free += entry.total;
    }
    return free == view.free;
  }

  void plan_anew(const SchedulerView& view) {
    begun_ = true;
    deferred_ = false;
    plan_table_.reset(view.now, view.free);
    for (const RunningByEnd::Entry& entry : running_.entries()) {
      const SimTime end = counted_end(entry.end, view.now);
      plan_table_.then(end, entry.total);
      slot_of(planned_ends_, entry.job) = end;
    }
    plan_.clear();
  }

  void place(Planned& entry, const SchedulerView& view) {
    const Duration span = span_of(view.jobs[entry.job.value]);
    const SimTime from = std::max(view.now, entry.not_before);
    const std::optional<SimTime> start = plan_table_.earliest(from, span, entry.total);
    entry.start = start.value_or(kNever);
    entry.end = add_saturating(entry.start, span);
    if (start) plan_table_.take(entry.start, entry.end, entry.total);
  }

  void take_back(Planned& entry) {
    if (entry.start != kNever) plan_table_.give(entry.start, entry.end, entry.total);
    entry.start = entry.end = kNever;
  }

  /// Takes back and gives again all reservations, each no later than it was, until none moves: a
  /// job may have stopped short at a reservation that has moved on itself.
  void compress(const SchedulerView& view) {
    deferred_ = false;
    for (bool moved = true; moved;) {
      moved = false;
      for (Planned& entry : plan_) {
        const SimTime start = entry.start;
        if (start == view.now) continue;
        take_back(entry);
        entry.not_before = SimTime{};
        place(entry, view);
        moved = moved || entry.start != start;
      }
    }
  }

  /// Gives reservations to the next jobs of the queue, up to the depth.
  void extend(const SchedulerView& view, bool placed) {
    std::size_t place_in_queue = plan_.empty() ? 0 : queue_.after(plan_.back().number);
    for (; place_in_queue < queue_.places(); ++place_in_queue) {
      if (depth_ != 0 && plan_.size() >= depth_) return;
      if (!queue_.alive(place_in_queue)) continue;
      const JobId job = queue_.job(place_in_queue);
      const JobView& seen = view.jobs[job.value];
      plan_.push_back({seen.number, job, kNever, kNever, seen.total, {}});
      if (placed) place(plan_.back(), view);
    }
  }

  void start_due(const SchedulerView& view, SchedulerActions& actions) {
    refusals_.clear();
    bool passed = false;  // an earlier job waits on
    bool anew = false;    // reservations from here on are taken back, and given again on the way
    for (std::size_t i = 0; i < plan_.size();) {
      if (anew) place(plan_[i], view);
      if (plan_[i].start == view.now) {
        if (start(plan_[i], passed, view, actions)) {
          plan_.erase(plan_.begin() + static_cast<std::ptrdiff_t>(i));
          extend(view, !anew);  // the next job moves up into the depth
          continue;
        }
        // The jobs behind may use the room now, but not the room that this one gets instead.
        if (!anew) {
          for (std::size_t k = i + 1; k < plan_.size(); ++k) take_back(plan_[k]);
        }
        anew = true;
        defer(plan_[i], view);
      }
      passed = true;
      ++i;
    }
  }

  bool start(const Planned& entry, bool passed, const SchedulerView& view,
             SchedulerActions& actions) {
    const JobView& seen = view.jobs[entry.job.value];
    if (refusals_.contain(seen)) return false;
    if (!actions.start(entry.job,
                       passed ? "backfilled: delays no reservation" : "its reservation is due")) {
      refusals_.add(seen);
      return false;
    }
    queue_.erase(entry.job);
    running_.add(entry.job, view);
    slot_of(planned_ends_, entry.job) = entry.end;
    slot_of(totals_, entry.job) = entry.total;
    return true;
  }

  /// The totals fit but no servers do: plan the job from the next expected end on.
  void defer(Planned& entry, const SchedulerView& view) {
    take_back(entry);
    deferred_ = true;
    const RunningByEnd::Set& ends = running_.entries();
    const auto later = std::find_if(ends.begin(), ends.end(),
                                    [&](const auto& other) { return other.end > view.now; });
    if (later == ends.end()) return;  // until a job ends or servers come back
    entry.not_before = later->end;
    place(entry, view);
  }

  /// Most reservations begin when a job ends. One that was planned again need not. While a job
  /// outlives its estimate, all reservations are pushed along and its end will bring a pass.
  void wake_when_due(const SchedulerView& view, SchedulerActions& actions) {
    const RunningByEnd::Set& ends = running_.entries();
    if (!ends.empty() && ends.begin()->end <= view.now) return;
    SimTime first = kNever;
    for (const Planned& entry : plan_) first = std::min(first, entry.start);
    if (first != kNever) actions.wake(first);
  }

  const std::size_t depth_;
  WaitingQueue queue_;         // all that wait
  std::vector<Planned> plan_;  // the first of them, in queue order
  Timetable plan_table_;       // free beside the running jobs and the reservations
  RunningByEnd running_;
  Refusals refusals_;
  std::vector<SimTime> planned_ends_;  // by slot: until when the timetable has the running job
  std::vector<Resources> totals_;      // by slot
  bool begun_ = false;
  bool anew_ = false;
  bool compress_ = false;
  bool deferred_ = false;  // a reservation was due and found no servers
};

constexpr ParamSpec kParams[] = {
    {.name = "depth",
     .kind = ParamKind::integer,
     .doc = "How many waiting jobs, in queue order, have a reservation and may start; 0 gives "
            "one to all, a lower number is faster and backfills less.",
     .fallback = "1000",
     .min = 0,
     .max = 1e9,
     .example = "100"},
};

constexpr SchedulerEntry kEntry = {
    "conservative", "Conservative backfilling: a job may pass others if it delays none of them.",
    kParams, [](const Params& params, const SchedulerContext&) -> std::unique_ptr<Scheduler> {
      return std::make_unique<Conservative>(static_cast<std::size_t>(params.integer("depth")));
    }};

}  // namespace

const SchedulerEntry& conservative_scheduler() {
  return kEntry;
}

}  // namespace hyperdc
