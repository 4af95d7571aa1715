#include "world/service/health.hpp"

#include "world/control_plane.hpp"
#include "world/service/answers.hpp"
#include "world/service/replicas.hpp"

namespace hyperdc {

namespace {

/// The first check of a replica that is not before `now`.
SimTime next_check(const ReplicaInfo& info, Duration interval, SimTime now) {
  const std::int64_t since = (now - info.registered).ns;
  const std::int64_t passed = (since + interval.ns - 1) / interval.ns;
  return info.registered + Duration{passed * interval.ns};
}

void await(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica,
           ServiceEvent verdict) {
  ReplicaInfo& info = deployment.infos[replica];
  const PoolState& pool = c.world.pools[deployment.spec->pool];
  info.awaits_verdict = true;
  if (health_is_out(c.world, pool.block_racks[info.block])) return;
  const HealthCheckSpec& check = *c.service.spec->health_check;
  SimTime at = next_check(info, check.interval, c.engine.now());
  if (verdict == ServiceEvent::healthy) {
    at = at + Duration{check.interval.ns * (check.healthy - 1)};
  } else {
    at = at + Duration{check.interval.ns * (check.unhealthy - 1)} + check.timeout;
  }
  info.event =
      c.engine.schedule(at, Phase::physics, c.service.process, static_cast<std::uint32_t>(verdict),
                        replica_arg(deployment.index, replica));
}

}  // namespace

void await_healthy(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica) {
  await(c, deployment, replica, ServiceEvent::healthy);
}

void await_unhealthy(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica) {
  await(c, deployment, replica, ServiceEvent::unhealthy);
}

void review_health(const ServiceContext& c, DeploymentState& deployment,
                   const std::vector<bool>& racks) {
  const PoolState& pool = c.world.pools[deployment.spec->pool];
  for (std::uint32_t i = 0; i < deployment.replicas.size(); ++i) {
    ReplicaInfo& info = deployment.infos[i];
    const ReplicaPhase phase = deployment.replicas[i].phase;
    if (!info.awaits_verdict || phase == ReplicaPhase::free) continue;
    if (!racks[pool.block_racks[info.block]]) continue;
    if (info.event != kNoEvent) c.engine.cancel(info.event);
    info.event = kNoEvent;
    await(c, deployment, i,
          phase == ReplicaPhase::dead ? ServiceEvent::unhealthy : ServiceEvent::healthy);
  }
}

void hang(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica,
          std::uint32_t slot) {
  const SimTime now = c.engine.now();
  RequestState& request = c.service.requests[slot];
  account_replica(deployment.replicas[replica], deployment.load[replica], now);
  request.replica = replica;
  request.entered = now;
  request.phase = RequestPhase::hanging;
  ++deployment.entered;
  ++deployment.in_system;
  ++deployment.load[replica];
  request.event = c.engine.schedule(now + c.service.spec->health_check->connect_timeout,
                                    Phase::physics, c.service.process,
                                    static_cast<std::uint32_t>(ServiceEvent::unreachable), slot);
  note_load(deployment, replica);
}

void hang_ends(const ServiceContext& c, std::uint32_t slot) {
  const SimTime now = c.engine.now();
  RequestState& request = c.service.requests[slot];
  const std::uint32_t replica = request.replica;
  DeploymentState& deployment = c.service.deployments[request.deployment];
  account_replica(deployment.replicas[replica], deployment.load[replica], now);
  --deployment.load[replica];
  --deployment.in_system;
  deployment.sojourn_ns += (now - request.entered).ns;
  request.event = kNoEvent;
  note_load(deployment, replica);
  release_dead(c, deployment, replica);
  c.service.count(Count::unreachable);
  attempt_fails(c, slot);
}

}  // namespace hyperdc
