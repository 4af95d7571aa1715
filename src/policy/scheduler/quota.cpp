// Quota: each tenant is assured its quota of the pool, and lends what it does not use.
//
// Computes: a job is within the quota of its tenant when what the tenant holds and the job are, in
// each resource that the quota names; a tenant without a quota is assured nothing. A limit on a
// resource that the quota does not name bounds what is assured of it too. First the jobs
// within their quotas start: the tenant that holds the least of its quota goes next, ties by the
// order of submission. If the first such job of a tenant does not fit, running jobs of tenants that
// hold more than their quotas of what is short (a resource of which less is free than it asks for;
// where the totals would do, any that it asks for) give way (`reclaim`): the last started first,
// from each tenant only while it does, and no more than are needed. Then, with `borrow`, other jobs
// start where they fit, while their tenant stays within its limit: the tenant that holds the least
// beyond its quota (dominant share of the pool) goes next. Within a tenant jobs are tried in order
// of submission, and pass those that may not start or do not fit.
// So where quotas name all that jobs ask for and add up to no more than the pool, what they assure
// is a matter of totals: a job within its quota waits only where servers are down or no set of them
// could be cleared for it. Of a resource that a quota does not name nothing is assured: who is
// short of it waits for ends and for loans of others. Source: Kueue, cluster queues of one cohort
// (nominalQuota, borrowingLimit, reclaimWithinCohort: Any, queueingStrategy: BestEffortFIFO). The
// order of tenants is that of YARN's capacity scheduler: used / capacity. Units: cores, memory and
// accelerators of the pool. Cost: O(log jobs) a job that starts or ends; a pass O(tenants that wait
// + jobs tried * log of them) and a look at each waiting job that its quota or limit does not let
// start; a reclaim O(tenants beyond their quota + victims * log candidates) and questions to the
// placement, asked again only after an end, a stop or a loan.
// Leaves out: priorities within a quota, trees of queues, quotas of memory, a loan that is called
// back for a job that would itself borrow. Large jobs that borrow may starve beside small ones.
#include <algorithm>
#include <cstdint>
#include <deque>
#include <limits>
#include <memory_resource>
#include <optional>
#include <set>
#include <vector>

#include <hyperdc/core/assert.hpp>

#include "policy/scheduler/dominant_share.hpp"
#include "policy/scheduler/running.hpp"
#include "policy/scheduler/schedulers.hpp"
#include "policy/scheduler/tenant_queues.hpp"

namespace hyperdc {
namespace {

struct QuotaOptions {
  bool borrow = true;
  bool reclaim = true;
  std::size_t depth = 0;
};

class Quota final : public Scheduler {
 public:
  explicit Quota(const QuotaOptions& options) : options_(options) {}

  void submitted(JobId job, const SchedulerView& view) override {
    forget(job, view);
    wait(job, view);
  }
  void ended(JobId job, const SchedulerView& view) override { forget(job, view); }
  void started_by_pool(JobId job, const SchedulerView& view) override { started(job, view); }
  void withdrawn(JobId job, const SchedulerView& view) override {
    queues_.erase(job, view.jobs[job.value].tenant);
  }

  void schedule(const SchedulerView& view, SchedulerActions& actions) override {
    if (!(view.capacity == capacity_)) ++epoch_;
    capacity_ = view.capacity;
    if (queues_.empty() || (over_.empty() && !queues_.may_fit(view.free))) return;
    serve(Round::assured, view, actions);
    if (options_.borrow) serve(Round::borrowed, view, actions);
  }
  Heeds heeds() const override { return {.quotas = true, .limits = true}; }

 private:
  enum class Round { assured, borrowed };
  struct Running {
    SimTime started;
    std::uint64_t number = 0;
    JobId job;
    bool operator<(const Running& other) const {  // the first to give way first
      if (started != other.started) return started > other.started;
      return number > other.number;
    }
  };
  using RunningSet = std::pmr::set<Running>;
  struct Tenant {
    explicit Tenant(std::pmr::memory_resource* memory) : running(memory) {}
    Resources held;
    RunningSet running;
    NeedBound waiting;  // what the waiting jobs ask for is no less
    // Number of a job for which there is no room to make, while the epoch lasts.
    std::uint64_t blocked = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t blocked_in = 0;
  };
  struct Slot {
    std::uint32_t tenant = 0;
    Resources held;
    RunningSet::iterator where;
    bool running = false;
  };
  struct Ranked {  // a tenant that waits, and the first place of its queue to try
    double share = 0;
    std::uint64_t number = 0;
    std::uint32_t tenant = 0;
    std::size_t place = 0;
    bool operator<(const Ranked& other) const {  // the least goes last
      if (share != other.share) return share > other.share;
      return number > other.number;
    }
  };
  struct Candidate {
    Running next;
    std::uint32_t tenant = 0;
    Resources left;  // that the tenant would still hold
    bool operator<(const Candidate& other) const { return other.next < next; }
  };

