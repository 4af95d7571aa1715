// build_services: from the const description to the services of a world.
#pragma once

#include "world/world.hpp"

namespace hyperdc {

/// Services, their deployments, curves, policies and metrics. After the pools and workloads.
void build_services(World& world);

/// The policies of a service as its spec says now, without a memory. A router knows no replica yet.
void set_router(const World& world, const ServiceState& service, DeploymentState& deployment);
void set_region_router(const World& world, ServiceState& service);
void set_autoscaler(ServiceState& service, DeploymentState& deployment);

/// Numbers of the services that are known only at the end of the run.
void read_services(const World& world, SimTime end, std::vector<MetricValue>& values);

}  // namespace hyperdc
