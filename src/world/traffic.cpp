#include "world/traffic.hpp"

#include <algorithm>
#include <variant>

#include <hyperdc/core/assert.hpp>

#include "world/fabrics.hpp"
#include "world/speed.hpp"
#include "world/work_marks.hpp"

namespace hyperdc {

namespace {

const JobsWorkload& workload_of(const World& world, const PoolState& pool, JobId job) {
  return world.scenario->workloads[pool.states[job.value].workload];
}

/// The endpoints of a job in the order of their numbers, each once.
std::vector<EndpointId> endpoints_of(const World& world, const PoolState& pool, JobId job,
                                     std::uint32_t fabric) {
  const std::uint32_t each = world.scenario->fabrics[fabric].topology->endpoints_per_server();
  std::vector<EndpointId> out;
  for (const Share& share : shares_of(pool, job)) add_endpoints(pool, share, each, out);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

void plan_next(PoolState& pool, JobId job, Engine& engine) {
  const JobTraffic& traffic = pool.traffic->jobs[job.value];
  // A job that never leaves has no end of its work.
  if (pool.states[job.value].departs && traffic.next_at >= pool.paces[job.value].work) return;
  mark_work(pool, job, traffic.next_at,
            {pool.traffic->process, static_cast<std::uint32_t>(TrafficEvent::exchange), job.value,
             Phase::workload},
            engine);
}

void exchange_done(World& world, PoolState& pool, JobId job, Engine& engine) {
  JobTraffic& traffic = pool.traffic->jobs[job.value];
  const JobsWorkload& workload = workload_of(world, pool, job);
  WorkloadState& state = world.workloads[pool.states[job.value].workload];
  const bool measured = traffic.since >= SimTime{} + world.scenario->warmup;
  note_exchange(world, state.exchanges, engine.now(), traffic.since, traffic.alone, measured);
  release_job(pool, job, engine);
  traffic.next_at = traffic.next_at + workload.communication->every;
  plan_next(pool, job, engine);
}

}  // namespace

void build_traffic(World& world) {
  const Scenario& scenario = *world.scenario;
  for (std::size_t i = 0; i < scenario.workloads.size(); ++i) {
    const JobsWorkload& workload = scenario.workloads[i];
    if (!workload.communication) continue;
    PoolState& pool = world.pools[workload.pool];
    if (pool.traffic == nullptr) pool.traffic = std::make_unique<PoolTraffic>();
    enable_speeds(pool);  // jobs that exchange stand still
    world.workloads[i].exchanges = declare_exchanges(*world.recorder, workload.name);
  }
}

void begin_traffic(World& world, PoolState& pool, JobId job, Engine& engine) {
  if (pool.traffic == nullptr) return;
  const JobsWorkload& workload = workload_of(world, pool, job);
  if (!workload.communication) return;
  std::vector<JobTraffic>& jobs = pool.traffic->jobs;
  if (jobs.size() < pool.jobs.size()) jobs.resize(pool.jobs.size());
  JobTraffic& traffic = jobs[job.value];
  traffic = JobTraffic{};
  const std::uint32_t fabric = workload.communication->fabric;
  const std::vector<EndpointId> ranks = endpoints_of(world, pool, job, fabric);
  if (ranks.size() < 2) return;
  const FabricSpec& spec = world.scenario->fabrics[fabric];
  CollectiveRequest request = workload.communication->request;
  auto prepared = prepare_collective(request, *spec.topology, spec.efficiency, ranks);
  if (std::holds_alternative<std::string>(prepared)) {  // not between so many, or lying so
    request.algorithm.reset();
    prepared = prepare_collective(request, *spec.topology, spec.efficiency, ranks);
  }
  if (const auto* problem = std::get_if<std::string>(&prepared)) {
    HYPERDC_CHECK(false, "a job of workload " + workload.name + " cannot exchange: " + *problem);
  }
  const auto& collective = std::get<PreparedCollective>(prepared);
  traffic.alone = collective.alone;
  traffic.run.set(collective.plan, ranks, fabric,
                  static_cast<std::uint32_t>(pool.jobs[job.value].number));
  traffic.next_at = workload.communication->every;
  plan_next(pool, job, engine);
}

void end_traffic(World& world, PoolState& pool, JobId job, Engine& engine) {
  if (pool.traffic == nullptr || job.value >= pool.traffic->jobs.size()) return;
  JobTraffic& traffic = pool.traffic->jobs[job.value];
  if (traffic.run.under_way()) traffic.run.cancel(world, engine);
}

void exchange_begins(World& world, PoolState& pool, JobId job, Engine& engine) {
  JobTraffic& traffic = pool.traffic->jobs[job.value];
  traffic.since = engine.now();
  hold_job(pool, job, engine);
  const ProcessId self = pool.traffic->process;
  const FlowOwner sent{self, static_cast<std::uint32_t>(TrafficEvent::sent), job.value};
  const FlowOwner passed{self, static_cast<std::uint32_t>(TrafficEvent::passed), job.value};
  if (traffic.run.begin(world, sent, passed, engine)) exchange_done(world, pool, job, engine);
}

void exchange_sent(World& world, PoolState& pool, JobId job, Engine& engine) {
  pool.traffic->jobs[job.value].run.sent(world, engine);
}

void exchange_passed(World& world, PoolState& pool, JobId job, Engine& engine) {
  if (!pool.traffic->jobs[job.value].run.passed(world, engine)) return;
  exchange_done(world, pool, job, engine);
}

}  // namespace hyperdc
