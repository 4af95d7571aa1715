// ControlProcess: the clocks of one service: scrapes, decisions of its autoscalers, and the flush
// of its counts. Decisions see what was scraped at the same moment.
#pragma once

#include <string>

#include "world/world.hpp"

namespace hyperdc {

class ControlProcess final : public Process {
 public:
  ControlProcess(World& world, std::uint32_t service);

  void begin(ProcessId self, Engine& engine);
  void handle(const Event& event, Engine& engine) override;
  std::string_view name() const override { return name_; }
  std::uint32_t kinds() const override { return 3; }
  std::string_view kind_name(std::uint32_t kind) const override;

 private:
  World& world_;
  ServiceState& service_;
  std::string name_;
  ProcessId self_;
};

}  // namespace hyperdc
