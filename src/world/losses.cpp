#include "world/losses.hpp"

#include "world/gang_domains.hpp"
#include "world/kinds.hpp"

namespace hyperdc {
namespace {

IdleCause cause_of(PoolState& pool) {
  PoolLosses& losses = *pool.losses;
  if (losses.waiting.empty()) return IdleCause::no_demand;
  const JobView& view = pool.jobs[losses.waiting.begin()->job.value];
  if (!pool.view.free.covers(view.total)) return IdleCause::gang;
  const auto fits = [&](const Request& each) {
    return pool.placer->would_fit(each, view.members, view.number, {});
  };
  if (any_request(pool, losses.waiting.begin()->job, 0, fits)) {
    return losses.quotas ? IdleCause::quota : IdleCause::held_back;
  }
  if (pool.domains != nullptr && pool.domains->places(view.members) &&
      pool.placer->would_fit_apart(view.each, view.members, view.number)) {
    return IdleCause::topology;
  }
  if (view.each.models == 0 && view.each.zones == 0) return IdleCause::fragments;
  Request anywhere = view.each;
  anywhere.models = 0;
  anywhere.zones = 0;
  return fits(anywhere) ? IdleCause::topology : IdleCause::fragments;
}

}  // namespace

void enable_losses(PoolState& pool) {
  if (!pool.spec->idle_causes || pool.fleet->capacity().accelerator_milli == 0) return;
  pool.losses = std::make_unique<PoolLosses>();
  pool.losses->quotas = pool.scheduler->heeds().quotas;
  pool.losses->idle_milli[0].set(SimTime{}, pool.view.free.accelerator_milli);
}

void note_waiting_size(PoolState& pool, JobId job, bool there) {
  if (pool.losses == nullptr) return;
  const JobView& view = pool.jobs[job.value];
  if (view.total.accelerator_milli == 0) return;
  const PoolLosses::Waiting entry{view.total.accelerator_milli, view.number, job};
  if (there) {
    pool.losses->waiting.insert(entry);
  } else {
    pool.losses->waiting.erase(entry);
  }
}

void note_idle_cause(PoolState& pool, SimTime now) {
  if (pool.losses == nullptr) return;
  const std::int64_t idle = pool.view.free.accelerator_milli;
  const std::int64_t kept = pool.fleet->free().accelerator_milli - idle;
  const IdleCause cause = idle == 0 ? IdleCause::no_demand : cause_of(pool);
  for (std::size_t c = 0; c < kIdleCauses; ++c) {
    const std::int64_t its = c == static_cast<std::size_t>(cause) ? idle : 0;
    pool.losses->idle_milli[c].set(now,
                                   c == static_cast<std::size_t>(IdleCause::reserved) ? kept : its);
  }
}

void note_lost_run(PoolState& pool, JobId job, Duration lost, bool by_failure) {
  if (pool.losses == nullptr) return;
  Int128& sum = by_failure ? pool.losses->failed_milli_ns : pool.losses->preempted_milli_ns;
  sum += Int128{pool.jobs[job.value].total.accelerator_milli} * lost.ns;
}

std::vector<std::pair<std::string_view, Int128>> losses_of(const PoolState& pool, SimTime end) {
  constexpr std::array<std::string_view, kIdleCauses> kNames = {
      "no_demand", "gang", "fragments", "topology", "quota", "held_back", "reserved"};
  const PoolLosses& losses = *pool.losses;
  Int128 held = pool.job_accelerator_ns;
  for (const JobId id : pool.running) {
    const JobView& job = pool.jobs[id.value];
    held += Int128{job.total.accelerator_milli} * (end - job.started).ns;
  }
  std::vector<std::pair<std::string_view, Int128>> all;
  all.emplace_back("useful", held - losses.preempted_milli_ns - losses.failed_milli_ns);
  all.emplace_back("preempted", losses.preempted_milli_ns);
  all.emplace_back("failed", losses.failed_milli_ns);
  for (std::size_t c = 0; c < kIdleCauses; ++c) {
    const bool asked =
        c != static_cast<std::size_t>(IdleCause::reserved) || pool.reserved != nullptr;
    if (asked) all.emplace_back(kNames[c], losses.idle_milli[c].until(end));
  }
  all.emplace_back("down", pool.down_accelerator_milli.until(end));
  return all;
}

}  // namespace hyperdc
