#include "world/platform_spot.hpp"

#include <algorithm>

#include "world/losses.hpp"
#include "world/nodes/nodes.hpp"
#include "world/platform_state.hpp"
#include "world/platforms.hpp"
#include "world/pool.hpp"
#include "world/pool_actions.hpp"
#include "world/speed.hpp"

namespace hyperdc {
namespace {

constexpr std::uint64_t kAttributesOfOneDraw = 1024;  // core/distribution.hpp
constexpr Duration kLongTime{std::int64_t{1} << 61};  // estimates beyond it are not added to

PlatformState* spot_platform(const World& world, const PoolState& pool, JobId job) {
  if (pool.platforms == nullptr) return nullptr;
  PlatformState* state = world.workloads[pool.states[job.value].workload].platform.get();
  return state != nullptr && state->spec->spot ? state : nullptr;
}

void cancel(EventId& event, Engine& engine) {
  if (event != kNoEvent) engine.cancel(event);
  event = kNoEvent;
}

EventId plan_event(const PoolState& pool, JobId job, PoolEvent kind, SimTime at, Engine& engine) {
  return engine.schedule(at, Phase::physics, pool.process, static_cast<std::uint32_t>(kind),
                         job.value);
}

/// Draws of distributions have no upper end; no run is as long.
Duration drawn(double s) {
  constexpr double kNever_s = 100.0 * 365 * 86400;
  return seconds(std::clamp(s, 0.0, kNever_s));
}

/// `worked`: of the work of `left` and of the upload of results after it.
Duration kept_of(const PlatformCheckpoints& spec, Duration worked, Duration left, Duration notice) {
  Duration kept;
  if (spec.every && worked >= spec.upload) {
    const Duration due = std::min(worked - spec.upload, left);
    kept = Duration{due.ns / spec.every->ns * spec.every->ns};
  }
  if (spec.upload <= notice && worked >= notice) kept = std::max(kept, worked - notice);
  return kept;
}

/// Until the first of its members is taken.
Duration time_to_interruption(const PlatformState& state, const PoolState& pool, JobId job) {
  const JobView& view = pool.jobs[job.value];
  const std::uint64_t first = starts_before(pool, job) * view.members;
  double least =
      state.interruption->draw(state.interruption_draws, view.number, first * kAttributesOfOneDraw);
  for (std::uint64_t member = 1; member < view.members; ++member) {
    least = std::min(least, state.interruption->draw(state.interruption_draws, view.number,
                                                     (first + member) * kAttributesOfOneDraw));
  }
  return drawn(least);
}

void book_lost_work(World& world, const PoolState& pool, JobId job, Duration lost) {
  const Resources& total = pool.jobs[job.value].total;
  WorkloadState& workload = world.workloads[pool.states[job.value].workload];
  workload.lost_core_milli_ns += Int128{total.cores_milli} * lost.ns;
  workload.lost_accelerator_milli_ns += Int128{total.accelerator_milli} * lost.ns;
  workload.platform->lost_ns += lost.ns;
}

/// It leaves its servers, before its work is booked.
Duration stop_spot(World& world, PoolState& pool, JobId job, Engine& engine,
                   std::string_view because) {
  JobState& state = pool.states[job.value];
  const Duration executed = engine.now() - pool.jobs[job.value].started;
  platform_stops(world, pool, job, engine, false);
  account_stop(world, pool, job, engine);
  cancel(state.end_event, engine);
  note_reason(pool, job, because);
  pool.view.now = engine.now();
  return executed;
}

void interrupt(World& world, PoolState& pool, JobId job, PlatformState& platform, Engine& engine) {
  JobState& state = pool.states[job.value];
  const Duration executed = stop_spot(world, pool, job, engine, "its spot servers were taken back");
  ++world.workloads[state.workload].interrupted;
  pool.scheduler->ended(job, pool.view);
  keep_checkpoints(world, pool, job, executed, platform.spec->spot->notice);
  state.after_failure = true;
  state.moved = false;
  ++platform.interruptions;
  SpotJob& spot = pool.platforms->spot[job.value];
  const double away_s = platform.away->draw(platform.away_draws, pool.jobs[job.value].number,
                                            spot.interruptions * kAttributesOfOneDraw);
  ++spot.interruptions;
  spot.away = true;
  spot.next = plan_event(pool, job, PoolEvent::spot_next, engine.now() + drawn(away_s), engine);
  request_pass(pool, engine);
}

}  // namespace

void spot_submitted(const World& world, PoolState& pool, JobId job, Engine& engine) {
  const PlatformState* platform = spot_platform(world, pool, job);
  if (platform == nullptr) return;
  std::vector<SpotJob>& all = pool.platforms->spot;
  if (all.size() < pool.jobs.size()) all.resize(pool.jobs.size());
  all[job.value] = {};
  if (!platform->spec->spot->max_wait) return;
  all[job.value].expiry = plan_event(pool, job, PoolEvent::spot_expired,
                                     engine.now() + *platform->spec->spot->max_wait, engine);
}

void spot_starts(World& world, PoolState& pool, JobId job, Engine& engine) {
  const PlatformState* platform = spot_platform(world, pool, job);
  if (platform == nullptr) return;
  pool.platforms->spot[job.value].next =
      plan_event(pool, job, PoolEvent::spot_next,
                 engine.now() + time_to_interruption(*platform, pool, job), engine);
}

void spot_stops(PoolState& pool, JobId job, Engine& engine) {
  if (pool.platforms == nullptr || job.value >= pool.platforms->spot.size()) return;
  cancel(pool.platforms->spot[job.value].next, engine);
}

void spot_left(PoolState& pool, JobId job, Engine& engine) {
  if (pool.platforms == nullptr || job.value >= pool.platforms->spot.size()) return;
  SpotJob& spot = pool.platforms->spot[job.value];
  cancel(spot.next, engine);
  cancel(spot.expiry, engine);
  spot = {};
}

void spot_next(World& world, PoolState& pool, JobId job, Engine& engine) {
  SpotJob& spot = pool.platforms->spot[job.value];
  spot.next = kNoEvent;
  if (!spot.away) return interrupt(world, pool, job, *spot_platform(world, pool, job), engine);
  spot.away = false;
  pool.view.now = engine.now();
  wait_again(pool, job);
  pool.scheduler->submitted(job, pool.view);
  request_pass(pool, engine);
}

void spot_expired(World& world, PoolState& pool, JobId job, Engine& engine) {
  SpotJob& spot = pool.platforms->spot[job.value];
  spot.expiry = kNoEvent;
  PlatformState& platform = *spot_platform(world, pool, job);
  ++platform.expired;
  constexpr std::string_view kBecause = "it was not done within the longest wait of its platform";
  const JobState& state = pool.states[job.value];
  const bool ran = pool.jobs[job.value].running;
  Duration lost = std::min(state.done, state.run);
  if (ran) {
    const SimTime started = pool.jobs[job.value].started;
    const Duration executed = stop_spot(world, pool, job, engine, kBecause);
    const Duration worked = work_done(pool, job, started + executed, executed);
    const Duration run = std::max(Duration{}, worked - start_overhead(pool, job));
    lost = lost + std::min(run, state.run - lost);
    note_lost_run(pool, job, executed, true);
  } else if (!spot.away) {
    pool.view.now = engine.now();
    pool.scheduler->withdrawn(job, pool.view);
    --pool.waiting;
    note_waiting(pool, job, false);
  }
  note_reason(pool, job, kBecause);
  book_lost_work(world, pool, job, lost);
  give_up_job(world, pool, job, engine, ran);
}

bool has_checkpoints(const World& world, const PoolState& pool, JobId job) {
  if (pool.platforms == nullptr) return false;
  const PlatformState* state = world.workloads[pool.states[job.value].workload].platform.get();
  return state != nullptr && state->spec->checkpoints.has_value();
}

void keep_checkpoints(World& world, PoolState& pool, JobId job, Duration executed,
                      Duration notice) {
  JobState& state = pool.states[job.value];
  PlatformState& platform = *world.workloads[state.workload].platform;
  const Duration worked = work_done(pool, job, pool.jobs[job.value].started + executed, executed);
  const Duration before = std::min(state.done, state.run);
  const Duration left = state.run - before;
  const Duration run = std::max(Duration{}, worked - start_overhead(pool, job));
  Duration kept, lost = std::min(run, left);
  if (platform.spec->checkpoints) {
    kept = std::min(kept_of(*platform.spec->checkpoints, run, left, notice), left);
    lost = lost - kept;
    state.done = state.done + kept;
  } else {
    lost = lost + before;
    state.done = Duration{};
  }
  platform.saved_ns += kept.ns;
  book_lost_work(world, pool, job, lost);
  note_lost_run(pool, job, time_of(worked - kept, worked, executed), true);
  // What is to be done again is added to the user's estimate of the whole.
  JobView& view = pool.jobs[job.value];
  const Duration again = std::max(Duration{}, before - state.done);
  if (view.estimate < kLongTime) view.estimate = view.estimate + (executed - kept) + again;
}

std::uint64_t starts_before(const PoolState& pool, JobId job) {
  const JobState& state = pool.states[job.value];
  const bool spot = pool.platforms != nullptr && job.value < pool.platforms->spot.size();
  return std::uint64_t{state.preemptions} + state.failures +
         (spot ? pool.platforms->spot[job.value].interruptions : 0);
}

}  // namespace hyperdc
