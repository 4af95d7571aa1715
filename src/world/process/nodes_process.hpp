// NodesProcess: when the node autoscaler of one pool decides, and what becomes of its removals.
//
// A decision follows the scheduling pass of its moment: what waits then has found no server.
#pragma once

#include <string>

#include "world/world.hpp"

namespace hyperdc {

class NodesProcess final : public Process {
 public:
  NodesProcess(World& world, std::uint32_t pool);

  /// Switches off what is off at the start, and asks for the first decision. Call once.
  void begin(ProcessId self, Engine& engine);

  void handle(const Event& event, Engine& engine) override;
  std::string_view name() const override { return name_; }
  std::uint32_t kinds() const override;
  std::string_view kind_name(std::uint32_t kind) const override;

 private:
  World& world_;
  PoolState& pool_;
  std::string name_;
};

}  // namespace hyperdc
