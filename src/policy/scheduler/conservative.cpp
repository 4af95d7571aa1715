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
// Cost: O(log + changes in the plan) an arrival; for an early end O(depth) searches that end where
// room is known to be missing, and O(changes) for each reservation that moves.
// Leaves out: where the resources are; jobs beyond `depth` have no reservation and do not start.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>
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

/// What searches in one timetable have shown: a request for `need` over `span` has no room before
/// `start`. It holds until something is given back to the timetable.
class KnownFull {
 public:
  void clear() { needs_.clear(); }
  void note(const Resources& need, Duration span, SimTime start) {
    auto known =
        std::find_if(needs_.begin(), needs_.end(), [&](const Need& n) { return n.need == need; });
    if (known == needs_.end()) {
      if (needs_.size() == kMost) return;
      known = needs_.insert(needs_.end(), Need{need, {}});
    }
    std::vector<Entry>& all = known->entries;
    const std::size_t at = after(all, span);
    if (at > 0 && all[at - 1].start >= start) return;  // known already
    std::size_t weaker = at;
    while (weaker < all.size() && all[weaker].start <= start) ++weaker;
    const auto place = all.begin() + static_cast<std::ptrdiff_t>(at);
    all.insert(all.erase(place, all.begin() + static_cast<std::ptrdiff_t>(weaker)), {span, start});
  }
  /// The latest such moment for a request, but none after `limit`.
  SimTime until(const Resources& need, Duration span, SimTime limit) const {
    SimTime latest;
    for (const Need& known : needs_) {
      if (!need.covers(known.need)) continue;
      std::size_t at = after(known.entries, span);
      while (at > 0 && known.entries[at - 1].start > limit) --at;
      if (at > 0) latest = std::max(latest, known.entries[at - 1].start);
    }
    return latest;
  }

 private:
  static constexpr std::size_t kMost = 64;  // kinds of requests; more are searched as ever
  struct Entry {
    Duration span;
    SimTime start;
  };
  struct Need {
    Resources need;
    std::vector<Entry> entries;  // spans and starts both rise
  };
  /// The first entry of a longer span.
  static std::size_t after(const std::vector<Entry>& all, Duration span) {
    const auto at = std::upper_bound(all.begin(), all.end(), span,
                                     [](Duration s, const Entry& e) { return s < e.span; });
    return static_cast<std::size_t>(at - all.begin());
  }
  std::vector<Need> needs_;
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

  void started_by_pool(JobId job, const SchedulerView& view) override {
    withdrawn(job, view);
    running_.add(job, view);
    slot_of(planned_ends_, job) = add_saturating(view.now, span_of(view.jobs[job.value]));
    slot_of(totals_, job) = view.jobs[job.value].total;
    anew_ = true;
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
    full_.clear();
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
    place_from(entry, std::max(view.now, entry.not_before), view);
  }

  void place_from(Planned& entry, SimTime from, const SchedulerView& view) {
    const Duration span = span_of(view.jobs[entry.job.value]);
    const std::optional<SimTime> start = plan_table_.earliest(from, span, entry.total);
    entry.start = start.value_or(kNever);
    entry.end = add_saturating(entry.start, span);
    if (start) plan_table_.take(entry.start, entry.end, entry.total);
  }

  /// As place(), in a row of jobs between which nothing is given back: then a job that needs as
  /// much as an earlier one, for as long, cannot start before it, and the search begins there.
  void place_next(Planned& entry, const SchedulerView& view) {
    const Duration span = span_of(view.jobs[entry.job.value]);
    const SimTime plain = std::max(view.now, entry.not_before);
    place_from(entry, std::max(plain, full_.until(entry.total, span, kNever)), view);
    if (plain == view.now) full_.note(entry.total, span, entry.start);
  }

  void take_back(Planned& entry) {
    if (entry.start != kNever) plan_table_.give(entry.start, entry.end, entry.total);
    entry.start = entry.end = kNever;
  }

  /// Takes back the reservations of this place in the plan and all behind: one by one, or, where
  /// fewer stand before it, by a timetable made anew.
  void take_back_from(std::size_t place, const SchedulerView& view) {
    full_.clear();
    const bool make_anew = 2 * place < plan_.size();
    for (std::size_t k = place; k < plan_.size(); ++k) {
      if (make_anew) {
        plan_[k].start = plan_[k].end = kNever;
      } else {
        take_back(plan_[k]);
      }
    }
    if (!make_anew) return;
    ends_.clear();
    for (const RunningByEnd::Entry& entry : running_.entries()) {
      ends_.push_back({planned_ends_[entry.job.value], entry.total});
    }
    std::stable_sort(ends_.begin(), ends_.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    plan_table_.reset(view.now, view.free);
    for (const auto& [end, total] : ends_) plan_table_.then(end, total);
    for (std::size_t k = 0; k < place; ++k) {
      if (plan_[k].start != kNever) plan_table_.take(plan_[k].start, plan_[k].end, plan_[k].total);
    }
  }

  /// Is there room for the job from a moment before its reservation until it begins? From there on
  /// it would have its own. What jobs with earlier reservations found tells of moments before
  /// those.
  bool may_move(const Planned& entry, const SchedulerView& view) {
    const Duration span = span_of(view.jobs[entry.job.value]);
    const SimTime from = std::max(view.now, full_.until(entry.total, span, entry.start));
    if (from < entry.start && plan_table_.room_before(entry.start, from, span, entry.total)) {
      return true;
    }
    full_.note(entry.total, span, entry.start);
    return false;
  }

  /// Takes back and gives again all reservations, each no later than it was, until none moves: a
  /// job may have stopped short at a reservation that has moved on itself.
  void compress(const SchedulerView& view) {
    deferred_ = false;
    full_.clear();
    for (bool moved = true; moved;) {
      moved = false;
      for (Planned& entry : plan_) {
        const SimTime start = entry.start;
        if (start == view.now) continue;
        entry.not_before = SimTime{};
        if (!may_move(entry, view)) continue;
        take_back(entry);
        place(entry, view);
        if (entry.start == start) continue;
        moved = true;
        full_.clear();
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
      if (placed) place_next(plan_.back(), view);
    }
  }

  void start_due(const SchedulerView& view, SchedulerActions& actions) {
    refusals_.clear();
    bool passed = false;  // an earlier job waits on
    bool anew = false;    // reservations from here on are taken back, and given again on the way
    for (std::size_t i = 0; i < plan_.size();) {
      if (anew) place_next(plan_[i], view);
      if (plan_[i].start == view.now) {
        if (start(plan_[i], passed, view, actions)) {
          plan_.erase(plan_.begin() + static_cast<std::ptrdiff_t>(i));
          extend(view, !anew);  // the next job moves up into the depth
          continue;
        }
        // The jobs behind may use the room now, but not the room that this one gets instead.
        if (!anew) take_back_from(i, view);
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
      if (!view.keeps) refusals_.add(seen);
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
  KnownFull full_;
  std::vector<SimTime> planned_ends_;  // by slot: until when the timetable has the running job
  std::vector<Resources> totals_;      // by slot
  std::vector<std::pair<SimTime, Resources>> ends_;  // scratch of take_back_from
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
