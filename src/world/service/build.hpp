// build_services: from the const description to the services of a world.
#pragma once

#include "world/world.hpp"

namespace hyperdc {

/// Services, their deployments, curves, policies and metrics. After the pools and workloads.
void build_services(World& world);
/// Numbers of the services that are known only at the end of the run.
void read_services(const World& world, SimTime end, std::vector<MetricValue>& values);

}  // namespace hyperdc
