#include "world/branch.hpp"

#include <algorithm>

#include "scenario/fluid.hpp"
#include "world/service/build.hpp"
#include "world/service/fluid.hpp"
#include "world/service/requests.hpp"
#include "world/service/scaling.hpp"

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

/// The fluid of a service was told what it was until now; from here on it is split otherwise.
void change_fluid(const World& world, ServiceState& service, const ServiceWorkload& after,
                  SimTime now) {
  advance_fluid(world, service, now);
  service.fluid->watched = after.autoscaler.policy != "none";
  for (FluidDeployment& deployment : service.fluid->deployments) {
    deployment.station.set_split(fluid_service(after).split);
  }
}

void take_over_service(World& world, ServiceState& service, const ServiceWorkload& after,
                       Engine& engine) {
  const ServiceWorkload& before = *service.spec;
  const bool scaler = differs(before.autoscaler, after.autoscaler);
  const bool router = differs(before.router, after.router);
  const bool region_router = differs(before.region_router, after.region_router);
  if (service.fluid && (scaler || router || region_router)) {
    change_fluid(world, service, after, engine.now());
  }
  service.spec = &after;
  if (region_router) set_region_router(world, service);
  const ServiceContext c{world, service, engine};
  for (DeploymentState& deployment : service.deployments) {
    if (scaler) {
      set_autoscaler(service, deployment);
      deployment.next_decision = engine.reschedule(
          deployment.next_decision, engine.now() + deployment.autoscaler->interval());
    }
    if (router) {
      set_router(world, service, deployment);
      introduce(deployment);
    }
    const std::uint32_t wanted =
        std::clamp(deployment.wanted, after.replicas.min, after.replicas.max);
    if (wanted != deployment.wanted) set_wanted(c, deployment, wanted);
  }
}

}  // namespace

void take_over(World& world, const Scenario& now, Engine& engine) {
  for (ServiceState& service : world.services) {
    take_over_service(world, service, now.services[service.index], engine);
  }
}

}  // namespace hyperdc
