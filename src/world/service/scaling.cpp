#include "world/service/scaling.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "world/pool.hpp"
#include "world/service/replicas.hpp"
#include "world/service/rollout.hpp"
#include "world/service/spread.hpp"
#include "world/service/warm_pool.hpp"

namespace hyperdc {

namespace {

void remove_surplus(const ServiceContext& c, DeploymentState& deployment) {
  while (deployment.by_age.size() > deployment.wanted) {
    const std::optional<std::uint32_t> victim =
        victim_among(c, deployment, [](std::uint32_t) { return true; });
    if (!victim) return;  // when the launch plane is back
    deployment.infos[*victim].back_to_warm_pool =
        c.service.spec->warm_pool && deployment.replicas[*victim].phase == ReplicaPhase::ready;
    remove_replica(c, deployment, *victim);
  }
}

bool has_another_size(const DeploymentState& deployment, std::uint32_t replica) {
  return deployment.infos[replica].each.cores_milli != deployment.each.cores_milli;
}

/// Whether replicas of another size are being replaced.
bool rolls(const DeploymentState& deployment) {
  return std::any_of(deployment.by_age.begin(), deployment.by_age.end(),
                     [&](std::uint32_t replica) { return has_another_size(deployment, replica); });
}

void create_missing(const ServiceContext& c, DeploymentState& deployment) {
  while (deployment.by_age.size() < deployment.wanted)
    create_replica(c, deployment, version_of_next(c.service, deployment));
}

}  // namespace

void set_wanted(const ServiceContext& c, DeploymentState& deployment, std::uint32_t wanted) {
  deployment.wanted = wanted;
  c.world.recorder->level(deployment.metrics.wanted, c.engine.now(), wanted);
  if (!review_rollout(c, deployment)) {
    create_missing(c, deployment);
    remove_surplus(c, deployment);
  }
  review_warm_pool(c, deployment);
}

void resize(const ServiceContext& c, DeploymentState& deployment, double cores) {
  Request each = deployment.each;
  each.cores_milli = std::max<std::int64_t>(1, std::llround(1000 * cores));
  if (c.world.pools[deployment.spec->pool].placer->possible(each, 1)) deployment.each = each;
}

void roll(const ServiceContext& c, DeploymentState& deployment) {
  if (review_rollout(c, deployment)) return;  // one at a time
  const auto old = [&](std::uint32_t replica) { return has_another_size(deployment, replica); };
  if (std::none_of(deployment.by_age.begin(), deployment.by_age.end(), old)) return;
  while (serving(deployment) > deployment.wanted) {
    const auto at =
        std::find_if(deployment.by_age.begin(), deployment.by_age.end(),
                     [&](std::uint32_t i) { return old(i) && may_leave(c, deployment, i); });
    if (at == deployment.by_age.end()) break;
    remove_replica(c, deployment, *at);
  }
  const std::uint32_t surge = std::max(1U, deployment.wanted / 10);
  const bool any_old = std::any_of(deployment.by_age.begin(), deployment.by_age.end(), old);
  while (any_old && deployment.by_age.size() < deployment.wanted + surge) {
    create_replica(c, deployment, version_of_next(c.service, deployment));
  }
}

void replace_lost(const ServiceContext& c, DeploymentState& deployment) {
  if (c.service.spec->spread) spread_waiting(c, deployment);
  if (!review_rollout(c, deployment)) {
    create_missing(c, deployment);
    if (!c.world.launch_out.empty() && !rolls(deployment)) remove_surplus(c, deployment);
  }
  review_warm_pool(c, deployment);
}

}  // namespace hyperdc
