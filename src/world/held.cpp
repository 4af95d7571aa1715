#include "world/held.hpp"

#include <algorithm>
#include <cmath>

#include "world/pool.hpp"

namespace hyperdc {

namespace {

std::int64_t ppm(double ratio) {
  return std::llround(ratio * 1e6);
}

}  // namespace

std::int64_t share_ppm(const Request& each, const ServerShape& shape) {
  const auto part = [](std::int64_t of, std::int64_t whole) {
    return whole > 0 ? static_cast<double>(of) / static_cast<double>(whole) : 0.0;
  };
  return ppm(std::max({part(each.cores_milli, shape.cores_milli),
                       part(each.memory_bytes, shape.memory_bytes),
                       part(each.accelerators, shape.accelerators)}));
}

void account_shares(World& world, PoolState& pool, JobId job, std::span<const Share> shares,
                    SimTime now, int sign) {
  const JobsWorkload& workload = world.scenario->workloads[pool.states[job.value].workload];
  const Resources each = total_of(pool.jobs[job.value].each, 1);
  const std::int64_t cpu = ppm(workload.cpu_utilization);
  const std::int64_t accelerator = ppm(workload.accelerator_utilization);
  WorkloadState& state = world.workloads[pool.states[job.value].workload];
  for (const Share& share : shares) {
    const std::uint32_t block = pool.fleet->block_of(share.server);
    world.power.change(now, pool.power_part[block], each, cpu, accelerator, sign);
    if (state.held_ppm.empty()) continue;
    const std::int64_t held = share_ppm(pool.jobs[job.value].each, pool.blocks[block].shape);
    state.held_ppm[block].change(std::max(now, SimTime{} + world.scenario->warmup), sign * held);
  }
}

}  // namespace hyperdc
