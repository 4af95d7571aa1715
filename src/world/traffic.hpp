// Traffic of jobs: a job that communicates works, exchanges with its members over the fabric of
// its region, and works on.
//
// Computes: after each `every` of work, while work is left, the job stands still until a collective
// between its ranks has ended: its accelerators where the fabric has an endpoint for each, else its
// servers. A job of one rank exchanges nothing. Units: ns. Leaves out: exchange that overlaps work.
#pragma once

#include <cstdint>

#include "world/collectives.hpp"

namespace hyperdc {

struct JobTraffic {
  CollectiveRun run;
  Duration next_at;  // of work since the start: the next collective begins
  SimTime since;     // of the collective under way
  Duration alone;
};

/// Of one pool; by job slot.
struct PoolTraffic {
  ProcessId process;
  std::vector<JobTraffic> jobs;
};

enum class TrafficEvent : std::uint32_t { exchange, sent, passed };

/// Before anything runs: the pools of workloads that communicate.
void build_traffic(World& world);

/// The job has just started.
void begin_traffic(World& world, PoolState& pool, JobId job, Engine& engine);
/// The job stops or ends: takes its flows out.
void end_traffic(World& world, PoolState& pool, JobId job, Engine& engine);

// What the events do.
void exchange_begins(World& world, PoolState& pool, JobId job, Engine& engine);
void exchange_sent(World& world, PoolState& pool, JobId job, Engine& engine);
void exchange_passed(World& world, PoolState& pool, JobId job, Engine& engine);

}  // namespace hyperdc
