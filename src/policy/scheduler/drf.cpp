// DRF (dominant resource fairness): the tenant with the smallest dominant share goes next.
//
// Computes: the dominant share of tenant t, s_t = max over r of (held by t of r) / (capacity of r),
// with r = cores, memory, accelerators, resources without capacity left out. The tenant with the
// smallest s_t starts its first waiting job (tenants of equal share: whose job was submitted
// first); if that job does not fit, the tenant is passed over until the next pass.
// Source: Ghodsi et al., "Dominant Resource Fairness: Fair Allocation of Multiple Resource Types"
// (NSDI'11), algorithm 1. That algorithm stops at the first tenant whose task does not fit; passing
// over keeps servers busy when tasks are of unlike size, and gives the same in the paper's example.
// Weights are equal. Units: shares are fractions of the pool.
// Cost: O(log tenants) a start or end, O(tenants that do not fit) a pass.
// Leaves out: preemption, so shares even out only as jobs end; a tenant with large jobs may be
// passed over for long by tenants with small ones.
#include <cstdint>
#include <memory_resource>
#include <set>
#include <vector>

#include "policy/scheduler/dominant_share.hpp"
#include "policy/scheduler/schedulers.hpp"
#include "policy/scheduler/waiting.hpp"

namespace hyperdc {
namespace {

class DominantResourceFairness final : public Scheduler {
 public:
  void submitted(JobId job, const SchedulerView& view) override {
    const JobView& seen = view.jobs[job.value];
    give_back(job);
    if (waiting_ == 0) least_ = {};
    least_.notice(seen.total);
    ++waiting_;
    unlist(seen.tenant);
    tenant(seen.tenant).queue.push(job, seen.number);
    slot_of(slots_, job).tenant = seen.tenant;
    list(seen.tenant, view);
  }
  void ended(JobId job, const SchedulerView& view) override {
    const std::uint32_t owner = slot_of(slots_, job).tenant;
    give_back(job);
    list(owner, view);
  }
  void withdrawn(JobId job, const SchedulerView& view) override {
    const std::uint32_t owner = slot_of(slots_, job).tenant;
    unlist(owner);
    if (tenant(owner).queue.erase(job)) --waiting_;
    list(owner, view);
  }

  void started_by_pool(JobId job, const SchedulerView& view) override {
    unlist(slot_of(slots_, job).tenant);
    list(started(job, view), view);
  }
  void schedule(const SchedulerView& view, SchedulerActions& actions) override {
    if (!(view.capacity == capacity_)) share_anew(view);
    auto next = order_.begin();
    while (next != order_.end() && least_.may_fit(view.free)) {
      const std::uint32_t owner = next->tenant;
      const JobId job = tenant(owner).queue.front();
      const Resources total = view.jobs[job.value].total;
      if (!view.free.covers(total) ||
          !actions.start(job, "first job of the tenant with the smallest dominant share")) {
        ++next;  // free only shrinks within a pass, so this tenant is out of it
        continue;
      }
      ++next;
      unlist(owner);
      started(job, view);
      const auto again = list(owner, view);
      // It may still be first of the rest; those passed over have smaller shares and stay behind.
      if (again != order_.end() && (next == order_.end() || *again < *next)) next = again;
    }
  }

 private:
  struct Listed {  // a tenant with waiting jobs
    double share = 0;
    std::uint64_t number = 0;  // of its first job
    std::uint32_t tenant = 0;
    bool operator<(const Listed& other) const {
      if (share != other.share) return share < other.share;
      return number < other.number;
    }
  };
  using Order = std::pmr::set<Listed>;
  struct Tenant {
    WaitingQueue queue;
    Resources held;
    Order::iterator where;
    bool listed = false;
  };
  struct Slot {
    Resources held;
    std::uint32_t tenant = 0;
    bool running = false;
  };

  Tenant& tenant(std::uint32_t index) {
    if (index >= tenants_.size()) tenants_.resize(std::size_t{index} + 1);
    return tenants_[index];
  }

  /// Of a tenant that is not listed, which it returns.
  std::uint32_t started(JobId job, const SchedulerView& view) {
    Slot& slot = slot_of(slots_, job);
    if (tenant(slot.tenant).queue.erase(job)) --waiting_;
    slot.held = view.jobs[job.value].total;
    slot.running = true;
    tenant(slot.tenant).held += slot.held;
    return slot.tenant;
  }

  void give_back(JobId job) {
    Slot& slot = slot_of(slots_, job);
    if (!slot.running) return;
    unlist(slot.tenant);
    tenant(slot.tenant).held -= slot.held;
    slot.running = false;
  }

  void unlist(std::uint32_t index) {
    Tenant& owner = tenant(index);
    if (owner.listed) order_.erase(owner.where);
    owner.listed = false;
  }
  Order::iterator list(std::uint32_t index, const SchedulerView& view) {
    Tenant& owner = tenant(index);
    if (owner.listed) return owner.where;
    if (owner.queue.empty()) return order_.end();
    const double share = dominant_share(owner.held, view.capacity);
    const std::uint64_t number = view.jobs[owner.queue.front().value].number;
    owner.where = order_.insert({share, number, index}).first;
    owner.listed = true;
    return owner.where;
  }

  void share_anew(const SchedulerView& view) {
    capacity_ = view.capacity;
    for (std::uint32_t index = 0; index < tenants_.size(); ++index) {
      unlist(index);
      list(index, view);
    }
  }

  std::pmr::unsynchronized_pool_resource memory_;
  Order order_{&memory_};
  std::vector<Tenant> tenants_;
  std::vector<Slot> slots_;
  NeedBound least_;
  Resources capacity_;
  std::size_t waiting_ = 0;
};

constexpr SchedulerEntry kEntry = {
    "drf",
    "Dominant resource fairness: the tenant with the smallest dominant share goes next.",
    {},
    [](const Params&, const SchedulerContext&) -> std::unique_ptr<Scheduler> {
      return std::make_unique<DominantResourceFairness>();
    }};

}  // namespace

const SchedulerEntry& drf_scheduler() {
  return kEntry;
}

}  // namespace hyperdc
