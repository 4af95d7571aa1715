#include "world/pool.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include <hyperdc/core/assert.hpp>

#include "world/availability.hpp"
#include "world/gang_domains.hpp"
#include "world/held.hpp"
#include "world/job_residency.hpp"
#include "world/kinds.hpp"
#include "world/losses.hpp"
#include "world/nodes/nodes.hpp"
#include "world/platforms.hpp"
#include "world/pool_actions.hpp"
#include "world/power_plant.hpp"
#include "world/reservations.hpp"
#include "world/speed.hpp"
#include "world/tenants.hpp"
#include "world/traffic.hpp"
#include "world/training.hpp"
#include "world/training_elastic.hpp"
#include "world/work_marks.hpp"

namespace hyperdc {
namespace {

JobId take_slot(PoolState& pool) {
  if (!pool.free_slots.empty()) {
    const JobId id = pool.free_slots.back();
    pool.free_slots.pop_back();
    return id;
  }
  const JobId id{static_cast<std::uint32_t>(pool.jobs.size())};
  pool.jobs.emplace_back();
  pool.states.emplace_back();
  pool.gangs.emplace_back();
  pool.view.jobs = pool.jobs;
  return id;
}

void free_slot_of(World& world, PoolState& pool, JobId job, Engine& engine, bool finished) {
  platform_left(world, pool, job, engine, finished);
  pool.states[job.value].there = false;
  pool.free_slots.push_back(job);
}

std::uint32_t tenant_of(World& world, WorkloadState& workload, std::uint32_t source_tenant) {
  // Tenants of all workloads share one list of names: the same name is the same tenant.
  while (workload.tenants.size() <= source_tenant) {
    const std::string& name = workload.source->tenants()[workload.tenants.size()];
    const auto known = std::find(world.tenants.begin(), world.tenants.end(), name);
    workload.tenants.push_back(static_cast<std::uint32_t>(known - world.tenants.begin()));
    if (known == world.tenants.end()) world.tenants.push_back(name);
  }
  return workload.tenants[source_tenant];
}

/// `server` keeps the text that the row refers to.
JobRow row_of(const World& world, const PoolState& pool, JobId job, JobFate fate,
              std::string& server) {
  const JobView& view = pool.jobs[job.value];
  const JobState& state = pool.states[job.value];
  JobRow row;
  row.number = view.number;
  row.workload = world.scenario->workloads[state.workload].name;
  row.tenant = view.tenant < world.tenants.size() ? std::string_view(world.tenants[view.tenant])
                                                  : std::string_view();
  row.submit = view.submit;
  if (state.has_started) row.start = state.first_start;
  row.run = view.attained;
  row.members = view.members;
  row.each = view.each;
  row.priority = view.priority;
  row.preemptions = state.preemptions;
  row.fate = fate;
  row.name = pool.notes[job.value].name;
  row.because = pool.notes[job.value].because;
  if (state.has_started) server = server_name(world, pool, state.first.server);
  row.server = server;
  return row;
}

/// Jobs of a workload that has none of its own are replicas: its service counts what matters.
bool counts_jobs(const WorkloadState& workload) {
  return workload.source != nullptr;
}

void reject(World& world, PoolState& pool, JobId job, Engine& engine, std::string_view because) {
  const SimTime now = engine.now();
  WorkloadState& workload = world.workloads[pool.states[job.value].workload];
  ++workload.rejected;
  world.decisions.count(world.decisions.scheduling, now);
  if (workload.training != nullptr) training_given_up(pool, *workload.training, now);
  tell_owner(world, pool, job, OwnerEvent::lost, engine);
  if (counts_jobs(workload)) {
    world.recorder->add(workload.rejected_count, pool.jobs[job.value].submit, 1);
  }
  workload.in_system.change(now, -1);
  workload.job_ns += (now - pool.jobs[job.value].submit).ns;
  note_reason(pool, job, because);
  if (world.log != nullptr) {
    std::string server;
    JobRow row = row_of(world, pool, job, JobFate::rejected, server);
    row.end = now;
    world.log->left(row);
  }
  free_slot_of(world, pool, job, engine, false);
}

/// Newest first, until the limit holds. A job that has run before is never thrown out.
void enforce_queue_limit(World& world, PoolState& pool, Engine& engine) {
  while (pool.waiting > *pool.spec->queue_limit && !pool.queued.empty()) {
    const PoolState::Queued last = pool.queued.back();
    pool.queued.pop_back();
    const JobView& view = pool.jobs[last.job.value];
    if (view.number != last.number || view.running) continue;  // left or started meanwhile
    const JobState& state = pool.states[last.job.value];
    if (!state.there || state.has_started) continue;
    pool.scheduler->withdrawn(last.job, pool.view);
    --pool.waiting;
    note_waiting(pool, last.job, false);
    reject(world, pool, last.job, engine, "the queue is full");
  }
  // What started from the middle leaves stale entries; they are bounded by sweeping now and then.
  if (pool.queued.size() > 2 * *pool.spec->queue_limit + 64) {
    std::erase_if(pool.queued, [&](const PoolState::Queued& q) {
      const JobView& view = pool.jobs[q.job.value];
      return view.number != q.number || view.running || !pool.states[q.job.value].there;
    });
  }
}

void note_demand_points(PoolState& pool) {
  const std::int64_t capacity = pool.fleet->capacity().accelerator_milli;
  const std::uint64_t arrivals = std::exchange(pool.arrivals_in_pass, 0);
  if (arrivals == 0 || pool.demand_points.empty() || capacity == 0) return;
  // round(100 * offered / capacity), halves up, in integers
  const std::int64_t percent = (200 * pool.offered_milli + capacity) / (2 * capacity);
  for (DemandPoint& point : pool.demand_points) {
    if (point.percent != percent) continue;
    point.arrivals += arrivals;
    point.allocated_milli +=
        Int128{pool.view.capacity.accelerator_milli - pool.view.free.accelerator_milli} *
        static_cast<std::int64_t>(arrivals);
    if (pool.fragmentation) {
      point.fragmented_milli += pool.fragmentation->total_milli() * static_cast<double>(arrivals);
    }
  }
}

/// What jobs hold of the pool's capacity.
Resources held_by_jobs(const PoolState& pool) {
  Resources held = pool.view.capacity;  // without what is down
  held -= pool.view.free;
  return held;
}

void draw_bar(const World& world, const PoolState& pool, JobId job, SimTime at) {
  const JobState& state = pool.states[job.value];
  world.timeline->stopped(pool.index, job, pool.jobs[job.value],
                          world.scenario->workloads[state.workload].name,
                          server_name(world, pool, state.first.server), at);
}

void draw_levels(const World& world, const PoolState& pool, SimTime now) {
  const auto share = [](std::int64_t held, std::int64_t all) {
    return all == 0 ? 0.0 : static_cast<double>(held) / static_cast<double>(all);
  };
  const Resources& all = pool.fleet->capacity();
  const Resources held = held_by_jobs(pool);
  world.timeline->levels(
      pool.index, now,
      {static_cast<double>(pool.waiting), static_cast<double>(pool.running.size()),
       share(held.cores_milli, all.cores_milli),
       share(held.accelerator_milli, all.accelerator_milli)});
}

void publish_levels(World& world, PoolState& pool, SimTime now) {
  const Resources& capacity = pool.fleet->capacity();
  const Resources& free = pool.fleet->free();
  const Resources& down = pool.fleet->down();
  const Resources held = held_by_jobs(pool);
  const auto share = [](std::int64_t part, std::int64_t all) {
    return static_cast<double>(part) / static_cast<double>(all);
  };
  Recorder& recorder = *world.recorder;
  if (capacity.cores_milli > 0) {
    recorder.level(pool.metrics.cores, now, share(held.cores_milli, capacity.cores_milli));
  }
  if (capacity.memory_bytes > 0) {
    recorder.level(pool.metrics.memory, now, share(held.memory_bytes, capacity.memory_bytes));
  }
  if (capacity.accelerator_milli > 0) {
    recorder.level(pool.metrics.accelerators, now,
                   share(held.accelerator_milli, capacity.accelerator_milli));
    if (pool.fragmentation) {
      recorder.level(
          pool.metrics.fragmentation, now,
          pool.fragmentation->total_milli() / static_cast<double>(capacity.accelerator_milli));
    }
  }
  recorder.level(pool.metrics.waiting, now, static_cast<double>(pool.waiting));
  recorder.level(pool.metrics.running, now, static_cast<double>(pool.running.size()));
  pool.busy_cores_milli.set(now, held.cores_milli);
  pool.idle_cores_milli.set(now, free.cores_milli);
  pool.down_cores_milli.set(now, down.cores_milli);
  pool.busy_accelerator_milli.set(now, held.accelerator_milli);
  pool.idle_accelerator_milli.set(now, free.accelerator_milli);
  pool.down_accelerator_milli.set(now, down.accelerator_milli);
}

}  // namespace

std::span<const Share> shares_of(const PoolState& pool, JobId job) {
  if (pool.jobs[job.value].members == 1) return {&pool.states[job.value].first, 1};
  return pool.gangs[job.value];
}

void note_reason(PoolState& pool, JobId job, std::string_view because) {
  if (!pool.notes.empty()) pool.notes[job.value].because = because;
}

void account_stop(World& world, PoolState& pool, JobId job, Engine& engine) {
  end_traffic(world, pool, job, engine);
  if (TrainingState* training = training_of(world, pool, job)) {
    training_stops(world, *training, engine);
  }
  unmark_work(pool, job, engine);
  const SimTime now = engine.now();
  JobView& view = pool.jobs[job.value];
  if (world.timeline != nullptr) draw_bar(world, pool, job, now);
  const Duration executed = now - view.started;
  view.attained = view.attained + executed;
  pool.job_core_ns += Int128{view.total.cores_milli} * executed.ns;
  pool.job_accelerator_ns += Int128{view.total.accelerator_milli} * executed.ns;
  if (counts_jobs(world.workloads[pool.states[job.value].workload])) {
    pool.batch_core_ns += Int128{view.total.cores_milli} * executed.ns;
    pool.batch_accelerator_ns += Int128{view.total.accelerator_milli} * executed.ns;
  }
  if (TenantBooks* books = books_of(pool, job)) {
    books->core_milli_ns += Int128{view.total.cores_milli} * executed.ns;
    books->accelerator_milli_ns += Int128{view.total.accelerator_milli} * executed.ns;
  }
  account_shares(world, pool, job, shares_of(pool, job), now, -1);
  pool.placer->release(view.each, shares_of(pool, job));
  note_residents(pool, job, false, now);
  if (pool.reserved != nullptr) pool.reserved->note(pool, job, -1);
  refresh_amounts(pool);
  // swap-removal: the order of `running` carries no meaning
  const std::uint32_t hole = pool.states[job.value].running_at;
  pool.running[hole] = pool.running.back();
  pool.states[pool.running[hole].value].running_at = hole;
  pool.running.pop_back();
  pool.view.running = pool.running;
  view.running = false;
}

void refresh_amounts(PoolState& pool) {
  pool.view.free = pool.fleet->free();
  if (pool.availability == nullptr && pool.reserved == nullptr) return;
  Resources capacity = pool.fleet->capacity();
  capacity -= pool.fleet->down();
  if (pool.reserved != nullptr) {
    const Resources kept = kept_free(pool);
    pool.view.free -= kept;
    capacity -= kept;
  }
  if (!(capacity == pool.view.capacity)) note_kinds_change(pool);
  pool.view.capacity = capacity;
  if (pool.kinds != nullptr && pool.kinds->stale) recount_kinds(pool);
}

JobId submit_job(World& world, PoolState& pool, std::uint32_t workload_index,
                 const JobRecord& record, Engine& engine, std::optional<std::uint32_t> owner_arg) {
  const SimTime now = engine.now();
  WorkloadState& workload = world.workloads[workload_index];
  const JobId job = take_slot(pool);
  JobView& view = pool.jobs[job.value];
  JobState& state = pool.states[job.value];
  view = JobView{};
  view.number = world.jobs_submitted++;
  view.submit = now;
  view.estimate = record.estimate;
  view.priority = record.priority;
  view.tenant = tenant_of(world, workload, record.tenant);
  if (view.tenant >= pool.terms.size()) meet_tenant(world, pool, view.tenant);
  view.members = record.members;
  view.each = record.each;
  if (workload.zones != 0) view.each.zones = workload.zones;
  view.total = total_of(record.each, record.members);
  if (record.profile != 0) {
    view.profile = static_cast<std::uint16_t>(workload.first_profile + record.profile);
    view.each.models = pool.kinds->models[view.profile];
  }
  state = JobState{};
  state.workload = workload_index;
  state.there = true;
  state.departs = record.run.has_value();
  if (record.run) state.run = *record.run;
  state.owned = owner_arg.has_value();
  state.owner_arg = owner_arg.value_or(0);
  if (world.log != nullptr) {
    pool.notes.resize(pool.jobs.size());
    pool.notes[job.value] = {record.name, {}};
  }
  ++workload.submitted;
  training_submitted(world, pool, job, now);
  workload.in_system.change(now, +1);
  if (counts_jobs(workload)) {
    world.recorder->add(workload.submitted_count, now, 1);
    if (!workload.first_submit) workload.first_submit = now;
    if (!pool.first_submit) pool.first_submit = now;
  }
  pool.offered_milli += view.total.accelerator_milli;
  ++pool.arrivals_in_pass;
  pool.vain_preemptions = 0;
  pool.view.now = now;
  pool.view.tenants = std::max<std::uint32_t>(1, static_cast<std::uint32_t>(world.tenants.size()));
  const bool possible = any_request(
      pool, job, 0, [&](const Request& each) { return pool.placer->possible(each, view.members); });
  // A service would only ask again.
  const bool allowed = state.owned || pool.view.terms_of(view.tenant).limit.covers(view.total);
  const std::string_view over = allowed ? platform_refuses(world, pool, job)
                                        : "it asks for more than the limit of its tenant";
  const std::string_view size =
      pool.domains != nullptr ? pool.domains->illegal_size(view.each, view.members) : "";
  if (!possible || !size.empty()) {
    if (!possible && size.empty()) note_confined(world, pool, job, 0, true);
    reject(world, pool, job, engine, size.empty() ? "no empty pool could hold it" : size);
  } else if (!over.empty()) {
    reject(world, pool, job, engine, over);
  } else {
    ++pool.waiting;
    note_waiting(pool, job, true);
    if (pool.spec->queue_limit) pool.queued.push_back({view.number, job});
    platform_submitted(world, pool, job, engine);
    pool.scheduler->submitted(job, pool.view);
  }
  request_pass(pool, engine);
  return job;
}

void tell_owner(const World& world, const PoolState& pool, JobId job, OwnerEvent what,
                Engine& engine) {
  const JobState& state = pool.states[job.value];
  if (!state.owned) return;
  const JobsWorkload& workload = *world.workloads[state.workload].spec;
  engine.schedule(engine.now(), Phase::physics, world.services[*workload.service].process,
                  static_cast<std::uint32_t>(what),
                  job_tag(pool.jobs[job.value].number) << 32 | state.owner_arg);
}

namespace {

void record_finish(World& world, PoolState& pool, JobId job, SimTime now) {
  const JobView& view = pool.jobs[job.value];
  const JobState& state = pool.states[job.value];
  WorkloadState& workload = world.workloads[state.workload];
  workload.last_end = pool.last_end = now;
  if (TenantBooks* books = books_of(pool, job)) {
    world.recorder->sample(books->completion, view.submit, to_seconds(now - view.submit));
  }
  pool.vain_preemptions = 0;
  Recorder& recorder = *world.recorder;
  const Duration in_system = now - view.submit;
  recorder.add(workload.finished_count, now, 1);
  recorder.sample(workload.completion, view.submit, to_seconds(in_system));
  // bounded slowdown (Feitelson & Rudolph 1998): short jobs count as 10 s
  const Duration ran = state.departs ? state.run : view.attained;  // elastic jobs: what it took
  const double run_s = std::max(to_seconds(ran), 10.0);
  recorder.sample(workload.slowdown, view.submit, std::max(1.0, to_seconds(in_system) / run_s));
}

/// The job has left for good: books, log, slot.
void leave(World& world, PoolState& pool, JobId job, Engine& engine) {
  const SimTime now = engine.now();
  WorkloadState& workload = world.workloads[pool.states[job.value].workload];
  ++workload.finished;
  workload.in_system.change(now, -1);
  workload.job_ns += (now - pool.jobs[job.value].submit).ns;
  if (counts_jobs(workload)) record_finish(world, pool, job, now);
  if (world.log != nullptr) {
    std::string server;
    JobRow row = row_of(world, pool, job, JobFate::finished, server);
    row.end = now;
    world.log->left(row);
  }
  free_slot_of(world, pool, job, engine, true);
  request_pass(pool, engine);
}

}  // namespace

void finish_job(World& world, PoolState& pool, JobId job, Engine& engine) {
  if (TrainingState* training = training_of(world, pool, job)) {
    training_finished(pool, *training, engine.now());
  }
  const JobState& state = pool.states[job.value];
  const Duration executed = engine.now() - pool.jobs[job.value].started;
  const Duration worked = work_done(pool, job, engine.now(), executed);
  const Duration overhead = std::min(restart_overhead(pool, state), worked);
  note_lost_run(pool, job, time_of(overhead, worked, executed), state.after_failure);
  account_stop(world, pool, job, engine);
  pool.view.now = engine.now();
  pool.scheduler->ended(job, pool.view);
  leave(world, pool, job, engine);
}

void end_job(World& world, PoolState& pool, JobId job, Engine& engine) {
  if (pool.jobs[job.value].running) {
    finish_job(world, pool, job, engine);
    return;
  }
  pool.view.now = engine.now();
  pool.scheduler->withdrawn(job, pool.view);
  HYPERDC_CHECK(pool.states[job.value].there && pool.waiting > 0,
                "a job was withdrawn that was not waiting");
  --pool.waiting;
  note_waiting(pool, job, false);
  leave(world, pool, job, engine);
}

void give_up_job(World& world, PoolState& pool, JobId job, Engine& engine, bool ran) {
  const SimTime now = engine.now();
  if (TrainingState* training = training_of(world, pool, job)) {
    training_given_up(pool, *training, now);
  }
  WorkloadState& workload = world.workloads[pool.states[job.value].workload];
  ++workload.failed;
  workload.in_system.change(now, -1);
  workload.job_ns += (now - pool.jobs[job.value].submit).ns;
  if (counts_jobs(workload)) pool.last_end = now;
  tell_owner(world, pool, job, OwnerEvent::lost, engine);
  if (world.log != nullptr) {
    std::string server;
    JobRow row = row_of(world, pool, job, JobFate::failed, server);
    row.end = now;
    world.log->left(row);
  }
  pool.view.now = now;
  if (ran) pool.scheduler->ended(job, pool.view);
  free_slot_of(world, pool, job, engine, false);
  request_pass(pool, engine);
}

void scheduling_pass(World& world, PoolState& pool, Engine& engine) {
  const SimTime now = engine.now();
  pool.pass_at.reset();
  pool.view.now = now;
  if (pool.availability != nullptr) refresh_amounts(pool);
  size_gangs(world, pool, engine);
  PoolActions actions(world, pool, engine);
  if (pool.reserved != nullptr) pool.reserved->begin_pass(pool, actions, now);
  pool.scheduler->schedule(pool.view, actions);
  actions.settle_wake();
  size_gangs_again(world, pool, engine);
  if (pool.spec->queue_limit) enforce_queue_limit(world, pool, engine);
  publish_levels(world, pool, now);
  publish_power(world, engine);
  if (world.timeline != nullptr) draw_levels(world, pool, now);
  note_demand_points(pool);
  if (pool.reserved != nullptr) pool.reserved->end_pass(pool, engine);
  note_idle_cause(pool, now);
  tell_emptied(pool, engine);
  tell_waiting(pool, engine);
}

void draw_remaining(const World& world, const PoolState& pool, SimTime end) {
  std::vector<JobId> running = pool.running;
  std::sort(running.begin(), running.end(), [&](JobId a, JobId b) {
    return pool.jobs[a.value].number < pool.jobs[b.value].number;
  });
  for (const JobId job : running) draw_bar(world, pool, job, end);
}

void log_remaining(const World& world, const PoolState& pool, SimTime end) {
  std::vector<JobId> there;
  std::vector<bool> gone(pool.jobs.size(), false);
  for (const JobId id : pool.free_slots) gone[id.value] = true;
  for (std::uint32_t i = 0; i < pool.jobs.size(); ++i) {
    if (!gone[i]) there.push_back(JobId{i});
  }
  std::sort(there.begin(), there.end(), [&](JobId a, JobId b) {
    return pool.jobs[a.value].number < pool.jobs[b.value].number;
  });
  for (const JobId job : there) {
    const JobView& view = pool.jobs[job.value];
    std::string server;
    const JobFate fate = view.running ? JobFate::running : JobFate::waiting;
    JobRow row = row_of(world, pool, job, fate, server);
    if (view.running) row.run = row.run + (end - view.started);
    world.log->left(row);
  }
}

}  // namespace hyperdc
