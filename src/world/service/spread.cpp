#include "world/service/spread.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "world/service/replicas.hpp"

namespace hyperdc {

std::vector<std::uint32_t> replicas_by_zone(const World& world, const DeploymentState& deployment,
                                            const std::vector<std::uint32_t>& replicas) {
  std::vector<std::uint32_t> there(world.zones.size());
  for (const std::uint32_t replica : replicas) {
    const ReplicaInfo& info = deployment.infos[replica];
    if (info.meant_for_zone) ++there[info.zone];
  }
  return there;
}

ZoneSet choose_zone(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica) {
  const PoolState& pool = c.world.pools[deployment.spec->pool];
  const bool warm = deployment.infos[replica].in_warm_pool;
  const std::vector<std::uint32_t> replicas =
      replicas_by_zone(c.world, deployment, warm ? deployment.warm_pool : deployment.by_age);
  std::vector<std::pair<std::uint32_t, std::size_t>> order;  // replicas there, bit
  for (std::size_t bit = 0; bit < pool.zones.size(); ++bit) {
    order.emplace_back(replicas[pool.zones[bit]], bit);
  }
  std::sort(order.begin(), order.end());
  Request request = deployment.each;
  for (const auto& [there, bit] : order) {
    request.zones = ZoneSet{1} << bit;
    if (!pool.placer->would_fit(request, 1, 0, {})) continue;
    deployment.infos[replica].zone = static_cast<std::uint16_t>(pool.zones[bit]);
    deployment.infos[replica].meant_for_zone = true;
    return request.zones;
  }
  return 0;
}

void spread_waiting(const ServiceContext& c, DeploymentState& deployment) {
  const PoolState& pool = c.world.pools[deployment.spec->pool];
  std::vector<std::uint32_t> stuck;
  for (const std::uint32_t replica : deployment.by_age) {
    if (deployment.replicas[replica].phase != ReplicaPhase::pending) continue;
    const Request& each = pool.jobs[deployment.infos[replica].job.value].each;
    if (each.zones == 0 || pool.placer->would_fit(each, 1, 0, {})) continue;
    Request anywhere = each;
    anywhere.zones = 0;
    if (pool.placer->would_fit(anywhere, 1, 0, {})) stuck.push_back(replica);
  }
  for (const std::uint32_t replica : stuck) {
    const std::uint32_t version = deployment.infos[replica].version;
    remove_replica(c, deployment, replica);
    create_replica(c, deployment, version);
  }
}

}  // namespace hyperdc
