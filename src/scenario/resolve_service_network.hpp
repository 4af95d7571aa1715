// What a service moves over the fabric of its region.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "scenario/resolve.hpp"

namespace hyperdc {

/// What is said of pools that lie in several regions.
struct PoolsMessage {
  std::string_view problem, hint;
};

/// The fabric of the one region that pools, one at least, lie in; nothing, with a problem, if there
/// is none.
std::optional<std::uint32_t> fabric_of_pools(Resolution& r, const View& at,
                                             std::span<const DeploymentSpec> pools,
                                             const PoolsMessage& apart);

/// Nothing, and a problem where it cannot be; nothing too where it is not asked for.
std::optional<ServiceNetworkSpec> service_network_of(
    Resolution& r, const View& network, const std::vector<DeploymentSpec>& deployments);

}  // namespace hyperdc