  Tenant& tenant(std::uint32_t index) {
    while (index >= tenants_.size()) tenants_.emplace_back(&memory_);
    return tenants_[index];
  }

  void wait(JobId job, const SchedulerView& view) {
    const JobView& seen = view.jobs[job.value];
    Tenant& owner = tenant(seen.tenant);
    if (!queues_.active().contains(seen.tenant)) owner.waiting = {};
    owner.waiting.notice(seen.total);
    queues_.push(job, seen);
  }
  void note_held(std::uint32_t index, const SchedulerView& view) {
    if (view.terms_of(index).quota.covers(tenants_[index].held)) {
      over_.erase(index);
    } else {
      over_.insert(index);
    }
  }
  void started(JobId job, const SchedulerView& view) {
    const JobView& seen = view.jobs[job.value];
    queues_.erase(job, seen.tenant);
    Tenant& owner = tenants_[seen.tenant];
    owner.held += seen.total;
    const auto where = owner.running.insert({view.now, seen.number, job}).first;
    slot_of(slots_, job) = {seen.tenant, seen.total, where, true};
    note_held(seen.tenant, view);
  }
  void forget(JobId job, const SchedulerView& view) {
    if (job.value >= slots_.size() || !slots_[job.value].running) return;
    Slot& slot = slots_[job.value];
    Tenant& owner = tenants_[slot.tenant];
    owner.running.erase(slot.where);
    owner.held -= slot.held;
    slot.running = false;
    note_held(slot.tenant, view);
    ++epoch_;
  }

  void serve(Round round, const SchedulerView& view, SchedulerActions& actions) {
    refusals_.clear();
    rank(round, view);
    while (!ranked_.empty()) {
      std::pop_heap(ranked_.begin(), ranked_.end());
      const Ranked next = ranked_.back();
      ranked_.pop_back();
      const auto place = start_one(round, next, view, actions);
      if (stopped_) {  // those wait again, and places have moved
        rank(round, view);
      } else if (place) {
        push(round, next.tenant, *place, view);
      }
    }
  }
  void rank(Round round, const SchedulerView& view) {
    stopped_ = false;
    ranked_.clear();
    for (const std::uint32_t index : queues_.active()) {
      push(round, index, queues_.first(index), view);
    }
  }
  void push(Round round, std::uint32_t index, std::size_t place, const SchedulerView& view) {
    if (queues_.ends(index, place)) return;
    ranked_.push_back({share(round, index, view), queues_.number(index, place), index, place});
    std::push_heap(ranked_.begin(), ranked_.end());
  }
  double share(Round round, std::uint32_t index, const SchedulerView& view) const {
    const Resources& held = tenants_[index].held;
    const Resources quota = view.terms_of(index).quota;
    if (round == Round::assured) return dominant_share(held, quota);
    const auto beyond = [](std::int64_t amount, std::int64_t bound) {
      return std::max<std::int64_t>(0, amount - bound);
    };
    return dominant_share(
        {beyond(held.cores_milli, quota.cores_milli), beyond(held.memory_bytes, quota.memory_bytes),
         beyond(held.accelerator_milli, quota.accelerator_milli)},
        view.capacity);
  }

  /// Starts the first job of the tenant that may and can; the place after it, or nothing.
  std::optional<std::size_t> start_one(Round round, const Ranked& from, const SchedulerView& view,
                                       SchedulerActions& actions) {
    const TenantTerms terms = view.terms_of(from.tenant);
    const Resources& bound = round == Round::assured ? terms.quota : terms.limit;
    bool may_reclaim = round == Round::assured && options_.reclaim;
    std::size_t place = from.place;
    const Tenant& owner = tenants_[from.tenant];
    Resources least = owner.held;
    least += owner.waiting.least;
    if (!bound.covers(least)) return std::nullopt;
    for (std::size_t tried = 0; tried < options_.depth;) {
      if (queues_.ends(from.tenant, place)) return std::nullopt;
      const JobId job = queues_.job(from.tenant, place);
      Resources after = owner.held;
      after += view.jobs[job.value].total;
      if (bound.covers(after)) {
        if (start(round, job, view, actions) || (may_reclaim && make_room(job, view, actions))) {
          return queues_.next(from.tenant, place + 1);
        }
        may_reclaim = false;  // those behind it take what is free
        ++tried;
      }
      place = queues_.next(from.tenant, place + 1);
    }
    return std::nullopt;
  }

  bool start(Round round, JobId job, const SchedulerView& view, SchedulerActions& actions) {
    const JobView& seen = view.jobs[job.value];
    if (!view.free.covers(seen.total) || refusals_.contain(seen)) return false;
    if (!actions.start(job, round == Round::assured ? "within the quota of its tenant"
                                                    : "borrows what others do not use")) {
      if (!view.keeps) refusals_.add(seen);
      return false;
    }
    if (round == Round::borrowed) ++epoch_;
    started(job, view);
    return true;
  }

