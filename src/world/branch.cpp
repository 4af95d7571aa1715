#include "world/branch.hpp"

#include <algorithm>

#include "world/service/build.hpp"
#include "world/service/fluid.hpp"
#include "world/service/replicas.hpp"
#include "world/service/requests.hpp"

namespace hyperdc {
namespace {

bool differs(const PolicyChoice& a, const PolicyChoice& b) {
  return a.policy != b.policy || a.params.all() != b.params.all();
}

/// Tells a new router what the old one knew: which replicas are ready, and their load.
void introduce(DeploymentState& deployment) {
  for (const std::uint32_t replica : deployment.ready) {
    deployment.router->added(replica);
    note_load(deployment, replica);
  }
}

}  // namespace

void take_over(World& world, const Scenario& now, Engine& engine) {
  for (ServiceState& service : world.services) {
    const ServiceWorkload& before = *service.spec;
    const ServiceWorkload& after = now.services[service.index];
    service.spec = &after;
    if (differs(before.region_router, after.region_router)) set_region_router(world, service);
    const ServiceContext c{world, service, engine};
    const bool bounds =
        before.replicas.min != after.replicas.min || before.replicas.max != after.replicas.max;
    const bool scaler = bounds || differs(before.autoscaler, after.autoscaler);
    if (scaler && service.fluid) service.fluid->watched = after.autoscaler.policy != "none";
    for (DeploymentState& deployment : service.deployments) {
      if (scaler) {
        set_autoscaler(service, deployment);
        engine.reschedule(deployment.next_decision,
                          engine.now() + deployment.autoscaler->interval());
      }
      if (differs(before.router, after.router)) {
        set_router(world, service, deployment);
        introduce(deployment);
      }
      const std::uint32_t wanted =
          std::clamp(deployment.wanted, after.replicas.min, after.replicas.max);
      if (bounds && wanted != deployment.wanted) set_wanted(c, deployment, wanted);
    }
  }
}

}  // namespace hyperdc
