// BuyerProcess: the steps of one buyer, and its end.
#pragma once

#include <string>

#include "world/buyer/buyer.hpp"

namespace hyperdc {

class BuyerProcess final : public Process {
 public:
  BuyerProcess(World& world, std::uint32_t buyer);

  /// Schedules the first step. Call once, after Engine::add.
  void begin(ProcessId self, Engine& engine);

  void handle(const Event& event, Engine& engine) override;
  std::string_view name() const override { return name_; }
  std::uint32_t kinds() const override { return 2; }
  std::string_view kind_name(std::uint32_t kind) const override;
  /// Of what was paid so far, so that fingerprints tell two buyers apart.
  std::uint64_t meaning(const Event& event) const override;

 private:
  enum Kind : std::uint32_t { kStep, kEnd };

  BuyerState& state_;
  std::string name_;
  ProcessId self_;
};

}  // namespace hyperdc