  bool make_room(JobId job, const SchedulerView& view, SchedulerActions& actions) {
    const JobView& seen = view.jobs[job.value];
    Tenant& owner = tenants_[seen.tenant];
    if (over_.empty() || (owner.blocked == seen.number && owner.blocked_in == epoch_)) return false;
    begin_candidates(seen.total, view);
    if (!victims_.find(job, view, actions, [&] { return next_candidate(view); })) {
      owner.blocked = seen.number;
      owner.blocked_in = epoch_;
      return false;
    }
    for (const JobId victim : victims_.victims()) {
      actions.preempt(victim, "gives back what its tenant borrowed");
      forget(victim, view);
      wait(victim, view);
    }
    const bool fits = actions.start(job, "within its quota; borrowers gave way");
    HYPERDC_CHECK(fits, "would_fit() promised room that start() did not find");
    started(job, view);
    refusals_.clear();  // what gave way may have left more than was needed
    stopped_ = true;
    return true;
  }

  /// Does the tenant hold more than its quota of what is short?
  bool owes(std::uint32_t index, const Resources& held, const SchedulerView& view) const {
    const Resources quota = view.terms_of(index).quota;
    return (short_.cores_milli > 0 && held.cores_milli > quota.cores_milli) ||
           (short_.memory_bytes > 0 && held.memory_bytes > quota.memory_bytes) ||
           (short_.accelerator_milli > 0 && held.accelerator_milli > quota.accelerator_milli);
  }
  void begin_candidates(const Resources& need, const SchedulerView& view) {
    const auto lacks = [](std::int64_t asked, std::int64_t free) {
      return std::max<std::int64_t>(0, asked - free);
    };
    short_ = {lacks(need.cores_milli, view.free.cores_milli),
              lacks(need.memory_bytes, view.free.memory_bytes),
              lacks(need.accelerator_milli, view.free.accelerator_milli)};
    if (short_ == Resources{}) short_ = need;  // it lies in pieces
    candidates_.clear();
    for (const std::uint32_t index : over_) {
      const Tenant& owner = tenants_[index];
      if (!owes(index, owner.held, view)) continue;
      candidates_.push_back({*owner.running.begin(), index, owner.held});
    }
    std::make_heap(candidates_.begin(), candidates_.end());
  }
  std::optional<JobId> next_candidate(const SchedulerView& view) {
    if (candidates_.empty()) return std::nullopt;
    std::pop_heap(candidates_.begin(), candidates_.end());
    Candidate candidate = candidates_.back();
    candidates_.pop_back();
    const JobId job = candidate.next.job;
    const RunningSet& running = tenants_[candidate.tenant].running;
    const auto next = std::next(slots_[job.value].where);
    candidate.left -= slots_[job.value].held;
    if (next != running.end() && owes(candidate.tenant, candidate.left, view)) {
      candidate.next = *next;
      candidates_.push_back(candidate);
      std::push_heap(candidates_.begin(), candidates_.end());
    }
    return job;
  }

  const QuotaOptions options_;
  std::pmr::unsynchronized_pool_resource memory_;
  TenantQueues queues_;
  std::deque<Tenant> tenants_;
  std::set<std::uint32_t> over_;  // tenants that hold more than their quotas
  std::vector<Slot> slots_;
  std::vector<Ranked> ranked_;         // heap of a round
  std::vector<Candidate> candidates_;  // heap of a reclaim
  Resources short_;                    // for the job that reclaims: more than 0 of what is
  Refusals refusals_;
  VictimSearch victims_;
  bool stopped_ = false;  // running jobs gave way since the last ranking
  Resources capacity_;
  std::uint64_t epoch_ = 0;  // grows when there may be room to make where there was none
};

constexpr ParamSpec kParams[] = {
    {.name = "borrow",
     .kind = ParamKind::boolean,
     .doc = "Tenants may hold more than their quotas while others leave it idle.",
     .fallback = "true"},
    {.name = "reclaim",
     .kind = ParamKind::boolean,
     .doc = "Stop jobs of tenants beyond their quotas for a job within its own; without it that "
            "waits for ends.",
     .fallback = "true"},
    {.name = "depth",
     .kind = ParamKind::integer,
     .doc = "How many jobs of each tenant are tried in one pass; lower is faster and leaves more "
            "idle.",
     .fallback = "100",
     .min = 1,
     .max = 1e9,
     .example = "500"},
};

constexpr SchedulerEntry kEntry = {
    "quota",
    "Quotas of tenants (Kueue, YARN): each is assured its own, borrows what is idle, gives it "
    "back.",
    kParams, [](const Params& params, const SchedulerContext&) -> std::unique_ptr<Scheduler> {
      return std::make_unique<Quota>(QuotaOptions{
          .borrow = params.flag("borrow"),
          .reclaim = params.flag("reclaim"),
          .depth = static_cast<std::size_t>(params.integer("depth")),
      });
    }};

}  // namespace

const SchedulerEntry& quota_scheduler() {
  return kEntry;
}

}  // namespace hyperdc
