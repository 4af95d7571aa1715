// State of managed platforms in the world (world/platforms.hpp).
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <hyperdc/core/id.hpp>
#include <hyperdc/core/request.hpp>
#include <hyperdc/metrics/sink.hpp>

#include "core/distribution.hpp"
#include "core/rng.hpp"
#include "engine/engine.hpp"
#include "scenario/platform_spec.hpp"
#include "workload/job.hpp"
#include "world/accounts.hpp"

namespace hyperdc {

inline constexpr std::size_t kPlatformPhases = 5;  // provision, pull, stage, run, upload
using PlatformTimes = std::array<Duration, kPlatformPhases>;

/// What the present start of a job goes through before its run; nothing of other jobs.
struct PlatformSetUp {
  Duration provision, pull, stage;
  Duration sum() const { return provision + pull + stage; }
};

/// Of a job on spot servers.
struct SpotJob {
  EventId next = kNoEvent;    // it runs: the interruption; it is away: there are servers again
  EventId expiry = kNoEvent;  // it has waited for as long as it may
  bool away = false;          // interrupted, and nothing that the scheduler knows of
  std::uint32_t interruptions = 0;
};

/// Of a pool with jobs on platforms.
struct PoolPlatforms {
  std::vector<std::uint32_t> workloads;  // on platforms
  std::vector<PlatformSetUp> set_up;     // by JobId
  std::vector<SpotJob> spot;             // by JobId; as far as jobs have been on spot servers
};

/// Of a workload that is a step of pipelines, or has a quota (world/pipelines.hpp).
struct PipelineStep {
  struct Run {
    SimTime due, start;
    std::optional<SimTime> end;  // it has finished
  };
  struct Held {
    JobRecord record;
    std::uint64_t run = 0;
    SimTime due;
  };
  std::vector<std::uint32_t> before, behind;    // workloads
  std::vector<std::uint32_t> members;           // of a last step: all that lead to it, itself too
  ProcessId process;                            // of its arrivals
  std::vector<Run> runs;                        // only of pipelines
  std::map<std::uint64_t, std::uint64_t> live;  // run of each job, by its number
  std::deque<Held> held;                        // wait for the quota, oldest first
  std::uint64_t servers = 0;                    // of jobs that are in the pool
  std::uint64_t most_servers = 0;               // of them, that there were
  std::optional<MetricId> quota_wait;
  std::optional<MetricId> critical, critical_wait;
  std::optional<MetricId> time;  // of a last step
  Int128 critical_ns = 0, runs_ns = 0;
};

/// Of a workload on a platform.
struct PlatformState {
  PlatformState(const PlatformSpec& spec_in, std::uint64_t seed, const std::string& workload);

  /// A server that stays for the next job.
  struct Warm {
    ServerId server;
    std::uint32_t block = 0;
    Request each;
    SimTime since;
  };

  const PlatformSpec* spec;
  Distribution provision;
  RandomStream draws;
  std::optional<Distribution> interruption, away;  // only on spot servers
  RandomStream interruption_draws, away_draws;
  std::vector<Warm> warm;  // oldest first; those whose time is over may still be there
  std::uint64_t warm_starts = 0, cold_starts = 0, kept = 0;
  std::uint64_t interruptions = 0, expired = 0;  // on spot servers
  std::int64_t saved_ns = 0, lost_ns = 0;        // work of interrupted starts, by checkpoints
  LevelAccount held;                             // members of jobs
  std::array<Int128, kPlatformPhases> time_ns;   // members * ns of starts that have ended
  Int128 idle_ns = 0;                            // of servers that have stayed
  std::vector<Int128> billed_ppm_ns;             // by block: servers * 10^6 * ns
  std::array<MetricId, kPlatformPhases> phases;
  MetricId billed;
  std::unique_ptr<PipelineStep> step;  // only of pipelines and under a quota
};

}  // namespace hyperdc
