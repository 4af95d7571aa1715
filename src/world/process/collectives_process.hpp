// CollectivesProcess: the ranks of one workload compute, exchange, and compute again.
#pragma once

#include <string>

#include "world/collectives.hpp"

namespace hyperdc {

class CollectivesProcess final : public Process {
 public:
  CollectivesProcess(World& world, std::uint32_t workload);

  /// Schedules the first collective. Call once, after Engine::add.
  void begin(ProcessId self, Engine& engine);

  void handle(const Event& event, Engine& engine) override;
  std::string_view name() const override { return name_; }
  std::uint32_t kinds() const override;
  std::string_view kind_name(std::uint32_t kind) const override;

 private:
  void compute(SimTime from, Engine& engine);
  void exchange(Engine& engine);
  void done(Engine& engine);

  World& world_;
  std::uint32_t workload_;
  std::string name_;
  ProcessId self_;
  RandomStream compute_stream_;
  Distribution compute_;
  CollectiveRun run_;
  std::uint64_t number_ = 0;  // of the collective under way, or the next
  SimTime computing_since_;
  SimTime exchanging_since_;
};

}  // namespace hyperdc
