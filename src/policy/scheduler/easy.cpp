// EASY (aggressive) backfilling: one reservation, for the head of the queue.
//
// Computes: jobs start in the order of submission until one does not fit. For that head,
//   shadow time S = the first moment at which the free resources plus those of the running jobs
//                   whose expected end is at or before S cover the head,
//   extra E       = what is then left beside the head,
// and the jobs behind it, in queue order, start now if they fit and either end by S
// (now + estimate <= S) or need no more than E, which they use up. Nobody else's start is
// protected. Units: ns; cores, memory and accelerators of the whole pool, each on its own.
// Source: Lifka, "The ANL/IBM SP Scheduling System" (JSSPP'95); Mu'alem and Feitelson,
// "Utilization, Predictability, Workloads, and User Runtime Estimates in Scheduling the IBM SP2
// with Backfilling" (TPDS 12(6), 2001).
// Choices: all jobs that are expected to end at S count for E. A job that has outlived its
// estimate counts as ending at the next moment. When the totals cover the head but no set of
// servers does, S is the first expected end after which the running jobs that are left would let
// it in, and only jobs that end by S are started: the head then starts at S at the latest, if
// estimates hold. If the head cannot run even in an otherwise empty pool (servers are down),
// everybody who fits may pass it.
// Cost: O(1) a job while the head fits; else O(running ends up to S + candidates scanned), where
// blocks of 64 jobs none of which can start count as one candidate; a pass after arrivals alone
// scans the arrivals alone.
// Leaves out: fragmentation while totals do not cover the head; the head may then start after S.
#include <cstdint>

#include "policy/scheduler/reservation.hpp"
#include "policy/scheduler/running.hpp"
#include "policy/scheduler/schedulers.hpp"
#include "policy/scheduler/waiting.hpp"

namespace hyperdc {
namespace {

class Easy final : public Scheduler {
 public:
  explicit Easy(std::size_t depth) : depth_(depth) {}

  void submitted(JobId job, const SchedulerView& view) override {
    const JobView& seen = view.jobs[job.value];
    if (running_.remove(job)) changed_ = true;
    if (queue_.empty()) least_ = {};
    if (!queue_.empty() && seen.number <= last_seen_) changed_ = true;
    least_.notice(seen.total);
    queue_.push(job, seen.number);
    blocks_.pushed(queue_, seen.total, remaining_estimate(seen));
    arrived_ = true;
  }
  void ended(JobId job, const SchedulerView&) override {
    running_.remove(job);
    changed_ = true;
  }
  void withdrawn(JobId job, const SchedulerView&) override {
    queue_.erase(job);
    changed_ = true;
  }
  void started_by_pool(JobId job, const SchedulerView& view) override {
    withdrawn(job, view);
    running_.add(job, view);
  }

  void schedule(const SchedulerView& view, SchedulerActions& actions) override {
    if (!(view.free == free_after_)) changed_ = true;  // servers came or went
    start_heads(view, actions);
    if (queue_.size() > 1) backfill(view, actions);
    arrived_ = false;
    changed_ = false;
    free_after_ = view.free;
  }

 private:
  bool start(JobId job, const SchedulerView& view, SchedulerActions& actions,
             std::string_view because) {
    if (!view.free.covers(view.jobs[job.value].total)) return false;
    if (!actions.start(job, because)) return false;
    queue_.erase(job);
    running_.add(job, view);
    return true;
  }

  void start_heads(const SchedulerView& view, SchedulerActions& actions) {
    while (!queue_.empty() && start(queue_.front(), view, actions, "head of the queue fits")) {
      changed_ = true;
    }
  }

  void backfill(const SchedulerView& view, SchedulerActions& actions) {
    if (!least_.may_fit(view.free)) {
      last_pass_valid_ = false;
      return;
    }
    const JobId head = queue_.front();
    Reservation reservation = reserver_.reserve(head, running_, view, actions, changed_);
    // Whoever was turned down before is turned down again if nothing but arrivals happened.
    const bool only_arrivals = arrived_ && !changed_ && last_pass_valid_ && reservation == after_;
    std::size_t place = 1;
    if (only_arrivals && depth_ == 0) place = std::max<std::size_t>(1, queue_.after(last_seen_));
    scan(place, view, actions, reservation);
    after_ = reservation;
    last_pass_valid_ = true;
    last_seen_ = queue_.number(queue_.places() - 1);
  }

  void scan(std::size_t place, const SchedulerView& view, SchedulerActions& actions,
            Reservation& reservation) {
    refusals_.clear();
    std::size_t scanned = 0;
    while (place < queue_.places() && least_.may_fit(view.free)) {
      const std::size_t end = std::min(queue_.places(), queue_.block_end(place));
      NeedBound& bound = blocks_.bound(queue_, place);
      if (depth_ == 0 && !may_start(bound.least, bound.shortest, view, reservation)) {
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
        if (!try_backfill(queue_.job(place), view, actions, reservation)) {
          left.notice(seen.total, remaining_estimate(seen));
        }
      }
      if (whole) bound = left;
    }
  }

  static bool may_start(const Resources& need, Duration span, const SchedulerView& view,
                        const Reservation& reservation) {
    return view.free.covers(need) && reservation.lets_pass(need, span, view.now);
  }

  bool try_backfill(JobId job, const SchedulerView& view, SchedulerActions& actions,
                    Reservation& reservation) {
    const JobView& seen = view.jobs[job.value];
    const Duration span = remaining_estimate(seen);
    if (!may_start(seen.total, span, view, reservation)) return false;
    if (refusals_.contain(seen)) return false;
    const bool in_time = add_saturating(view.now, span) <= reservation.shadow;
    if (!start(job, view, actions,
               in_time ? "backfilled: ends before the reservation"
                       : "backfilled: uses only what the reservation leaves")) {
      if (!view.keeps) refusals_.add(seen);
      return false;
    }
    if (!in_time) reservation.extra -= seen.total;
    return true;
  }

  const std::size_t depth_;
  WaitingQueue queue_;
  RunningByEnd running_;
  NeedBound least_;
  BlockBounds blocks_;
  Refusals refusals_;
  Resources free_after_;  // the last pass
  Reservation after_;     // what the last pass left of its reservation
  bool last_pass_valid_ = false;
  std::uint64_t last_seen_ = 0;  // newest number that a scan has met
  bool arrived_ = false;         // since the last pass
  bool changed_ = false;         // something ended or the head moved since the last pass
  Reserver reserver_;
};

constexpr ParamSpec kParams[] = {
    {.name = "depth",
     .kind = ParamKind::integer,
     .doc = "How many jobs behind the head are tried for backfilling in one pass; 0 "
            "tries all, a lower number is faster and leaves more idle.",
     .fallback = "0",
     .min = 0,
     .max = 1e9,
     .example = "100"},
};

constexpr SchedulerEntry kEntry = {
    "easy", "EASY backfilling: first come, first served, and jobs that do not delay the head.",
    kParams, [](const Params& params, const SchedulerContext&) -> std::unique_ptr<Scheduler> {
      return std::make_unique<Easy>(static_cast<std::size_t>(params.integer("depth")));
    }};

}  // namespace

const SchedulerEntry& easy_scheduler() {
  return kEntry;
}

}  // namespace hyperdc
