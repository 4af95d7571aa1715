// Health checks of a load balancer: what it knows of the replicas, and when.
//
// Computes: a replica is registered when it has a server and is checked every `interval` from then
// on. One that has started is ready, and gets requests, with the `healthy`-th check that it
// answers; one whose server is lost goes on getting requests until the `unhealthy`-th check in a
// row has not been answered for `timeout`. A request to such a replica fails after
// `connect_timeout`. While the health plane of its rack is out there are no verdicts; when it is
// back, counting begins anew with the next check.
// Units: ns. Source: AWS, "Health checks for Application Load Balancer target groups" (30 s, 5 s,
// 2 failures; a new target is healthy with its first success) and the connection timeout of 10 s
// of the same load balancer. Without `health_check` all is known at once.
// Leaves out: lost checks, checks of several load-balancer nodes that disagree, failing open,
// replicas that answer checks and not requests.
#pragma once

#include <cstdint>
#include <vector>

#include "world/service/requests.hpp"

namespace hyperdc {

/// A replica has started: plans the check that finds it healthy.
void await_healthy(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica);
/// A replica that got requests is gone: plans the check that finds it out.
void await_unhealthy(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica);
/// A health plane went out or came back: plans what is not settled anew.
void review_health(const ServiceContext& c, DeploymentState& deployment,
                   const std::vector<bool>& racks);

/// The attempt goes to a replica that is gone, and hangs.
void hang(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica,
          std::uint32_t request);
/// It is given up.
void hang_ends(const ServiceContext& c, std::uint32_t request);

}  // namespace hyperdc
