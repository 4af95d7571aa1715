// Warm pools: replicas beyond those that are wanted, which have started and serve nothing.
//
// Computes: who is in the pool of a deployment, and who leaves it to serve. Its members are placed
// as replicas are, start and load their weights, and then hold what they hold, idle. Whoever asks
// for another replica takes the member that has come furthest first (warm, then starting, then
// waiting for a server; the oldest of these, or with spreading the one in the emptiest zone): a
// warm one is ready after warm_pool.start, another when it would have been. The pool then starts
// another from nothing. A replica that scale-in takes away goes back when it has drained, if fewer
// than warm_pool.size are warm, and a start that is not needed then is given up; else it ends.
// Members have the stable version and the size that new replicas have now; one that has another is
// replaced, and during a rollout only replicas of the old version come from the pool. Units: ns.
// Source: warm pools of Amazon EC2 Auto Scaling, in the state Running and with an
// InstanceReusePolicy of ReuseOnScaleIn (there instances that are still warming up are not taken);
// SageMaker managed warm pools. Leaves out: pools of stopped or hibernated instances, which cost
// less and take longer; pools that follow the largest number of replicas
// (MaxGroupPreparedCapacity).
#pragma once

#include <cstdint>

#include "world/service/requests.hpp"

namespace hyperdc {

/// Brings the pool to its size: as often as the number of replicas is looked at.
void review_warm_pool(const ServiceContext& c, DeploymentState& deployment);
/// A member begins to serve, if there is one of this version. False: ask for one from nothing.
bool take_from_warm_pool(const ServiceContext& c, DeploymentState& deployment,
                         std::uint32_t version);
/// A member has started, and waits from now on.
void wait_in_warm_pool(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica);
/// A replica that has left goes back, if it is meant to and the pool is short. False: it ends.
bool back_to_warm_pool(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica);
/// A member is gone.
void leave_warm_pool(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica);
/// How many are warm, after each change of it.
void publish_warm_pool(const ServiceContext& c, const DeploymentState& deployment);

}  // namespace hyperdc
