// FabricProcess: the flows of one fabric, with one pending event at the moment of the next end.
#pragma once

#include <string>

#include "world/world.hpp"

namespace hyperdc {

class FabricProcess final : public Process {
 public:
  FabricProcess(World& world, std::uint32_t fabric);

  /// Schedules the end of the warm-up. Call once, after Engine::add.
  void begin(ProcessId self, Engine& engine);

  void handle(const Event& event, Engine& engine) override;
  std::string_view name() const override { return name_; }
  std::uint32_t kinds() const override;
  std::string_view kind_name(std::uint32_t kind) const override;

 private:
  void end_flows(Engine& engine);
  void plan(Engine& engine);

  World& world_;
  std::uint32_t fabric_;
  std::string name_;
};

}  // namespace hyperdc
