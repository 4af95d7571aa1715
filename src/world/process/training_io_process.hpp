// TrainingIoProcess: what one training run writes to and reads from what others use, too.
#pragma once

#include <string>

#include "world/world.hpp"

namespace hyperdc {

class TrainingIoProcess final : public Process {
 public:
  TrainingIoProcess(World& world, std::uint32_t workload);

  /// Nothing happens by itself. Call once.
  void begin(ProcessId self, Engine& engine);

  void handle(const Event& event, Engine& engine) override;
  std::string_view name() const override { return name_; }
  std::uint32_t kinds() const override;
  std::string_view kind_name(std::uint32_t kind) const override;

 private:
  World& world_;
  TrainingState& training_;
  std::string name_;
};

}  // namespace hyperdc
