#include "world/process/arrivals.hpp"

#include <hyperdc/core/assert.hpp>

#include "world/pipelines.hpp"
#include "world/pool.hpp"

namespace hyperdc {

ArrivalsProcess::ArrivalsProcess(World& world, std::uint32_t workload)
    : world_(world),
      workload_(workload),
      name_("workloads." + world.scenario->workloads[workload].name) {}

void ArrivalsProcess::begin(ProcessId self, Engine& engine) {
  self_ = self;
  if (!step_begins(world_, workload_, self)) schedule_next(engine);
}

void ArrivalsProcess::schedule_next(Engine& engine) {
  if (!world_.workloads[workload_].source->next(next_)) return;
  engine.schedule(next_.submit, Phase::workload, self_, 0, arrived_);
  ++arrived_;
}

void ArrivalsProcess::due(const JobRecord& record, std::uint64_t run, Engine& engine) {
  if (may_come(world_, workload_, record, run, engine.now())) submit(record, run, engine);
}

void ArrivalsProcess::submit(const JobRecord& record, std::uint64_t run, Engine& engine) {
  const std::uint32_t pool = world_.scenario->workloads[workload_].pool;
  const JobId job = submit_job(world_, world_.pools[pool], workload_, record, engine);
  step_submitted(world_, workload_, job, run);
}

void ArrivalsProcess::handle(const Event& event, Engine& engine) {
  if (event.kind == kQuotaIsFree) {
    while (const auto next = next_within_quota(world_, workload_, engine.now())) {
      submit(next->record, next->run, engine);
    }
  } else if (event.kind == kStepIsDue) {
    // Runs may overtake each other; each has its own record.
    while (steps_.size() <= event.arg) {
      const bool there = world_.workloads[workload_].source->next(next_);
      HYPERDC_CHECK(there, "a step has no job for a run of its pipeline");
      steps_.push_back(next_);
    }
    due(steps_[event.arg], event.arg, engine);
  } else {
    due(next_, arrived_ - 1, engine);
    schedule_next(engine);
  }
}

}  // namespace hyperdc
