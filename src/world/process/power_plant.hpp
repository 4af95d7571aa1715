// PowerPlantProcess: moves the power and cooling of one region in time.
//
// An update brings the models to now, gives them what the racks draw, and carries out what follows:
// racks that lose power or get too hot go down, racks under a cap or in warm air slow down. It
// repeats until nothing changes, then schedules the next trip, battery, transfer or temperature.
// Measurements are made only while some device is near its limit or capped; the grid of their times
// is that of a controller that always measures.
#pragma once

#include <string>
#include <vector>

#include "core/rng.hpp"
#include "world/power_plant.hpp"

namespace hyperdc {

class PowerPlantProcess final : public Process {
 public:
  PowerPlantProcess(World& world, PowerPlant& plant);

  /// Brings the models to time 0. Call once, after Engine::add.
  void begin(ProcessId self, Engine& engine);

  void handle(const Event& event, Engine& engine) override;
  std::string_view name() const override { return name_; }
  std::uint32_t kinds() const override { return 5; }
  std::string_view kind_name(std::uint32_t kind) const override;

 private:
  void set_weather(Engine& engine);

  void update(Engine& engine);
  void refresh_racks(const Engine& engine);
  void switch_racks(Engine& engine);
  void note_trips(Engine& engine);
  void update_zones(Engine& engine);
  void set_rack_power(PowerPlant::Rack& rack, bool dark, bool hot, Engine& engine);
  void set_clock(PowerPlant::Rack& rack, const Engine& engine);
  void retime(Engine& engine);
  void publish(SimTime now);
  void schedule_due(Engine& engine);
  void schedule_measurement(Engine& engine);
  std::vector<double> read_meters(std::uint64_t measurement) const;
  void measure(Engine& engine);
  void act(const Engine& engine);

  World& world_;
  PowerPlant& plant_;
  std::string name_;
  RandomStream meters_, commands_;
  ProcessId self_;
  std::vector<std::uint32_t> slower_;  // racks whose clock changed
  EventId due_event_ = kNoEvent;
  std::optional<SimTime> due_at_, measure_at_;
};

}  // namespace hyperdc
