#include "world/held_servers.hpp"

#include <algorithm>

#include "world/service/state.hpp"

namespace hyperdc {
namespace {

HeldServers held_of(const PoolState& pool, std::size_t block, Int128 held_ppm_ns) {
  return {pool.block_type[block], pool.block_region[block], 1e-6 * per_second(held_ppm_ns)};
}

}  // namespace

std::vector<HeldServers> held_servers_of(const World& world, const ServiceState& service,
                                         SimTime end) {
  std::vector<HeldServers> out;
  for (const DeploymentState& deployment : service.deployments) {
    const PoolState& pool = world.pools[deployment.spec->pool];
    for (const PartUse& use : deployment.parts) {
      const auto at = std::find(pool.power_part.begin(), pool.power_part.end(), use.part);
      const auto block = static_cast<std::size_t>(at - pool.power_part.begin());
      out.push_back(held_of(pool, block, use.held_ppm.until(end) - use.held_in_warmup));
    }
  }
  return out;
}

std::vector<HeldServers> held_servers_of(const World& world, const WorkloadState& workload,
                                         SimTime end) {
  std::vector<HeldServers> out;
  const PoolState& pool = world.pools[workload.spec->pool];
  const SimTime until = std::max(end, SimTime{} + world.scenario->warmup);
  for (std::size_t block = 0; block < workload.held_ppm.size(); ++block) {
    out.push_back(held_of(pool, block, workload.held_ppm[block].until(until)));
  }
  return out;
}

}  // namespace hyperdc
