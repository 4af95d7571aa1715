// What a workload held of servers after the warm-up, by type and region.
//
// Computes: servers * s, a server counting by the largest of the shares of its cores, its memory
//   and its accelerators that a replica or a member of a job holds.
// Source: definition; cost_metrics.hpp and footprint_metrics.hpp share by it. Leaves out: what is
// booked by platforms beside.
#pragma once

#include <cstdint>
#include <vector>

#include "world/world.hpp"

namespace hyperdc {

struct HeldServers {
  std::uint32_t type = 0;    // of Scenario::server_types
  std::uint32_t region = 0;  // of Scenario::regions
  double server_s = 0;
};

std::vector<HeldServers> held_servers_of(const World& world, const ServiceState& service,
                                         SimTime end);
std::vector<HeldServers> held_servers_of(const World& world, const WorkloadState& workload,
                                         SimTime end);

}  // namespace hyperdc
