#include "world/availability.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include <hyperdc/core/assert.hpp>

#include "world/control_plane.hpp"
#include "world/kinds.hpp"
#include "world/losses.hpp"
#include "world/nodes/nodes.hpp"
#include "world/platform_spot.hpp"
#include "world/platforms.hpp"
#include "world/pool.hpp"
#include "world/pool_actions.hpp"
#include "world/speed.hpp"
#include "world/storage.hpp"
#include "world/training.hpp"

namespace hyperdc {

namespace {

/// Estimates beyond this many ns (146 years) mean "for ever" and are left as they are.
constexpr std::int64_t kLongEstimate = std::numeric_limits<std::int64_t>::max() / 2;

AvailabilityState& state_of(PoolState& pool) {
  HYPERDC_CHECK(pool.availability != nullptr, "servers of this pool do not come and go");
  return *pool.availability;
}

/// Whether what is stored on a server can be read.
bool serves(ServerStatus status) {
  return status == ServerStatus::up || status == ServerStatus::draining;
}

/// Books a change of status: levels, power, and whether anything fits on the server.
void set_status(World& world, PoolState& pool, ServerId server, ServerStatus to, Engine& engine) {
  AvailabilityState& state = state_of(pool);
  const ServerStatus from = state.status[server.value];
  if (from == to) return;
  const SimTime now = engine.now();
  const std::uint32_t block = pool.fleet->block_of(server);
  state.status[server.value] = to;
  state.in_status[block][static_cast<std::size_t>(from)].change(now, -1);
  state.in_status[block][static_cast<std::size_t>(to)].change(now, +1);
  if (from == ServerStatus::down) --state.down;
  if (to == ServerStatus::down) ++state.down;
  const bool barred = launch_is_out(world, pool.block_racks[block]);  // then it is closed already
  if (from == ServerStatus::up && !barred) pool.placer->close(server);
  if (to == ServerStatus::up && !barred) pool.placer->open(server);
  note_kinds_change(pool);
  world.power.change_status(now, pool.power_part[block], from, to);
  note_status(world, pool, server, from, to, now);
  if (serves(from) != serves(to)) {
    storage_server_changed(world, pool.index, server, serves(to), engine);
  }
  world.recorder->level(pool.metrics.servers_down, now, static_cast<double>(state.down));
  request_pass(pool, engine);
}

/// Stops the jobs that hold a share of the server (of one of `devices`, unless 0), oldest first.
/// `planned`: they lose no more than their servers.
void stop_jobs(World& world, PoolState& pool, ServerId server, std::uint32_t devices, bool planned,
               Engine& engine, std::string_view because) {
  std::vector<JobId>& jobs = state_of(pool).scratch;
  list_residents(pool, server, devices, jobs);
  if (!planned && devices == 0) training_memory_lost(world, pool, server);
  for (const JobId job : jobs) {
    TrainingState* const training = training_of(world, pool, job);
    if (training != nullptr && !planned) {
      training_loses(world, pool, *training, server, devices != 0, engine, because);
    } else {
      stop_by_failure(world, pool, job, engine, because);
    }
  }
}

void tell(const DrainWaiter& waiter, Engine& engine) {
  engine.schedule(engine.now(), Phase::control, waiter.owner, waiter.kind, waiter.arg);
}

/// The server's drain is over; its waiter is told or not.
void end_drain(PoolState& pool, ServerId server, Engine& engine, bool telling) {
  AvailabilityState& state = state_of(pool);
  const auto drain = state.drains.find(server.value);
  if (drain == state.drains.end()) return;
  if (drain->second.deadline != kNoEvent) engine.cancel(drain->second.deadline);
  if (telling && !drain->second.told) tell(drain->second.waiter, engine);
  state.drains.erase(drain);
}

void cancel_boot(PoolState& pool, ServerId server, Engine& engine) {
  AvailabilityState& state = state_of(pool);
  const auto boot = state.boots.find(server.value);
  if (boot == state.boots.end()) return;
  engine.cancel(boot->second);
  state.boots.erase(boot);
}

void begin_boot(World& world, PoolState& pool, ServerId server, Engine& engine, Duration boot) {
  if (boot.ns == 0) return set_status(world, pool, server, ServerStatus::up, engine);
  set_status(world, pool, server, ServerStatus::booting, engine);
  state_of(pool).boots[server.value] =
      engine.schedule(engine.now() + boot, Phase::physics, pool.process,
                      static_cast<std::uint32_t>(PoolEvent::booted), server.value);
}

/// Down or off: whoever is on it, or waits for it, learns.
void leave_service(World& world, PoolState& pool, ServerId server, ServerStatus to, Engine& engine,
                   std::string_view because) {
  cancel_boot(pool, server, engine);
  end_drain(pool, server, engine, true);
  set_status(world, pool, server, to, engine);
  lose_kept(world, pool, server, engine.now());
  stop_jobs(world, pool, server, 0, to == ServerStatus::off, engine, because);
}

Duration boot_time(const World& world, const PoolState& pool, ServerId server) {
  return world.scenario->server_types[pool.block_type[pool.fleet->block_of(server)]].boot_time;
}

/// A training run has gone back to its checkpoint, and what that costs is in its books. Only
/// failures use up retries.
bool training_goes_on(const PoolState& pool, JobView& view, JobState& state,
                      TrainingState& training) {
  const bool failed = std::exchange(training.failed, false);
  view.estimate = view.attained + training.run.left();
  if (!failed) return true;
  ++state.failures;
  const PoolSpec& spec = *pool.spec;
  return spec.on_failure != OnFailure::fail && (!spec.retries || state.failures <= *spec.retries);
}

/// Books what the failure destroys; false: the job is given up.
bool goes_on(World& world, PoolState& pool, JobId job, Duration executed) {
  JobView& view = pool.jobs[job.value];
  JobState& state = pool.states[job.value];
  if (TrainingState* training = training_of(world, pool, job)) {
    return training_goes_on(pool, view, state, *training);
  }
  const PoolSpec& spec = *pool.spec;
  const Duration worked = work_done(pool, job, view.started + executed, executed);
  const Duration useful = std::max(Duration{}, worked - start_overhead(pool, job));
  ++state.failures;
  const bool again =
      spec.on_failure != OnFailure::fail && (!spec.retries || state.failures <= *spec.retries);
  if (again && has_checkpoints(world, pool, job)) {
    keep_checkpoints(world, pool, job, executed, {});
    return true;
  }
  if (again && spec.on_failure == OnFailure::resume) {
    state.done = state.done + useful;
    note_lost_run(pool, job, time_of(worked - useful, worked, executed), true);
    return true;
  }
  // What is to be done again is added to the user's estimate of the whole.
  if (view.estimate.ns < kLongEstimate) view.estimate = view.estimate + executed;
  const Duration lost = state.done + useful;
  note_lost_run(pool, job, executed, true);
  WorkloadState& workload = world.workloads[state.workload];
  workload.lost_core_milli_ns += Int128{view.total.cores_milli} * lost.ns;
  workload.lost_accelerator_milli_ns += Int128{view.total.accelerator_milli} * lost.ns;
  state.done = Duration{};
  return again;
}

}  // namespace

void enable_availability(World& world, PoolState& pool) {
  if (pool.availability != nullptr) return;
  pool.availability = std::make_unique<AvailabilityState>(*pool.fleet);
  pool.metrics.servers_down =
      world.recorder->declare({"pools." + pool.spec->name + ".servers.down", "servers",
                               "servers that failed or are in maintenance", MetricKind::level});
  world.recorder->level(pool.metrics.servers_down, SimTime{}, 0);
}

ServerStatus status_of(const PoolState& pool, ServerId server) {
  return pool.availability == nullptr ? ServerStatus::up : pool.availability->status[server.value];
}

void take_down(World& world, PoolState& pool, ServerId server, Engine& engine,
               std::string_view because) {
  std::uint8_t& holds = state_of(pool).holds[server.value];
  HYPERDC_CHECK(holds < std::numeric_limits<std::uint8_t>::max(), "too many reasons to be down");
  ++holds;
  const ServerStatus status = status_of(pool, server);
  if (status == ServerStatus::down || status == ServerStatus::off) return;
  leave_service(world, pool, server, ServerStatus::down, engine, because);
}

void bring_up(World& world, PoolState& pool, ServerId server, Engine& engine) {
  std::uint8_t& holds = state_of(pool).holds[server.value];
  HYPERDC_CHECK(holds > 0, "a server is brought up that nothing holds down");
  --holds;
  if (holds > 0 || status_of(pool, server) != ServerStatus::down) return;
  begin_boot(world, pool, server, engine, boot_time(world, pool, server));
}

void bar_block(PoolState& pool, std::uint32_t block, bool barred, Engine& engine) {
  const std::uint32_t first = pool.block_first[block];
  for (std::uint32_t i = first; i < first + pool.blocks[block].count; ++i) {
    const ServerId server{i};
    if (status_of(pool, server) != ServerStatus::up) continue;
    if (barred) {
      pool.placer->close(server);
    } else {
      pool.placer->open(server);
    }
  }
  note_kinds_change(pool);
  request_pass(pool, engine);
}

void take_down_device(World& world, PoolState& pool, ServerId server, std::uint32_t device,
                      Engine& engine, std::string_view because) {
  if (++state_of(pool).device_holds[{server.value, device}] > 1) return;
  pool.placer->close_device(server, device);
  note_kinds_change(pool);
  stop_jobs(world, pool, server, std::uint32_t{1} << device, false, engine, because);
  request_pass(pool, engine);
}

void bring_up_device(World&, PoolState& pool, ServerId server, std::uint32_t device,
                     Engine& engine) {
  auto& holds = state_of(pool).device_holds;
  const auto held = holds.find({server.value, device});
  HYPERDC_CHECK(held != holds.end(), "a device is brought up that nothing holds down");
  if (--held->second > 0) return;
  holds.erase(held);
  pool.placer->open_device(server, device);
  note_kinds_change(pool);
  request_pass(pool, engine);
}

void start_drain(World& world, PoolState& pool, ServerId server, Engine& engine,
                 std::optional<SimTime> deadline, const DrainWaiter& waiter) {
  AvailabilityState& state = state_of(pool);
  const ServerStatus status = status_of(pool, server);
  if (status == ServerStatus::draining) {
    AvailabilityState::Drain& drain = state.drains.at(server.value);
    if (!drain.told) tell(drain.waiter, engine);
    drain.waiter = waiter;
    drain.told = false;
    if (!state.residents.any(server)) state.emptied.push_back(server);
    return request_pass(pool, engine);
  }
  if (status != ServerStatus::up) return tell(waiter, engine);
  set_status(world, pool, server, ServerStatus::draining, engine);
  AvailabilityState::Drain drain{waiter, kNoEvent, false};
  if (deadline) {
    drain.deadline =
        engine.schedule(*deadline, Phase::fault, pool.process,
                        static_cast<std::uint32_t>(PoolEvent::drain_expired), server.value);
  }
  state.drains[server.value] = drain;
  if (!state.residents.any(server)) state.emptied.push_back(server);  // told at the end of the pass
}

void list_residents(const PoolState& pool, ServerId server, std::uint32_t devices,
                    std::vector<JobId>& jobs) {
  jobs.clear();
  pool.availability->residents.list(server, devices, jobs);
  std::sort(jobs.begin(), jobs.end(), [&](JobId a, JobId b) {
    return pool.jobs[a.value].number < pool.jobs[b.value].number;
  });
  jobs.erase(std::unique(jobs.begin(), jobs.end()), jobs.end());
}

void evict_replicas(const World& world, PoolState& pool, ServerId server, Engine& engine) {
  std::vector<JobId> jobs;
  list_residents(pool, server, 0, jobs);
  for (const JobId job : jobs) tell_owner(world, pool, job, OwnerEvent::evicted, engine);
}

void cancel_drain(World& world, PoolState& pool, ServerId server, Engine& engine) {
  if (status_of(pool, server) != ServerStatus::draining) return;
  end_drain(pool, server, engine, false);
  set_status(world, pool, server, ServerStatus::up, engine);
}

void power_off(World& world, PoolState& pool, ServerId server, Engine& engine,
               std::string_view because) {
  if (status_of(pool, server) == ServerStatus::off) return;
  leave_service(world, pool, server, ServerStatus::off, engine, because);
}

void power_on(World& world, PoolState& pool, ServerId server, Engine& engine, Duration boot) {
  HYPERDC_CHECK(status_of(pool, server) == ServerStatus::off, "the server is not off");
  if (state_of(pool).holds[server.value] > 0) {
    return set_status(world, pool, server, ServerStatus::down, engine);
  }
  begin_boot(world, pool, server, engine, boot);
}

void boot_ended(World& world, PoolState& pool, ServerId server, Engine& engine) {
  state_of(pool).boots.erase(server.value);
  set_status(world, pool, server, ServerStatus::up, engine);
}

void drain_expired(World& world, PoolState& pool, ServerId server, Engine& engine) {
  state_of(pool).drains.at(server.value).deadline = kNoEvent;
  stop_jobs(world, pool, server, 0, true, engine, "its server was drained");
}

void note_residents(PoolState& pool, JobId job, bool there, SimTime now) {
  if (pool.availability == nullptr) return;
  AvailabilityState& state = *pool.availability;
  for (const Share& share : shares_of(pool, job)) {
    note_resident_change(pool, share.server, now);
    if (there) {
      state.residents.add(job, share);
      continue;
    }
    state.residents.remove(job, share);
    const bool drains = state.status[share.server.value] == ServerStatus::draining;
    if (drains && !state.residents.any(share.server)) state.emptied.push_back(share.server);
  }
}

void tell_emptied(PoolState& pool, Engine& engine) {
  if (pool.availability == nullptr) return;
  AvailabilityState& state = *pool.availability;
  for (const ServerId server : state.emptied) {
    const auto drain = state.drains.find(server.value);
    if (drain == state.drains.end() || drain->second.told) continue;
    if (state.residents.any(server)) continue;
    if (drain->second.deadline != kNoEvent) engine.cancel(drain->second.deadline);
    drain->second.deadline = kNoEvent;
    drain->second.told = true;
    tell(drain->second.waiter, engine);
  }
  state.emptied.clear();
}

void stop_by_failure(World& world, PoolState& pool, JobId job, Engine& engine,
                     std::string_view because) {
  JobView& view = pool.jobs[job.value];
  JobState& state = pool.states[job.value];
  HYPERDC_CHECK(view.running, "a job is stopped that does not run");
  const SimTime now = engine.now();
  TrainingState* const training = training_of(world, pool, job);
  if (training != nullptr && training->holds) {
    training_gives_way(world, pool, *training, TrainingLoss::more, engine);
  }
  const Duration executed = now - view.started;
  platform_stops(world, pool, job, engine, false);
  account_stop(world, pool, job, engine);
  if (state.end_event != kNoEvent) engine.cancel(state.end_event);
  state.end_event = kNoEvent;
  ++world.workloads[state.workload].interrupted;
  note_reason(pool, job, because);
  pool.view.now = now;
  // A service starts another replica in the place of one that it lost.
  if (!state.owned && goes_on(world, pool, job, executed)) {
    state.after_failure = true;
    wait_again(pool, job);
    pool.scheduler->submitted(job, pool.view);
  } else {
    give_up_job(world, pool, job, engine);
  }
  request_pass(pool, engine);
}

}  // namespace hyperdc
