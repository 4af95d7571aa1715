// Work marks: events at an amount of work that a running job has done since its start.
//
// Computes: when a job has done so much, at whatever speed it runs (world/speed.hpp): marks move as
// speeds change, wait while the job is held, and are gone once it stops. Units: ns of work. Source:
// definition. Cost: a change of speed costs the marks of the job.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "world/world.hpp"

namespace hyperdc {

/// Whom to tell.
struct WorkMark {
  ProcessId process;
  std::uint32_t kind = 0;
  std::uint64_t arg = 0;
  Phase phase = Phase::physics;
};

/// Of one pool; by JobId.
struct PoolMarks {
  struct Mark {
    Duration at;
    WorkMark owner;
    SimTime due;  // if it has an event
    EventId event = kNoEvent;
  };
  std::map<std::uint32_t, std::vector<Mark>> jobs;
};

/// The owner is told once the job, which runs in a pool whose speeds change, has done `at`; now if
/// it has already.
void mark_work(PoolState& pool, JobId job, Duration at, const WorkMark& owner, Engine& engine);
/// Forgets all marks of the job. They are also forgotten when it stops.
void unmark_work(PoolState& pool, JobId job, Engine& engine);
/// The speed of a running job has changed; it may be 0.
void retime_marks(PoolState& pool, JobId job, Engine& engine);

}  // namespace hyperdc
