#include "world/service/warm_pool.hpp"

#include <algorithm>
#include <optional>
#include <tuple>

#include "world/service/replicas.hpp"
#include "world/service/rollout.hpp"
#include "world/service/spread.hpp"

namespace hyperdc {

namespace {

/// 0: warm; then those that have further to go.
int steps_to_warm(ReplicaPhase phase) {
  if (phase == ReplicaPhase::warm) return 0;
  return phase == ReplicaPhase::starting ? 1 : 2;
}

bool is_of(const DeploymentState& deployment, std::uint32_t replica, std::uint32_t version) {
  const ReplicaInfo& info = deployment.infos[replica];
  return info.version == version && info.each.cores_milli == deployment.each.cores_milli;
}

std::uint32_t pool_version(const ServiceState& service) {
  return service.rollout ? service.rollout->stable : 0;
}

std::uint32_t warm_ones(const DeploymentState& deployment) {
  return static_cast<std::uint32_t>(
      std::ranges::count_if(deployment.warm_pool, [&](std::uint32_t replica) {
        return deployment.replicas[replica].phase == ReplicaPhase::warm;
      }));
}

/// The youngest of those that have furthest to go; nothing where the launch plane lets none go.
std::optional<std::uint32_t> member_to_end(const ServiceContext& c,
                                           const DeploymentState& deployment) {
  std::optional<std::uint32_t> last;
  int most = -1;
  for (const std::uint32_t replica : deployment.warm_pool) {
    const int steps = steps_to_warm(deployment.replicas[replica].phase);
    if (steps < most || !may_leave(c, deployment, replica)) continue;
    most = steps;
    last = replica;
  }
  return last;
}

void end_surplus(const ServiceContext& c, DeploymentState& deployment) {
  while (deployment.warm_pool.size() > c.service.spec->warm_pool->size) {
    const std::optional<std::uint32_t> last = member_to_end(c, deployment);
    if (!last) return;
    remove_replica(c, deployment, *last);
  }
}

}  // namespace

void publish_warm_pool(const ServiceContext& c, const DeploymentState& deployment) {
  if (!c.service.spec->warm_pool) return;
  c.world.recorder->level(deployment.metrics.warm, c.engine.now(), warm_ones(deployment));
}

void review_warm_pool(const ServiceContext& c, DeploymentState& deployment) {
  if (!c.service.spec->warm_pool) return;
  const std::uint32_t version = pool_version(c.service);
  const std::vector<std::uint32_t> members = deployment.warm_pool;
  for (const std::uint32_t replica : members) {
    if (is_of(deployment, replica, version) || !may_leave(c, deployment, replica)) continue;
    remove_replica(c, deployment, replica);
  }
  end_surplus(c, deployment);
  while (deployment.warm_pool.size() < c.service.spec->warm_pool->size) {
    ask_for_replica(c, deployment, version, deployment.warm_pool);
  }
  publish_warm_pool(c, deployment);
}

bool take_from_warm_pool(const ServiceContext& c, DeploymentState& deployment,
                         std::uint32_t version) {
  if (!c.service.spec->warm_pool) return false;
  const bool spread = c.service.spec->spread;
  std::vector<std::uint32_t> by_zone;
  if (spread) by_zone = replicas_by_zone(c.world, deployment, deployment.by_age);
  std::optional<std::uint32_t> best;
  std::tuple<int, std::uint32_t> least;
  for (const std::uint32_t replica : deployment.warm_pool) {
    if (!is_of(deployment, replica, version)) continue;
    const ReplicaInfo& info = deployment.infos[replica];
    const std::uint32_t there = spread && info.meant_for_zone ? by_zone[info.zone] : 0;
    const std::tuple rank{steps_to_warm(deployment.replicas[replica].phase), there};
    if (best && rank >= least) continue;
    best = replica;
    least = rank;
  }
  if (!best) return false;
  const SimTime now = c.engine.now();
  std::erase(deployment.warm_pool, *best);
  deployment.by_age.push_back(*best);
  ReplicaInfo& info = deployment.infos[*best];
  info.in_warm_pool = false;
  info.created = now;
  ReplicaState& state = deployment.replicas[*best];
  if (state.phase != ReplicaPhase::warm) {
    ++deployment.cold_starts;
    return true;
  }
  ++deployment.warm_starts;
  info.registered = now;
  info.there_from_the_start = false;
  state.phase = ReplicaPhase::starting;
  drive_server(deployment, *best, +1);
  schedule_replica(c, deployment, *best, ServiceEvent::started,
                   now + c.service.spec->warm_pool->start, info.event);
  publish_warm_pool(c, deployment);
  return true;
}

void wait_in_warm_pool(const ServiceContext& c, DeploymentState& deployment,
                       std::uint32_t replica) {
  drive_server(deployment, replica, -1);
  deployment.replicas[replica].phase = ReplicaPhase::warm;
  publish_warm_pool(c, deployment);
}

bool back_to_warm_pool(const ServiceContext& c, DeploymentState& deployment,
                       std::uint32_t replica) {
  ReplicaInfo& info = deployment.infos[replica];
  if (!info.back_to_warm_pool) return false;
  info.back_to_warm_pool = false;
  if (!has_job(c, deployment, replica)) return false;
  if (!is_of(deployment, replica, pool_version(c.service))) return false;
  if (warm_ones(deployment) >= c.service.spec->warm_pool->size) return false;
  info.in_warm_pool = true;
  info.ready_since.reset();
  info.samples.clear();
  deployment.warm_pool.push_back(replica);
  wait_in_warm_pool(c, deployment, replica);
  end_surplus(c, deployment);
  return true;
}

void leave_warm_pool(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica) {
  std::erase(deployment.warm_pool, replica);
  deployment.infos[replica].in_warm_pool = false;
  publish_warm_pool(c, deployment);
}

}  // namespace hyperdc
