// Managed platforms: what jobs go through on their servers beside their run, and what is billed.
//
// Computes: a job that starts holds its servers through
//   provision   drawn for each start, 0 on servers that were kept for it
//   pull        image / pull_rate, 0 on servers that were kept
//   stage       data / stage_rate
//   run         as of any job
//   upload      upload / upload_rate
//   one after the other. A start that is interrupted has had what it got to, in this order, and no
//   upload; the next start goes through all of it again.
//   billed = ceil(max(least, time from the first billed phase on) / granularity) * granularity
//   for each start, 0 where it did not get there. With keep_alive the servers of a job that has
//   finished stay for the next of the same workload and shape; that time is billed, too, until the
//   next takes them, keep_alive is over, or another job of the pool takes the server.
//   cost = price of a server * largest share of it that is held * billed time * (1 - discount).
// Spot servers and checkpoints: world/platform_spot.hpp.
// Units: s, USD. Source: scenarios/catalog/platforms. Law: time held = sum of the phases.
// Valid range: jobs of a pool whose servers run at full speed; where they are slowed, all phases
// are, and run takes the difference.
// Pipelines and quotas: world/pipelines.hpp.
// Leaves out: capacity that a region has not, a chain of keep-alives that has a longest
// time, data that is there already, traffic of pull, stage and upload on fabrics (their rates are
// those of one server alone), image layers; schedulers know the run time that users state, not the
// phases.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "metrics/recorder.hpp"
#include "world/platform_state.hpp"
#include "world/world.hpp"

namespace hyperdc {

/// After pools and workloads.
void enable_platforms(World& world);
/// Takes shares on servers that stay for this job; false, and none are taken: there are not enough.
bool take_warm(const World& world, PoolState& pool, JobId job, SimTime now,
               std::vector<Share>& shares);
/// A server fails or goes: nobody finds it kept.
void lose_kept(World& world, PoolState& pool, ServerId server, SimTime now);
/// Why the platform takes no such job; empty: it does, or there is none.
std::string_view platform_refuses(const World& world, const PoolState& pool, JobId job);
/// A job has joined the waiting.
void platform_submitted(const World& world, PoolState& pool, JobId job, Engine& engine);
/// A job of the pool has its shares: its set-up is known from here on.
void platform_starts(World& world, PoolState& pool, JobId job, SimTime now);
/// Before and after the run of this start; nothing for jobs that are on no platform.
Duration set_up_of(const PoolState& pool, JobId job);
Duration upload_of(const World& world, const PoolState& pool, JobId job);
/// A job leaves its servers; now, before account_stop().
void platform_stops(World& world, PoolState& pool, JobId job, Engine& engine, bool finished);
/// A job leaves its pool for good.
void platform_left(World& world, PoolState& pool, JobId job, Engine& engine, bool finished);

/// Members * ns of each phase, those of jobs that still run included.
std::array<Int128, kPlatformPhases> platform_times(const World& world, const PlatformState& state,
                                                   std::uint32_t workload, SimTime end);
/// Servers * ns that stayed without a job.
Int128 platform_idle_ns(const PlatformState& state, SimTime end);
void read_platform(const World& world, std::uint32_t workload, SimTime end,
                   std::vector<MetricValue>& values);

}  // namespace hyperdc
