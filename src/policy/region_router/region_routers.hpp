// The built-in region routers, one a file; listed in policy/builtin.cpp.
#pragma once

#include <cstdint>

#include <hyperdc/policy/router.hpp>

namespace hyperdc {

const RegionRouterEntry& lowest_carbon_region_router();
const RegionRouterEntry& nearest_region_router();
const RegionRouterEntry& spill_over_region_router();
const RegionRouterEntry& weighted_region_router();

/// The deployment of least latency among those that are up, or among all if none is; of equals the
/// first.
std::uint32_t nearest_deployment(std::span<const DeploymentView> deployments);

/// Fewer requests per slot than the threshold, in thousandths.
bool has_room(const DeploymentView& deployment, std::uint64_t threshold_milli);
/// a has fewer requests per slot than b.
bool less_loaded(const DeploymentView& a, const DeploymentView& b);

}  // namespace hyperdc
