// What a service moves over the fabric of its region.
#pragma once

#include <optional>
#include <vector>

#include "scenario/resolve.hpp"

namespace hyperdc {

/// Nothing, and a problem where it cannot be; nothing too where it is not asked for.
std::optional<ServiceNetworkSpec> service_network_of(
    Resolution& r, const View& network, const std::vector<DeploymentSpec>& deployments);

}  // namespace hyperdc
