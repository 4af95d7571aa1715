// ServiceNetworkProcess: the traffic of one service on its fabric, an event each interval.
#pragma once

#include <string>

#include "world/world.hpp"

namespace hyperdc {

class ServiceNetworkProcess final : public Process {
 public:
  ServiceNetworkProcess(World& world, std::uint32_t service);

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
