// Spreading of a deployment's replicas over the zones of its pool.
//
// Computes: the zone of a new replica: among those with room now the one with the fewest replicas
// of the deployment, then the first of the pool. Source: pod topology spread constraints of
// Kubernetes with maxSkew 1 and ScheduleAnyway. Cost of a new one: O(replicas) and one look at the
// placer a zone. Leaves out: moving replicas that run when a zone is back.
#pragma once

#include <cstdint>
#include <vector>

#include <hyperdc/core/request.hpp>

#include "world/service/requests.hpp"

namespace hyperdc {

/// The zone that a new replica is to ask for; 0 (any) if none has room.
ZoneSet choose_zone(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica);
/// Replicas that wait for a zone that has no room any more, where another has, are asked for anew.
void spread_waiting(const ServiceContext& c, DeploymentState& deployment);
/// `replicas` of the deployment by World::zones, those on their way to one included.
std::vector<std::uint32_t> replicas_by_zone(const World& world, const DeploymentState& deployment,
                                            const std::vector<std::uint32_t>& replicas);

}  // namespace hyperdc
