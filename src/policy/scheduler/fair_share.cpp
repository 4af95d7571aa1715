// Fair share: tenants who used less than their share of late go first, and others backfill.
//
// Computes: a running job uses, each second, its dominant share of the pool (the largest of its
// shares of cores, memory and accelerators when it starts). The usage u of a tenant is the sum of
// that over its jobs, where a second that lies t back counts 2^(-t / half_life):
//   du/dt = rate - u ln 2 / half_life.
// With U = u over the usage of all tenants and S = the tenant's shares over those of all tenants
// that have come to this pool, the factor of a tenant is
//   F = 2^(-U / S),
// and the priority of its job F + age_weight * min(1, wait / age_most). Jobs go in order of
// priority, ties by U / S and then in order of submission; within a tenant that is the order of
// submission. The first that does not fit gets a reservation (policy/scheduler/reservation.hpp),
// and those behind it start now if they do not delay it; without `backfill` nobody passes it.
// Units: usage in pool-seconds; F is 0..1, 0.5 for a tenant that used just its share.
// Source: Slurm, Multifactor Priority Plugin (priority/multifactor with NO_FAIR_TREE:
// F = 2^(-UE/S), PriorityDecayHalfLife 7 d, PriorityMaxAge 7 d, MAX_TRES); EASY: see easy.cpp.
// Choices: usage is exact at each decision and not of every PriorityCalcPeriod (5 min). A job that
// starts has used nothing yet, so jobs that start at one moment do not change each other's order.
// Cost: O(log running) a job that starts or ends; a pass in which a waiting job may fit
// O(tenants that wait + depth * log of them), and the running ends up to the reservation.
// Leaves out: accounts in a tree, fair-tree, factors of size, quality of service and partition,
// preemption.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/math.hpp"
#include "policy/scheduler/dominant_share.hpp"
#include "policy/scheduler/reservation.hpp"
#include "policy/scheduler/running.hpp"
#include "policy/scheduler/schedulers.hpp"
#include "policy/scheduler/tenant_queues.hpp"

namespace hyperdc {
namespace {

constexpr double kLn2 = 0.693147180559945309;

/// Use that fades: exact between changes of the rate.
struct Usage {
  double used = 0;  // pool-seconds, at `since`
  double rate = 0;
  SimTime since;

  double at(SimTime now, double half_life_s) const {
    const double halvings = to_seconds(now - since) / half_life_s;
    const double lost = -math::expm1(-halvings * kLn2);  // exact for short times too
    return used * (1 - lost) + rate * (half_life_s / kLn2) * lost;
  }
  void change(SimTime now, double half_life_s, double by) {
    used = at(now, half_life_s);
    since = now;
    rate = std::max(0.0, rate + by);
  }
};

struct FairShareOptions {
  double half_life_s = 0;
  double age_weight = 0;
  double age_most_s = 1;
  bool backfill = true;
  std::size_t depth = 0;
};

class FairShare final : public Scheduler {
 public:
  explicit FairShare(const FairShareOptions& options) : options_(options) {}

  void submitted(JobId job, const SchedulerView& view) override {
    const JobView& seen = view.jobs[job.value];
    if (running_.remove(job)) stop(job, view);
    if (seen.tenant >= came_.size()) came_.resize(std::size_t{seen.tenant} + 1);
    if (!came_[seen.tenant]) all_shares_ += view.terms_of(seen.tenant).shares;
    came_[seen.tenant] = true;
    queues_.push(job, seen);
  }
  void ended(JobId job, const SchedulerView& view) override {
    if (running_.remove(job)) stop(job, view);
  }
  void started_by_pool(JobId job, const SchedulerView& view) override {
    const JobView& seen = view.jobs[job.value];
    queues_.erase(job, seen.tenant);
    running_.add(job, view);
    const double rate = dominant_share(seen.total, view.capacity);
    slot_of(slots_, job) = {seen.tenant, rate};
    changed_ = true;
    if (seen.tenant >= usage_.size()) usage_.resize(std::size_t{seen.tenant} + 1);
    usage_[seen.tenant].change(view.now, options_.half_life_s, rate);
    all_.change(view.now, options_.half_life_s, rate);
  }
  void withdrawn(JobId job, const SchedulerView& view) override {
    queues_.erase(job, view.jobs[job.value].tenant);
  }

  void schedule(const SchedulerView& view, SchedulerActions& actions) override {
    if (!(view.free == free_after_)) changed_ = true;  // servers came or went, or jobs ended
    free_after_ = view.free;
    if (queues_.empty() || !queues_.may_fit(view.free)) return;
    rank(view);
    std::optional<Reservation> reservation;
    refusals_.clear();
    for (std::size_t tried = 0; !ranked_.empty() && tried < options_.depth; ++tried) {
      if (!queues_.may_fit(view.free)) return;
      const Ranked next = take();
      const JobId job = queues_.job(next.tenant, next.place);
      const bool fits = may_start(job, reservation, view) && start(job, reservation, view, actions);
      if (!fits && !reservation) {
        if (!options_.backfill) return;
        reservation = reserver_.reserve(job, running_, view, actions, changed_);
        changed_ = false;
      }
      push(next.tenant, queues_.next(next.tenant, next.place + 1), view);
    }
  }
  Heeds heeds() const override { return {.shares = true}; }

