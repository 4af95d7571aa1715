// ControlPlaneProcess: when one control plane is out.
//
// Outages at given times and at random may overlap; the plane is out while one of them lasts. One
// pending event for each. Times of the n-th outage at random are a function of n (streams
// "control_planes.NAME.times" and ".durations"), so every scenario with this plane and seed meets
// the same ones.
#pragma once

#include <optional>
#include <string>

#include "core/distribution.hpp"
#include "core/rng.hpp"
#include "world/world.hpp"

namespace hyperdc {

class ControlPlaneProcess final : public Process {
 public:
  ControlPlaneProcess(World& world, std::uint32_t plane);

  /// Schedules the outages. Call once, after Engine::add.
  void begin(ProcessId self, Engine& engine);

  void handle(const Event& event, Engine& engine) override;
  std::string_view name() const override { return name_; }
  std::uint32_t kinds() const override { return 2; }
  std::string_view kind_name(std::uint32_t kind) const override;

 private:
  enum Kind : std::uint32_t { kOut, kBack };

  /// The next outage at random begins a time to failure from now.
  void arm(Engine& engine);

  World& world_;
  PlaneState& plane_;
  std::string name_;
  std::optional<Distribution> life_, lasts_;
  RandomStream life_draws_, lasts_draws_;
  std::uint64_t drawn_ = 0;
  ProcessId self_;
};

}  // namespace hyperdc
