#include "world/process/arrivals.hpp"

#include "world/pool.hpp"

namespace hyperdc {

ArrivalsProcess::ArrivalsProcess(World& world, std::uint32_t workload)
    : world_(world),
      workload_(workload),
      name_("workloads." + world.scenario->workloads[workload].name) {}

void ArrivalsProcess::begin(ProcessId self, Engine& engine) {
  self_ = self;
  schedule_next(engine);
}

void ArrivalsProcess::schedule_next(Engine& engine) {
  if (!world_.workloads[workload_].source->next(next_)) return;
  engine.schedule(next_.submit, Phase::workload, self_, 0, arrived_);
  ++arrived_;
}

void ArrivalsProcess::handle(const Event&, Engine& engine) {
  const std::uint32_t pool = world_.scenario->workloads[workload_].pool;
  submit_job(world_, world_.pools[pool], workload_, next_, engine);
  schedule_next(engine);
}

}  // namespace hyperdc
