// How many replicas a deployment has.
//
// Computes: starts and ends replicas until there are as many as are wanted. Source: a roll to
// another size starts a tenth more than wanted (an assumption; the default of a Kubernetes
// Deployment is a quarter). What becomes of each: replicas.hpp.
#pragma once

#include <cstdint>

#include "world/service/requests.hpp"

namespace hyperdc {

/// From now on the deployment wants `wanted` replicas: starts or drains what differs.
void set_wanted(const ServiceContext& c, DeploymentState& deployment, std::uint32_t wanted);
/// New replicas have so many cores of their server, if there is a server that could hold one.
void resize(const ServiceContext& c, DeploymentState& deployment, double cores);
/// Replaces replicas of another size: a tenth more than wanted start, then old ones drain.
void roll(const ServiceContext& c, DeploymentState& deployment);
/// Starts replicas in place of those that were lost, and takes those away that could not leave
/// while the launch plane was out.
void replace_lost(const ServiceContext& c, DeploymentState& deployment);

}  // namespace hyperdc
