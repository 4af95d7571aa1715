// Speed: servers that run slower under a power cap or in warm air, and jobs that end later for it.
//
// Computes: a job advances by min over the blocks of its members of their speed, 0 < speed <= 1, a
//   second: its members wait for the slowest. It ends when the work behind it is its run time.
//   A limit of the job is one member more, and a factor on all of that.
//     worked(t) = worked(t0) + speed * (t - t0),   end = t0 + (left / speed).
// Units: 1 (of full speed), ns. Source: definition; the speed itself: model/power/throttle.hpp.
// Cost: a change of speed costs the running jobs of the pool, once for any number of blocks.
// Leaves out: work that moves to faster members. Services read PoolState::speed themselves.
#pragma once

#include <cstdint>
#include <span>

#include "world/world.hpp"

namespace hyperdc {

/// Before anything runs: the speeds of this pool may change.
void enable_speeds(PoolState& pool);

struct BlockSpeed {
  std::uint32_t block = 0;
  double speed = 1;
};
/// Running jobs that stand on these blocks are re-timed.
void set_speeds(World& world, PoolState& pool, std::span<const BlockSpeed> speeds, Engine& engine);
void set_speed(World& world, PoolState& pool, std::uint32_t block, double speed, Engine& engine);

/// A job is slower than its servers let it be, or not any more; before it starts, or with
/// retime_job() while it runs.
void limit_job(PoolState& pool, JobId job, const JobLimit& limit);
void retime_job(PoolState& pool, JobId job, Engine& engine);

/// A running job stands still, or goes on: its members wait for something.
void hold_job(PoolState& pool, JobId job, Engine& engine);
void release_job(PoolState& pool, JobId job, Engine& engine);

/// How long work takes at a speed above 0; rounded up, so that it is done when the event comes.
Duration time_for(Duration work, double speed);

/// The job starts now with `left` to do: how long that takes at the speed of its servers.
Duration begin_work(PoolState& pool, JobId job, SimTime now, Duration left);
/// Work done since the start, of a running job that started `executed` ago.
Duration work_done(const PoolState& pool, JobId job, SimTime now, Duration executed);

}  // namespace hyperdc
