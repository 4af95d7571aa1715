// StoreProcess: when the next reader of one store has all.
#pragma once

#include <string>

#include "world/world.hpp"

namespace hyperdc {

class StoreProcess final : public Process {
 public:
  StoreProcess(World& world, std::uint32_t store);

  /// Nothing happens by itself. Call once.
  void begin(ProcessId self, Engine& engine);

  void handle(const Event& event, Engine& engine) override;
  std::string_view name() const override { return name_; }
  std::uint32_t kinds() const override { return 1; }
  std::string_view kind_name(std::uint32_t) const override { return "has_all"; }

 private:
  World& world_;
  std::uint32_t store_;
  std::string name_;
};

}  // namespace hyperdc
