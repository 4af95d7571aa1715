// Data residency: where requests of people of a region may be served.
//
// Computes: the deployments that a region router sees of a request: all, or those of the regions
// that the `residency` of the service names for the region that its people ask from, whatever the
// router, at each attempt. A call of another service is for the people of its caller.
// A request that is refused there, or finds no replica, while a deployment elsewhere has a free
// slot counts as confined; of a fluid service those that find no replica there.
// Source: definition. Leaves out: where data is at rest (storage, caches).
#pragma once

#include <cstdint>
#include <span>

#include "world/service/state.hpp"

namespace hyperdc {

struct World;

/// Deployments that may serve people of this region; empty: all.
inline std::span<const std::uint32_t> allowed_for(const ServiceState& service, std::uint16_t home) {
  const auto& residency = service.spec->residency;
  if (residency.empty()) return {};
  return residency[home];
}
/// Fills `views` of the service with the deployments that may serve people of this region.
std::span<const DeploymentView> views_of(const World& world, ServiceState& service,
                                         std::uint16_t origin, std::uint16_t home, SimTime now);
/// The deployment of a view that views_of filled.
inline std::uint16_t deployment_of_view(const ServiceState& service, std::uint16_t home,
                                        std::uint32_t view) {
  const auto allowed = allowed_for(service, home);
  return static_cast<std::uint16_t>(allowed.empty() ? view : allowed[view]);
}
/// People of this region have no place where they may be served, and others have room.
bool is_confined(const ServiceState& service, std::uint16_t home);

}  // namespace hyperdc