 private:
  struct Ranked {  // a waiting job, the first of its tenant that was not tried yet
    double priority = 0;
    double use = 0;  // U / S, which tells apart where 2^-use is 0
    std::uint64_t number = 0;
    std::uint32_t tenant = 0;
    std::size_t place = 0;
    bool operator<(const Ranked& other) const {  // the least is the last to go
      if (priority != other.priority) return priority < other.priority;
      if (use != other.use) return use > other.use;
      return number > other.number;
    }
  };
  struct Slot {
    std::uint32_t tenant = 0;
    double rate = 0;
  };

  void rank(const SchedulerView& view) {
    ranked_.clear();
    for (const std::uint32_t tenant : queues_.active()) push(tenant, queues_.first(tenant), view);
  }
  void push(std::uint32_t tenant, std::size_t place, const SchedulerView& view) {
    if (queues_.ends(tenant, place)) return;
    const JobView& seen = view.jobs[queues_.job(tenant, place).value];
    const double age = to_seconds(view.now - seen.submit) / options_.age_most_s;
    const double use = relative_use(tenant, view);
    const double factor = math::exp(-use * kLn2);
    const double priority = factor + options_.age_weight * std::min(1.0, age);
    ranked_.push_back({priority, use, seen.number, tenant, place});
    std::push_heap(ranked_.begin(), ranked_.end());
  }
  Ranked take() {
    std::pop_heap(ranked_.begin(), ranked_.end());
    const Ranked first = ranked_.back();
    ranked_.pop_back();
    return first;
  }

  /// U / S of the tenant.
  double relative_use(std::uint32_t tenant, const SchedulerView& view) const {
    const double all = all_.at(view.now, options_.half_life_s);
    if (tenant >= usage_.size() || all <= 0) return 0;
    const double share = view.terms_of(tenant).shares / all_shares_;
    const double used = usage_[tenant].at(view.now, options_.half_life_s);
    return used / all / share;
  }

  bool may_start(JobId job, const std::optional<Reservation>& reservation,
                 const SchedulerView& view) const {
    const JobView& seen = view.jobs[job.value];
    if (!view.free.covers(seen.total) || refusals_.contain(seen)) return false;
    return !reservation || reservation->lets_pass(seen.total, remaining_estimate(seen), view.now);
  }

  bool start(JobId job, std::optional<Reservation>& reservation, const SchedulerView& view,
             SchedulerActions& actions) {
    const JobView& seen = view.jobs[job.value];
    const bool in_time =
        reservation && add_saturating(view.now, remaining_estimate(seen)) <= reservation->shadow;
    if (!actions.start(job, !reservation ? "the tenant that is furthest below its share"
                            : in_time    ? "backfilled: ends before the reservation"
                                         : "backfilled: uses only what the reservation leaves")) {
      if (!view.keeps) refusals_.add(seen);
      return false;
    }
    if (reservation && !in_time) reservation->extra -= seen.total;
    started_by_pool(job, view);
    return true;
  }

  void stop(JobId job, const SchedulerView& view) {
    const Slot& slot = slots_[job.value];
    changed_ = true;
    usage_[slot.tenant].change(view.now, options_.half_life_s, -slot.rate);
    all_.change(view.now, options_.half_life_s, -slot.rate);
  }

  const FairShareOptions options_;
  TenantQueues queues_;
  RunningByEnd running_;
  Reserver reserver_;
  Refusals refusals_;
  std::vector<Ranked> ranked_;  // heap of a pass
  std::vector<Usage> usage_;    // by tenant
  Usage all_;
  std::vector<Slot> slots_;
  Resources free_after_;    // the last pass
  bool changed_ = false;    // more than arrivals happened since the last reservation
  std::vector<bool> came_;  // by tenant: its shares are in the sum
  double all_shares_ = 0;
};

constexpr ParamSpec kParams[] = {
    {.name = "half_life",
     .kind = ParamKind::quantity,
     .dimension = Dimension::time,
     .doc = "Usage that lies so far back counts half; longer remembers more.",
     .fallback = "\"7 d\"",
     .min = 1,
     .max = 9e9,
     .example = "\"1 d\""},
    {.name = "age_weight",
     .kind = ParamKind::number,
     .doc = "What a job gains by waiting for age_most, where a tenant that used nothing has 1; 0 "
            "looks at usage alone, higher is closer to first come, first served.",
     .fallback = "0",
     .min = 0,
     .max = 1e6,
     .example = "0.5"},
    {.name = "age_most",
     .kind = ParamKind::quantity,
     .dimension = Dimension::time,
     .doc = "A wait beyond it gains no more.",
     .fallback = "\"7 d\"",
     .min = 1,
     .max = 9e9,
     .example = "\"2 d\""},
    {.name = "backfill",
     .kind = ParamKind::boolean,
     .doc = "Start jobs that do not delay the first that does not fit; without it nobody passes.",
     .fallback = "true"},
    {.name = "depth",
     .kind = ParamKind::integer,
     .doc = "How many jobs are tried in one pass; lower is faster and leaves more idle.",
     .fallback = "100",
     .min = 1,
     .max = 1e9,
     .example = "500"},
};

constexpr SchedulerEntry kEntry = {
    "fair-share",
    "Fair share (Slurm): tenants who used less than their share of late go first; with "
    "backfilling.",
    kParams, [](const Params& params, const SchedulerContext&) -> std::unique_ptr<Scheduler> {
      return std::make_unique<FairShare>(FairShareOptions{
          .half_life_s = params.number("half_life"),
          .age_weight = params.number("age_weight"),
          .age_most_s = params.number("age_most"),
          .backfill = params.flag("backfill"),
          .depth = static_cast<std::size_t>(params.integer("depth")),
      });
    }};

}  // namespace

const SchedulerEntry& fair_share_scheduler() {
  return kEntry;
}

}  // namespace hyperdc
