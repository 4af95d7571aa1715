// ArrivalsProcess: submits the jobs of one workload to its pool at their times, one event a job.
#pragma once

#include <string>

#include "world/world.hpp"

namespace hyperdc {

class ArrivalsProcess final : public Process {
 public:
  ArrivalsProcess(World& world, std::uint32_t workload);

  /// Fetches the first job and schedules its arrival. Call once, after Engine::add.
  void begin(ProcessId self, Engine& engine);

  void handle(const Event& event, Engine& engine) override;
  std::string_view name() const override { return name_; }
  std::uint32_t kinds() const override { return 1; }
  std::string_view kind_name(std::uint32_t) const override { return "arrive"; }

 private:
  void schedule_next(Engine& engine);

  World& world_;
  std::uint32_t workload_;
  std::string name_;
  ProcessId self_;
  JobRecord next_;
  std::uint64_t arrived_ = 0;
};

}  // namespace hyperdc
