#include "world/speed.hpp"

#include <algorithm>
#include <cmath>

#include <hyperdc/core/assert.hpp>

#include "world/kinds.hpp"
#include "world/pool.hpp"
#include "world/work_marks.hpp"

namespace hyperdc {

namespace {

double speed_of(const PoolState& pool, JobId job) {
  double least = 1;
  for (const Share& share : shares_of(pool, job)) {
    least = std::min(least, pool.speed[pool.fleet->block_of(share.server)]);
  }
  if (pool.kinds != nullptr) least *= speed_on_kinds(pool, job);
  const auto limit = pool.job_limits.find(job.value);
  if (limit == pool.job_limits.end()) return least;
  return std::min(least, limit->second.speed) * limit->second.factor;
}

Duration work_in(Duration time, double speed) {
  if (speed == 1) return time;
  return Duration{static_cast<std::int64_t>(std::floor(static_cast<double>(time.ns) * speed))};
}

}  // namespace

Duration time_for(Duration work, double speed) {
  if (speed == 1) return work;
  return whole_ns_above(static_cast<double>(work.ns) / speed);
}

void enable_speeds(PoolState& pool) {
  if (pool.speed.empty()) pool.speed.assign(pool.blocks.size(), 1.0);
}

Duration begin_work(PoolState& pool, JobId job, SimTime now, Duration left) {
  if (pool.speed.empty()) return left;
  if (pool.paces.size() < pool.jobs.size()) pool.paces.resize(pool.jobs.size());
  pool.paces[job.value] = {now, Duration{}, left, speed_of(pool, job)};
  return time_for(left, pool.paces[job.value].speed);
}

Duration work_done(const PoolState& pool, JobId job, SimTime now, Duration executed) {
  if (pool.speed.empty()) return executed;
  const JobPace& pace = pool.paces[job.value];
  return pace.worked + work_in(now - pace.since, pace.speed);
}

void set_speeds(World&, PoolState& pool, std::span<const BlockSpeed> speeds, Engine& engine) {
  HYPERDC_CHECK(!pool.speed.empty(), "the speeds of this pool do not change");
  bool changed = false;
  for (const BlockSpeed& s : speeds) {
    HYPERDC_CHECK(s.speed > 0 && s.speed <= 1, "a speed outside 0..1");
    changed = changed || pool.speed[s.block] != s.speed;
    pool.speed[s.block] = s.speed;
  }
  if (!changed) return;
  for (const JobId job : pool.running) retime_job(pool, job, engine);
}

void limit_job(PoolState& pool, JobId job, const JobLimit& limit) {
  if (limit == JobLimit{}) {
    pool.job_limits.erase(job.value);
    return;
  }
  HYPERDC_CHECK(!pool.speed.empty(), "the speeds of this pool do not change");
  HYPERDC_CHECK(limit.speed > 0 && limit.factor > 0 && limit.speed * limit.factor <= 1,
                "a limit outside 0..1");
  pool.job_limits[job.value] = limit;
}

void retime_job(PoolState& pool, JobId job, Engine& engine) {
  const SimTime now = engine.now();
  JobPace& pace = pool.paces[job.value];
  if (pace.speed == 0) return;  // it is held, and looks when it is released
  const double speed = speed_of(pool, job);
  if (speed == pace.speed) return;
  pace.worked = work_done(pool, job, now, {});
  pace.since = now;
  pace.speed = speed;
  retime_marks(pool, job, engine);
  JobState& state = pool.states[job.value];
  if (state.end_event == kNoEvent) return;
  const Duration left = std::max(Duration{}, pace.work - pace.worked);
  state.end_event = engine.reschedule(state.end_event, now + time_for(left, speed));
}

void hold_job(PoolState& pool, JobId job, Engine& engine) {
  JobPace& pace = pool.paces[job.value];
  pace.worked = work_done(pool, job, engine.now(), {});
  pace.since = engine.now();
  pace.speed = 0;
  JobState& state = pool.states[job.value];
  if (state.end_event != kNoEvent) engine.cancel(state.end_event);
  state.end_event = kNoEvent;
  retime_marks(pool, job, engine);
}

void release_job(PoolState& pool, JobId job, Engine& engine) {
  JobPace& pace = pool.paces[job.value];
  HYPERDC_CHECK(pace.speed == 0, "a job was released that is not held");
  pace.since = engine.now();
  pace.speed = speed_of(pool, job);
  retime_marks(pool, job, engine);
  JobState& state = pool.states[job.value];
  if (!state.departs) return;
  const Duration left = std::max(Duration{}, pace.work - pace.worked);
  state.end_event =
      engine.schedule(engine.now() + time_for(left, pace.speed), Phase::physics, pool.process,
                      static_cast<std::uint32_t>(PoolEvent::finish), job.value);
}

void set_speed(World& world, PoolState& pool, std::uint32_t block, double speed, Engine& engine) {
  const BlockSpeed one{block, speed};
  set_speeds(world, pool, {&one, 1}, engine);
}

}  // namespace hyperdc
