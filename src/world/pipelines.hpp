// Pipelines: jobs of a workload that come when those of others before them are done; and quotas of
// platforms, over which jobs wait before they come, or are refused.
//
// Computes: job k of a workload that comes after others is due at the moment at which the last of
//   their jobs k has finished; a step without others before it is due by its arrivals. If one of
//   them is given up or rejected, what comes after it never is. Of the last step, the time of run k
//   is from the moment when the first step on its critical path was due to its own finish. That
//   path is walked from the end: before each step, the one that finished last (of equals the first
//   named). What a step has on it is its time from due to finish, 0 where it is not on it; its wait
//   on it is until its first start.
//   A quota of q servers holds for the jobs of a workload that wait for servers or have them. A job
//   that is due and would make them more waits, in order, for others to leave (`wait`), or is
//   rejected (`refuse`). One of more than q servers is always rejected.
// Law: the times on the path add up to that of the run, to the nanosecond; jobs under a quota never
//   have more than q servers.
// Units: s, servers. Source: definition (critical path method, Kelley and Walker 1959); what
//   platforms do over a quota: scenarios/catalog/platforms.
// Cost: O(steps) a job. Leaves out: steps that depend on what an earlier one found, retries of a
//   step, results that a later run may use again (caches); quotas of several workloads together,
//   of kept servers, and of endpoints.
#pragma once

#include <optional>

#include "world/world.hpp"

namespace hyperdc {

/// After the states of platforms.
void enable_pipelines(World& world);
/// Whose events submit the jobs of this workload; true: they wait for those of others.
bool step_begins(World& world, std::uint32_t workload, ProcessId process);

/// The job of run k is due: true, and it is counted: it may come; false: it waits for the quota.
bool may_come(World& world, std::uint32_t workload, const JobRecord& record, std::uint64_t run,
              SimTime now);
/// The next that waited for the quota and may come now, counted.
struct DueJob {
  JobRecord record;
  std::uint64_t run = 0;
};
std::optional<DueJob> next_within_quota(World& world, std::uint32_t workload, SimTime now);
/// The job of run k was submitted, and may have been rejected.
void step_submitted(World& world, std::uint32_t workload, JobId job, std::uint64_t run);

/// Why the platform takes no such job; empty: it does.
std::string_view refused_by_quota(const World& world, const PoolState& pool, JobId job);
/// A job leaves its pool for good.
void step_left(World& world, const PoolState& pool, JobId job, bool finished, Engine& engine);

/// What steps have had on critical paths, and the paths themselves: two sides of one sum.
struct CriticalTimes {
  Int128 steps_ns = 0, runs_ns = 0;
};
CriticalTimes critical_times(const World& world);

}  // namespace hyperdc
