// What happens to jobs in a pool: submitted, started, preempted, finished, rejected. The processes
// call these on the state of the world; they keep views, books and metrics in step.
#pragma once

#include <cstdint>
#include <string_view>

#include "world/world.hpp"

namespace hyperdc {

/// Kinds of events of a pool's process.
enum class PoolEvent : std::uint32_t { finish, pass, wake };

/// A job joins the waiting (or is rejected when no empty pool could hold it); asks for a pass.
void submit_job(World& world, PoolState& pool, std::uint32_t workload, const JobRecord& record,
                Engine& engine);
/// The job has done its work: gives its shares back and asks for a pass.
void finish_job(World& world, PoolState& pool, JobId job, Engine& engine);
/// One decision of the scheduler at this moment, then queue limit, levels and demand points.
void scheduling_pass(World& world, PoolState& pool, Engine& engine);
/// One pass at the end of this moment, however often it is asked for.
void request_pass(PoolState& pool, Engine& engine);
/// Bars of the jobs that still run, for the timeline.
void draw_remaining(const World& world, const PoolState& pool, SimTime end);
/// Rows of the jobs that are still there, for the log, in order of submission.
void log_remaining(const World& world, const PoolState& pool, SimTime end);

}  // namespace hyperdc
