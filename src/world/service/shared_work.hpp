// Processor sharing at one replica.
//
// Computes: n requests share `slots` slots of one replica; each gets work at the rate
// speed * min(1, slots / n). Equation: with V(t) the work that each request there has got since
// the replica began, a request that enters at V with work w is done when V reaches V + w.
// Units: ns of work (double), completions rounded up to the next ns of time. Source: Kleinrock,
// Queueing Systems II, 4.4 (egalitarian processor sharing). Valid range: 2^53 ns of work between
// two moments at which the replica is empty; V is reset then.
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
