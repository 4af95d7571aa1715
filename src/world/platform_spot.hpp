// Spot servers of managed platforms: interruptions, what checkpoints keep, and the longest wait.
//
// Computes: a start on spot servers is interrupted once the first of its members is: the minimum
//   of one draw each. The job is told `notice` before. Of the work w that this start has done since
//   its run began, with one checkpoint that takes u to upload,
//   kept = max(floor((w - u) / every) * every, w - notice if u <= notice), at least 0;
//   without checkpoints nothing, and what earlier starts did is lost, too. The job is away until
//   there are servers again, and waits then as any other. One that is not done `max_wait` after its
//   submission is stopped, given up, and billed. A failure of a server comes without a notice; jobs
//   with checkpoints keep by the same equation, whatever the pool says.
// Units: s of work, s. Source: definition; numbers: scenarios/catalog/platforms.
// Streams: workloads.NAME.platform.interruption and .away, by job and start.
// Valid range: servers at full speed. A checkpoint is uploaded while the job goes on (no pause).
// Leaves out: prices that move, the notice of a rebalance, interruptions of a kept server, bounds
// on the servers of all customers: what a pool has is what can be had.
#pragma once

#include "world/world.hpp"

namespace hyperdc {

/// A job has joined the waiting.
void spot_submitted(const World& world, PoolState& pool, JobId job, Engine& engine);
/// It has its servers, or has left them; nothing for other jobs.
void spot_starts(World& world, PoolState& pool, JobId job, Engine& engine);
void spot_stops(PoolState& pool, JobId job, Engine& engine);
/// It has left for good.
void spot_left(PoolState& pool, JobId job, Engine& engine);

/// What the events of the pool's process ask for.
void spot_next(World& world, PoolState& pool, JobId job, Engine& engine);
void spot_expired(World& world, PoolState& pool, JobId job, Engine& engine);

/// True of a job with checkpoints.
bool has_checkpoints(const World& world, const PoolState& pool, JobId job);
/// Books what remains of a start that has just ended, `executed` after its begin.
void keep_checkpoints(World& world, PoolState& pool, JobId job, Duration executed, Duration notice);
/// Starts that something ended: which draws are of the next.
std::uint64_t starts_before(const PoolState& pool, JobId job);

}  // namespace hyperdc
