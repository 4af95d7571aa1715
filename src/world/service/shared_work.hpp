// Processor sharing at one replica.
//
// Computes: n requests share `slots` slots of one replica; each gets work at the rate
// speed * min(1, slots / n). Units: ns of work. Equation, source and valid range:
// model/processor_sharing.hpp.
#pragma once

#include <cstdint>

#include "world/service/requests.hpp"

namespace hyperdc {

/// The request begins to be worked on.
void share(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica,
           std::uint32_t request);
/// Takes out the request that is done first; it is done now.
std::uint32_t unshare_first(const ServiceContext& c, DeploymentState& deployment,
                            std::uint32_t replica);
/// Takes out all of them.
void clear_shared(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica);
/// The speed of the replica changes: what was done so far was done at the old one.
void set_replica_speed(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica,
                       double speed);

}  // namespace hyperdc
