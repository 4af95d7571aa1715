#include "world/job_residency.hpp"

#include <algorithm>

#include "world/kinds.hpp"
#include "world/pool.hpp"

namespace hyperdc {

void build_job_residency(World& world) {
  for (WorkloadState& workload : world.workloads) {
    const auto& regions = workload.spec->residency;
    if (regions.empty()) continue;
    const PoolState& pool = world.pools[workload.spec->pool];
    for (const std::uint32_t rack : pool.spec->racks) {
      const std::uint32_t region = world.scenario->racks[rack].region;
      if (std::find(regions.begin(), regions.end(), region) == regions.end()) continue;
      const auto bit = std::find(pool.zones.begin(), pool.zones.end(), world.zone_of_rack[rack]);
      workload.zones |= ZoneSet{1} << (bit - pool.zones.begin());
    }
  }
}

void note_confined(World& world, PoolState& pool, JobId job, ModelSet models, bool rejected) {
  JobState& state = pool.states[job.value];
  WorkloadState& workload = world.workloads[state.workload];
  if (workload.zones == 0 || state.confined) return;
  const JobView& view = pool.jobs[job.value];
  state.confined = any_request(pool, job, models, [&](Request each) {
    each.zones = 0;
    return rejected ? pool.placer->possible(each, view.members)
                    : pool.placer->would_fit(each, view.members, view.number, {});
  });
  if (state.confined) ++workload.confined;
}

}  // namespace hyperdc
