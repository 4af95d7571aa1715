// TrafficProcess: the exchanges of the jobs of one pool.
#pragma once

#include <string>

#include "world/world.hpp"

namespace hyperdc {

class TrafficProcess final : public Process {
 public:
  TrafficProcess(World& world, std::uint32_t pool);

  void begin(ProcessId self, Engine& engine);
  void handle(const Event& event, Engine& engine) override;
  std::string_view name() const override { return name_; }
  std::uint32_t kinds() const override;
  std::string_view kind_name(std::uint32_t kind) const override;
  std::uint64_t meaning(const Event& event) const override;

 private:
  World& world_;
  std::uint32_t pool_;
  std::string name_;
};

}  // namespace hyperdc
