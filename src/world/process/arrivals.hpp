// ArrivalsProcess: submits the jobs of one workload to its pool at their times, one event a job;
// those of a step that comes after others when these are done, and those over a quota when it has
// room (world/pipelines.hpp).
#pragma once

#include <string>
#include <vector>

#include "world/world.hpp"

namespace hyperdc {

/// Kinds of events: the job of run `arg` may come; some that wait for the quota may.
inline constexpr std::uint32_t kStepIsDue = 1, kQuotaIsFree = 2;

class ArrivalsProcess final : public Process {
 public:
  ArrivalsProcess(World& world, std::uint32_t workload);

  /// Fetches the first job and schedules its arrival. Call once, after Engine::add.
  void begin(ProcessId self, Engine& engine);

  void handle(const Event& event, Engine& engine) override;
  std::string_view name() const override { return name_; }
  std::uint32_t kinds() const override { return 3; }
  std::string_view kind_name(std::uint32_t kind) const override {
    return kind == kStepIsDue ? "step is due" : kind == kQuotaIsFree ? "quota is free" : "arrive";
  }

 private:
  void schedule_next(Engine& engine);
  void due(const JobRecord& record, std::uint64_t run, Engine& engine);
  void submit(const JobRecord& record, std::uint64_t run, Engine& engine);

  World& world_;
  std::uint32_t workload_;
  std::string name_;
  ProcessId self_;
  JobRecord next_;
  std::uint64_t arrived_ = 0;
  std::vector<JobRecord> steps_;  // by run; only of steps that come after others
};

}  // namespace hyperdc
