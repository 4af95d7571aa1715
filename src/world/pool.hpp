// What happens to jobs in a pool: submitted, started, preempted, finished, rejected. The processes
// call these on the state of the world; they keep views, books and metrics in step.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "world/world.hpp"

namespace hyperdc {

/// Kinds of events of a pool's process.
enum class PoolEvent : std::uint32_t {
  finish,
  pass,
  wake,
  booted,
  drain_expired,
  spot_next,  // world/platform_spot.hpp
  spot_expired,
};

/// A job joins the waiting (or is rejected when no empty pool could hold it); asks for a pass. With
/// `owner_arg` the job is a replica: its service is told by events what happens to it, a rejection
/// included, and `owner_arg` is what the service calls it.
JobId submit_job(World& world, PoolState& pool, std::uint32_t workload, const JobRecord& record,
                 Engine& engine, std::optional<std::uint32_t> owner_arg = std::nullopt);
/// The job has done its work: gives its shares back and asks for a pass.
void finish_job(World& world, PoolState& pool, JobId job, Engine& engine);
/// The owner of a job has no more use for it, whether it runs or waits. The owner is not told.
void end_job(World& world, PoolState& pool, JobId job, Engine& engine);
/// A failure stopped the job and it does not start again: it has left, failed. The scheduler is
/// told of one that ran.
void give_up_job(World& world, PoolState& pool, JobId job, Engine& engine, bool ran = true);
/// One decision of the scheduler at this moment, then queue limit, levels and demand points.
void scheduling_pass(World& world, PoolState& pool, Engine& engine);
/// Tells the service of a replica by an event of this moment; nothing for other jobs. The event
/// names the job too: what was told of an earlier one in the same slot is not of the new one.
void tell_owner(const World& world, const PoolState& pool, JobId job, OwnerEvent what,
                Engine& engine);
/// What an OwnerEvent holds of the number of its job.
constexpr std::uint64_t job_tag(std::uint64_t number) {
  return number & 0xffffffff;
}
/// One pass at the end of this moment, however often it is asked for.
void request_pass(PoolState& pool, Engine& engine);
/// Bars of the jobs that still run, for the timeline.
void draw_remaining(const World& world, const PoolState& pool, SimTime end);
/// Rows of the jobs that are still there, for the log, in order of submission.
void log_remaining(const World& world, const PoolState& pool, SimTime end);

}  // namespace hyperdc
