#include "world/reservations.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "policy/scheduler/running.hpp"
#include "world/pool.hpp"
#include "world/pool_actions.hpp"

namespace hyperdc {
namespace {

constexpr int kMostBegins = 100;  // of a reservation, that one start is held against

/// When the job is expected to end, of one that waits if it started now.
SimTime expected_end(const JobView& job, SimTime now) {
  const SimTime from = job.running ? job.started : now;
  return counted_end(add_saturating(from, remaining_estimate(job)), now);
}

Resources positive_rest(const Resources& amount, const Resources& held) {
  const auto rest = [](std::int64_t a, std::int64_t b) { return std::max<std::int64_t>(0, a - b); };
  return {rest(amount.cores_milli, held.cores_milli), rest(amount.memory_bytes, held.memory_bytes),
          rest(amount.accelerator_milli, held.accelerator_milli)};
}

Resources least_of(const Resources& a, const Resources& b) {
  return {std::min(a.cores_milli, b.cores_milli), std::min(a.memory_bytes, b.memory_bytes),
          std::min(a.accelerator_milli, b.accelerator_milli)};
}

/// Of amounts that name it, each dimension.
bool no_more_than(const Resources& held, const Resources& amount) {
  const auto one = [](std::int64_t has, std::int64_t most) { return most == 0 || has <= most; };
  return one(held.cores_milli, amount.cores_milli) && one(held.memory_bytes, amount.memory_bytes) &&
         one(held.accelerator_milli, amount.accelerator_milli);
}

}  // namespace

PoolReservations::PoolReservations(const World& world, const PoolState& pool) : world_(world) {
  for (const ReservationSpec& spec : pool.spec->reservations) {
    const auto same = [&](const Holder& holder) {
      return holder.workload == spec.workload && holder.tenant == spec.tenant;
    };
    const auto at = std::find_if(holders_.begin(), holders_.end(), same);
    const auto index = static_cast<std::size_t>(at - holders_.begin());
    if (at == holders_.end()) holders_.push_back({spec.workload, spec.tenant, {}, {}});
    if (spec.workload) holder_of_workload_[*spec.workload] = index;
    by_workload_ = by_workload_ || spec.workload.has_value();
    const SimTime begin = SimTime{} + spec.from;
    windows_.push_back({&spec, index, begin, begin + spec.lasts, false, {}});
  }
}

std::optional<std::size_t> PoolReservations::holder_of(const PoolState& pool, JobId job) const {
  if (by_workload_) {
    const auto at = holder_of_workload_.find(pool.states[job.value].workload);
    if (at == holder_of_workload_.end()) return std::nullopt;
    return at->second;
  }
  const std::uint32_t tenant = pool.jobs[job.value].tenant;
  if (tenant >= world_.tenants.size()) return std::nullopt;
  while (holder_of_tenant_.size() <= tenant) {  // tenants come with the jobs of a trace
    const std::string& name = world_.tenants[holder_of_tenant_.size()];
    const auto at = std::find_if(holders_.begin(), holders_.end(),
                                 [&](const Holder& holder) { return holder.tenant == name; });
    holder_of_tenant_.push_back(
        at == holders_.end() ? std::nullopt : std::optional<std::size_t>(at - holders_.begin()));
  }
  return holder_of_tenant_[tenant];
}

void PoolReservations::note(const PoolState& pool, JobId job, int sign) {
  const auto holder = holder_of(pool, job);
  if (!holder) return;
  if (sign > 0) holders_[*holder].held += pool.jobs[job.value].total;
  if (sign < 0) holders_[*holder].held -= pool.jobs[job.value].total;
}

void PoolReservations::note_waiting(const PoolState& pool, JobId job, bool there) {
  const auto holder = holder_of(pool, job);
  if (!holder) return;
  const std::uint64_t number = pool.jobs[job.value].number;
  if (there) holders_[*holder].waiting[number] = job;
  if (!there) holders_[*holder].waiting.erase(number);
}

/// Of the windows of a holder that contain a moment.
Resources PoolReservations::amount_at(std::size_t holder, SimTime at) const {
  Resources amount;
  for (const Window& window : windows_) {
    const bool open = window.holder == holder && window.spec->open_at(at - SimTime{});
    if (open) amount += window.spec->amount;
  }
  return amount;
}

Resources PoolReservations::kept(SimTime now) const {
  Resources sum;
  for (std::size_t h = 0; h < holders_.size(); ++h) {
    sum += positive_rest(amount_at(h, now), holders_[h].held);
  }
  return sum;
}

/// Does the pool hold, beside what is kept at a moment, what runs then? `its`: whose the job is.
bool PoolReservations::holds_at(const PoolState& pool, const Load& load,
                                std::optional<std::size_t> its, SimTime at) const {
  Resources held = load.held;
  for (std::size_t h = 0; h < holders_.size(); ++h) {
    const Resources amount = amount_at(h, at);
    // What is a holder's is not refused to it, whatever others hold.
    if (its == h && !(amount == Resources{}) && no_more_than(load.by_holder[h], amount))
      return true;
    held += positive_rest(amount, load.by_holder[h]);
  }
  Resources capacity = pool.fleet->capacity();
  capacity -= pool.fleet->down();
  return capacity.covers(held);
}

/// Begins of windows in (now, end), in their order.
std::vector<SimTime> PoolReservations::begins_until(SimTime now, SimTime end) const {
  std::vector<SimTime> begins;
  for (const Window& window : windows_) {
    SimTime begin = window.begin;
    for (int k = 0; k < kMostBegins && begin < end; ++k) {
      if (begin > now) begins.push_back(begin);
      if (window.spec->every.ns == 0) break;
      begin = add_saturating(begin, window.spec->every);
    }
  }
  std::sort(begins.begin(), begins.end());
  begins.erase(std::unique(begins.begin(), begins.end()), begins.end());
  return begins;
}

bool PoolReservations::allow(const PoolState& pool, JobId job,
                             std::span<const JobId> without) const {
  const SimTime now = pool.view.now;
  const auto its = holder_of(pool, job);
  Load load;  // what is held, with the job
  load.by_holder.resize(holders_.size());
  const auto add = [&](JobId of, std::optional<std::size_t> holder, bool comes) {
    const Resources& total = pool.jobs[of.value].total;
    if (comes) load.held += total;
    if (!comes) load.held -= total;
    if (holder && comes) load.by_holder[*holder] += total;
    if (holder && !comes) load.by_holder[*holder] -= total;
  };
  add(job, its, true);
  const std::vector<SimTime> begins = begins_until(now, expected_end(pool.jobs[job.value], now));
  if (begins.empty()) {  // the books of the present moment are enough
    load.held += pool.fleet->capacity();
    load.held -= pool.fleet->free();
    load.held -= pool.fleet->down();
    for (std::size_t h = 0; h < holders_.size(); ++h) load.by_holder[h] += holders_[h].held;
    for (const JobId other : without) add(other, holder_of(pool, other), false);
    return holds_at(pool, load, its, now);
  }
  std::vector<std::pair<SimTime, JobId>> ends;
  std::vector<JobId> gone(without.begin(), without.end());
  std::sort(gone.begin(), gone.end());
  for (const JobId other : pool.running) {
    if (std::binary_search(gone.begin(), gone.end(), other)) continue;
    add(other, holder_of(pool, other), true);
    ends.emplace_back(expected_end(pool.jobs[other.value], now), other);
  }
  if (!holds_at(pool, load, its, now)) return false;
  std::sort(ends.begin(), ends.end());
  auto next = ends.begin();
  for (const SimTime begin : begins) {
    for (; next != ends.end() && next->first <= begin; ++next) {
      add(next->second, holder_of(pool, next->second), false);
    }
    if (!holds_at(pool, load, its, begin)) return false;
  }
  return true;
}

void PoolReservations::move_windows(SimTime now) {
  for (Window& window : windows_) {
    if (window.end <= now && window.late_since) {
      books_.lateness_ns += (window.end - *window.late_since).ns;
      window.late_since.reset();
    }
    if (window.spec->every.ns > 0 && window.end <= now) {
      const std::int64_t every = window.spec->every.ns;
      const std::int64_t missed = (now - window.end).ns / every + 1;
      window.begin = window.begin + Duration{missed * every};
      window.end = window.begin + window.spec->lasts;
      window.begun = false;
    }
  }
}

/// Jobs that may give way to holders, the last that started first.
std::vector<JobId> PoolReservations::others_of(const PoolState& pool) const {
  std::vector<JobId> others;
  for (const JobId job : pool.running) {
    const auto h = holder_of(pool, job);
    const bool kept_for = h && !(amount_at(*h, pool.view.now) == Resources{});
    const bool plain = world_.workloads[pool.states[job.value].workload].source != nullptr;
    if (!kept_for && plain) others.push_back(job);
  }
  std::sort(others.begin(), others.end(), [&](JobId a, JobId b) {
    const JobView& x = pool.jobs[a.value];
    const JobView& y = pool.jobs[b.value];
    return std::pair(x.started, x.number) > std::pair(y.started, y.number);
  });
  return others;
}

void PoolReservations::stop(PoolState& pool, JobId job, SchedulerActions& actions) {
  actions.preempt(job, "a reservation begins");
  pool.scheduler->submitted(job, pool.view);
}

/// Others give way until what is kept for holders that stop others is free: who holds none of what
/// is short stays.
void PoolReservations::make_room(PoolState& pool, SchedulerActions& actions) {
  const SimTime now = pool.view.now;
  Resources wanted;
  for (std::size_t h = 0; h < holders_.size(); ++h) {
    if (preempts(h, now)) wanted += positive_rest(amount_at(h, now), holders_[h].held);
  }
  for (const JobId job : others_of(pool)) {
    const Resources missing = positive_rest(wanted, pool.fleet->free());
    if (missing == Resources{}) return;
    if (least_of(missing, pool.jobs[job.value].total) == Resources{}) continue;
    stop(pool, job, actions);
  }
}

/// Others give way until a job within the amount finds servers, nobody who is not needed; false,
/// and nobody, if not even all of them are enough.
bool PoolReservations::make_servers(PoolState& pool, JobId job, SchedulerActions& actions) {
  const std::vector<JobId> others = others_of(pool);
  std::size_t asked = 0;
  const auto next = [&] {
    return asked < others.size() ? std::optional(others[asked++]) : std::nullopt;
  };
  VictimSearch search;
  SchedulerView seen = pool.view;
  seen.free = pool.fleet->free();  // what is kept is its own; allow() guards that of others
  if (!search.find(job, seen, actions, next)) return false;
  for (const JobId other : search.victims()) stop(pool, other, actions);
  return true;
}

bool PoolReservations::preempts(std::size_t holder, SimTime now) const {
  return std::any_of(windows_.begin(), windows_.end(), [&](const Window& window) {
    return window.holder == holder && window.spec->preempts && window.begin <= now &&
           now < window.end;
  });
}

/// Jobs of holders that are within their amounts, in the order of submission.
void PoolReservations::start_holders(PoolState& pool, SchedulerActions& actions) {
  const SimTime now = pool.view.now;
  std::map<std::uint64_t, std::pair<std::size_t, JobId>> waiting;  // starts change those of holders
  for (std::size_t h = 0; h < holders_.size(); ++h) {
    if (amount_at(h, now) == Resources{}) continue;
    for (const auto& [number, job] : holders_[h].waiting) waiting[number] = {h, job};
  }
  for (const auto& [_, whose] : waiting) {
    const auto& [h, job] = whose;
    Resources held = holders_[h].held;
    held += pool.jobs[job.value].total;
    if (!no_more_than(held, amount_at(h, now))) continue;
    constexpr std::string_view kBecause = "capacity is reserved for it";
    bool started = actions.start(job, kBecause);
    if (!started && preempts(h, now) && make_servers(pool, job, actions)) {
      started = actions.start(job, kBecause);
    }
    if (started) pool.scheduler->started_by_pool(job, pool.view);
  }
}

void PoolReservations::begin_pass(PoolState& pool, SchedulerActions& actions, SimTime now) {
  move_windows(now);
  refresh_amounts(pool);
  bool active = false;
  bool preempts = false;
  for (const Window& window : windows_) {
    const bool open = window.begin <= now && now < window.end;
    active = active || open;
    preempts = preempts || (open && !window.begun && window.spec->preempts);
  }
  if (preempts) make_room(pool, actions);
  if (active && pool.waiting > 0) start_holders(pool, actions);
}

/// Whose amounts are free or held, of holders in their order, each beside those before it.
std::vector<bool> PoolReservations::served(SimTime now, const Resources& free) const {
  std::vector<bool> out(holders_.size());
  Resources sum;
  for (std::size_t h = 0; h < holders_.size(); ++h) {
    Resources with = sum;
    with += positive_rest(amount_at(h, now), holders_[h].held);
    out[h] = free.covers(with);
    if (out[h]) sum = with;
  }
  return out;
}

void PoolReservations::note_late(SimTime now, const Resources& free) {
  const std::vector<bool> all = served(now, free);
  for (Window& window : windows_) {
    if (now < window.begin || window.end <= now) continue;
    const bool whole = all[window.holder];
    if (!window.begun) {
      window.begun = true;
      ++books_.begun;
      if (!whole) {
        ++books_.late;
        window.late_since = now;
      }
    } else if (whole && window.late_since) {
      books_.lateness_ns += (now - *window.late_since).ns;
      window.late_since.reset();
    }
  }
}

Int128 PoolReservations::lateness_ns(SimTime end) const {
  Int128 sum = books_.lateness_ns;
  for (const Window& window : windows_) {
    if (window.late_since) sum += (std::min(end, window.end) - *window.late_since).ns;
  }
  return sum;
}

void PoolReservations::end_pass(PoolState& pool, Engine& engine) {
  const SimTime now = engine.now();
  const Resources& free = pool.fleet->free();
  note_late(now, free);
  const Resources idle = least_of(kept(now), free);
  books_.idle_milli.set(now, idle.accelerator_milli);
  books_.idle_cores_milli.set(now, idle.cores_milli);
  ask_for_pass(pool, engine);
}

/// At the next begin or end of a window.
void PoolReservations::ask_for_pass(const PoolState& pool, Engine& engine) {
  const SimTime now = engine.now();
  std::optional<SimTime> next;
  for (const Window& window : windows_) {
    for (const SimTime at : {window.begin, window.end}) {
      if (at > now && (!next || at < *next)) next = at;
    }
  }
  if (!next || asked_ == next) return;
  asked_ = next;
  engine.schedule(*next, Phase::control, pool.process, static_cast<std::uint32_t>(PoolEvent::pass));
}

Resources kept_free(const PoolState& pool) {
  return least_of(pool.reserved->kept(pool.view.now), pool.fleet->free());
}

void enable_reservations(World& world, PoolState& pool) {
  if (pool.spec->reservations.empty()) return;
  pool.reserved = std::make_unique<PoolReservations>(world, pool);
  pool.view.keeps = true;
}

}  // namespace hyperdc
