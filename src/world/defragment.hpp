// Defragmentation: running jobs are moved so that a gang that totals would hold finds its servers.
//
// Computes: when the scheduler would start a job now, free totals cover it and no servers do, the
// sets of servers of which one would have to hold it are gone through (all servers; or each rack,
// pod or block of a cube that the topology requires). In each, servers are emptied as far as it
// takes for one more member, the one with the fewest accelerators to move first, until all members
// have room; the set with the fewest accelerators moved is tried first. It is done only if the job
// and then the moved ones all find servers, and not more than `most` accelerators are moved.
// A job that is moved keeps its work, stops and starts elsewhere at once and then has `overhead`
// before it goes on.
// Units: 1/1000 accelerator, ns. Source: greedy choice, definition; migration in Gandiva (Xiao et
// al., OSDI 2018) does the same by job. Valid: jobs of one member that run on one server are moved;
// not replicas, training runs, jobs of platforms. Leaves out: moves of gangs, chains of moves, an
// exact least; slices of several cubes.
// Cost: an attempt O(servers + running jobs) and a question to the placement for each set tried.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "world/world.hpp"

namespace hyperdc {

struct DefragmentState {
  std::optional<SimTime> last;   // attempt that was carried out
  std::optional<SimTime> asked;  // the pass for the next
  std::optional<SimTime> tried;  // an attempt that found nothing to move: one a moment
  std::uint64_t gangs = 0, migrations = 0;
  Int128 spent_milli_ns = 0;  // accelerators times overhead
  std::int64_t moved_milli = 0;
};

/// The running jobs to move, largest first; empty: none, or not enough.
std::vector<JobId> plan_moves(World& world, PoolState& pool, JobId job);

}  // namespace hyperdc
