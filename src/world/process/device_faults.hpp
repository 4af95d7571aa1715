// DeviceFaultsProcess: when power devices, cooling units and the controller of caps of one region
// are out of order.
//
// Computes: planned outages at their times; failures by themselves after a time in service drawn
// anew after every repair; repairs of failures and of trips after a repair time. Draws are keyed by
// device and by the number of its failure, so another device's luck does not move them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/distribution.hpp"
#include "core/rng.hpp"
#include "world/power_plant.hpp"

namespace hyperdc {

class DeviceFaultsProcess final : public Process {
 public:
  DeviceFaultsProcess(World& world, PowerPlant& plant);

  /// Schedules what is planned and the first failures. Call once, after Engine::add.
  void begin(ProcessId self, Engine& engine);

  void handle(const Event& event, Engine& engine) override;
  std::string_view name() const override { return name_; }
  std::uint32_t kinds() const override { return 6; }
  std::string_view kind_name(std::uint32_t kind) const override;

 private:
  /// Items: devices, cooling units, the controller of caps.
  struct Item {
    const DeviceFaults* faults;
    RandomStream draws;
    std::optional<Distribution> time_to_failure, repair;
    std::uint64_t failures = 0;  // and trips
  };

  void add_item(const std::string& name, const DeviceFaults& faults);
  void plan(SimTime at, DeviceEvent kind, std::uint32_t item, Engine& engine) const;
  void set_order(std::uint32_t item, bool works, Engine& engine);
  void schedule_failure(std::uint32_t item, Engine& engine);
  void schedule_repair(std::uint32_t item, DeviceEvent kind, Engine& engine);

  World& world_;
  PowerPlant& plant_;
  std::string name_;
  ProcessId self_;
  std::vector<Item> items_;
};

}  // namespace hyperdc
