#include "world/holdings.hpp"

#include <algorithm>

#include "world/service/state.hpp"

namespace hyperdc {
namespace {

Holding holding_of(const PoolState& pool, std::size_t block, Int128 held_ppm_ns) {
  return {pool.block_type[block], pool.block_region[block], 1e-6 * per_second(held_ppm_ns)};
}

}  // namespace

std::vector<Holding> holdings_of(const World& world, const ServiceState& service, SimTime end) {
  std::vector<Holding> out;
  for (const DeploymentState& deployment : service.deployments) {
    const PoolState& pool = world.pools[deployment.spec->pool];
    for (const PartUse& use : deployment.parts) {
      const auto at = std::find(pool.power_part.begin(), pool.power_part.end(), use.part);
      const auto block = static_cast<std::size_t>(at - pool.power_part.begin());
      out.push_back(holding_of(pool, block, use.held_ppm.until(end) - use.held_in_warmup));
    }
  }
  return out;
}

std::vector<Holding> holdings_of(const World& world, const WorkloadState& workload, SimTime end) {
  std::vector<Holding> out;
  const PoolState& pool = world.pools[workload.spec->pool];
  const SimTime until = std::max(end, SimTime{} + world.scenario->warmup);
  for (std::size_t block = 0; block < workload.held_ppm.size(); ++block) {
    out.push_back(holding_of(pool, block, workload.held_ppm[block].until(until)));
  }
  return out;
}

}  // namespace hyperdc
