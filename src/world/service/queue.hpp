// The queue of one replica: who waits, who is served next, who is dropped.
//
// Computes: first come, first served; with an admission what that policy says (newest first, drop
// what has waited too long). Source: policy/admission. Leaves out: priorities in the order of
// service; a policy that knows priorities refuses at the door.
#pragma once

#include <cstdint>

#include "world/service/requests.hpp"

namespace hyperdc {

/// Does the replica take the request? Asks its engine or its queue limit, then its admission.
bool admits(const ServiceContext& c, const DeploymentState& deployment, std::uint32_t replica,
            std::uint32_t request);
void push_waiting(ServiceState& service, ReplicaState& replica, std::uint32_t request);
/// Takes the request that is served next out of the queue; kNoSlot if none is left. What the
/// admission drops on the way fails.
std::uint32_t take_next(const ServiceContext& c, DeploymentState& deployment,
                        std::uint32_t replica);
/// Tells the admission that a request has left the replica. Before the books change.
void note_departure(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica,
                    const RequestState& request);

}  // namespace hyperdc
