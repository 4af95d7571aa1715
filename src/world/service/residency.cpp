#include "world/service/residency.hpp"

#include <algorithm>

#include "world/world.hpp"

namespace hyperdc {

std::span<const DeploymentView> views_of(const World& world, ServiceState& service,
                                         std::uint16_t origin, std::uint16_t home, SimTime now) {
  const auto allowed = allowed_for(service, home);
  const std::size_t count = allowed.empty() ? service.deployments.size() : allowed.size();
  const bool carbon = service.region_router->needs_carbon();
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint16_t d = deployment_of_view(service, home, i);
    const DeploymentState& deployment = service.deployments[d];
    const auto ready = static_cast<std::uint32_t>(deployment.ready.size());
    service.views[i] = {service.origins[origin].one_way[d], ready,
                        ready * service.spec->instance.concurrency, deployment.in_system,
                        ready > 0};
    if (!carbon) continue;
    const Region& region = world.scenario->regions[deployment.spec->region];
    const auto& intensity = region.energy.carbon[static_cast<std::size_t>(CarbonMethod::average)];
    service.views[i].carbon_g_per_j = intensity->value(now);
  }
  return {service.views.data(), count};
}

bool is_confined(const ServiceState& service, std::uint16_t home) {
  const auto allowed = allowed_for(service, home);
  if (allowed.empty()) return false;
  for (std::uint32_t d = 0; d < service.deployments.size(); ++d) {
    if (std::find(allowed.begin(), allowed.end(), d) != allowed.end()) continue;
    const DeploymentState& elsewhere = service.deployments[d];
    const std::uint64_t slots =
        elsewhere.ready.size() * std::uint64_t{service.spec->instance.concurrency};
    if (elsewhere.in_system < slots) return true;
  }
  return false;
}

}  // namespace hyperdc
