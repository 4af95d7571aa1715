// Waiting jobs by tenant, and which tenants wait: what schedulers that are fair to tenants share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

#include "policy/scheduler/waiting.hpp"

namespace hyperdc {

class TenantQueues {
 public:
  void push(JobId job, const JobView& seen) {
    if (waiting_ == 0) least_ = {};
    least_.notice(seen.total);
    ++waiting_;
    WaitingQueue& queue = slot_of_tenant(seen.tenant);
    queue.push(job, seen.number);
    active_.insert(seen.tenant);
  }
  /// False when the job does not wait.
  bool erase(JobId job, std::uint32_t tenant) {
    if (tenant >= queues_.size() || !queues_[tenant].erase(job)) return false;
    --waiting_;
    if (queues_[tenant].empty()) active_.erase(tenant);
    return true;
  }
  bool empty() const { return waiting_ == 0; }
  /// No waiting job fits if this is false.
  bool may_fit(const Resources& free) const { return least_.may_fit(free); }
  /// Tenants with waiting jobs, by index.
  const std::set<std::uint32_t>& active() const { return active_; }

  /// The first place from `place` on that holds a waiting job of the tenant; places() if none.
  std::size_t next(std::uint32_t tenant, std::size_t place) const {
    const WaitingQueue& queue = queues_[tenant];
    while (place < queue.places() && !queue.alive(place)) ++place;
    return place;
  }
  /// The first place that does; clears dead ones away.
  std::size_t first(std::uint32_t tenant) {
    queues_[tenant].front();
    return next(tenant, 0);
  }
  bool ends(std::uint32_t tenant, std::size_t place) const {
    return place >= queues_[tenant].places();
  }
  JobId job(std::uint32_t tenant, std::size_t place) const { return queues_[tenant].job(place); }
  std::uint64_t number(std::uint32_t tenant, std::size_t place) const {
    return queues_[tenant].number(place);
  }

 private:
  WaitingQueue& slot_of_tenant(std::uint32_t tenant) {
    if (tenant >= queues_.size()) queues_.resize(std::size_t{tenant} + 1);
    return queues_[tenant];
  }

  std::vector<WaitingQueue> queues_;  // by tenant
  std::set<std::uint32_t> active_;
  NeedBound least_;
  std::size_t waiting_ = 0;
};

}  // namespace hyperdc
