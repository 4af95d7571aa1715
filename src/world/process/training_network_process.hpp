// TrainingNetworkProcess: the steps of one training run exchange over a fabric
// (world/training_network.hpp).
#pragma once

#include <string>

#include "world/world.hpp"

namespace hyperdc {

class TrainingNetworkProcess final : public Process {
 public:
  TrainingNetworkProcess(World& world, std::uint32_t workload);

  /// Tells the run who it is. Call once, after Engine::add.
  void begin(ProcessId self, Engine& engine);

  void handle(const Event& event, Engine& engine) override;
  std::string_view name() const override { return name_; }
  std::uint32_t kinds() const override { return 3; }
  std::string_view kind_name(std::uint32_t kind) const override;

 private:
  World& world_;
  TrainingState& training_;
  std::string name_;
};

}  // namespace hyperdc
