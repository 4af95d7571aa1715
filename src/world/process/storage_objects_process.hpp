// StorageObjectsProcess: what reads and writes of objects of one storage system wait for: drives
// and the fabric (world/storage_objects.hpp).
#pragma once

#include <string>

#include "world/world.hpp"

namespace hyperdc {

class StorageObjectsProcess final : public Process {
 public:
  StorageObjectsProcess(World& world, std::uint32_t system);

  /// Call once, after Engine::add.
  void begin(ProcessId self, Engine& engine);

  void handle(const Event& event, Engine& engine) override;
  std::string_view name() const override { return name_; }
  std::uint32_t kinds() const override;
  std::string_view kind_name(std::uint32_t kind) const override;

 private:
  World& world_;
  ObjectsState& state_;
  std::string name_;
};

}  // namespace hyperdc
