// ReplicationProcess: the copies of one service, an event a batch, and two a write that waits.
#pragma once

#include <string>

#include "world/world.hpp"

namespace hyperdc {

class ReplicationProcess final : public Process {
 public:
  ReplicationProcess(World& world, std::uint32_t service);

  /// Call once, after Engine::add.
  void begin(ProcessId self, Engine& engine);
  void handle(const Event& event, Engine& engine) override;
  std::string_view name() const override { return name_; }
  std::uint32_t kinds() const override;
  std::string_view kind_name(std::uint32_t kind) const override;

 private:
  World& world_;
  std::uint32_t service_;
  std::string name_;
};

}  // namespace hyperdc
