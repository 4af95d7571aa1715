// PowerPlant: power devices and cooling of one region in a run, and which racks hang on them.
//
// The models (model/power) know loads and zones; this knows rack groups, pools and the meter. What
// moves it in time is process/power_plant.hpp. Others tell it by the functions below.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "model/power/capping.hpp"
#include "model/power/cooling.hpp"
#include "model/power/power_tree.hpp"
#include "world/world.hpp"

namespace hyperdc {

struct PowerPlant {
  /// A rack group of the region.
  struct Rack {
    std::uint32_t rack = 0;             // in Scenario::racks
    std::optional<std::uint32_t> pool;  // whose it is
    std::vector<std::uint32_t> blocks;  // of the pool
    std::optional<std::uint32_t> zone;  // of cooling
    bool dark = false;                  // no power
    bool hot = false;                   // shut down by its zone
    std::optional<double> cap_w;
    std::int64_t shaved_uw = 0;  // what it would draw more without its cap
    double clock = 1;
    std::int64_t heat_uw = 0;  // that its zone counts
  };
  struct Unit {
    std::uint32_t zone = 0;
    double capacity_w = 0;
    std::optional<LoadId> load;  // without feeds: always powered
    std::uint32_t holds = 0;     // reasons to be out of order
  };
  struct Zone {
    CoolingZone model;
    double warmest_c = 0;
    std::int64_t heat_uw = 0;
    bool changed = true;  // heat or units
    MetricId throttled;
  };
  struct Decision {  // caps on their way
    SimTime acts;
    std::uint64_t measurement = 0;            // its number
    std::vector<std::optional<double>> caps;  // by rack
  };

  PowerPlant(const World& world, std::uint32_t region_index);

  std::uint32_t region = 0;
  const FacilitySpec* spec = nullptr;
  PowerTree tree;  // loads: racks, then cooling units with feeds
  std::vector<Rack> racks;
  std::vector<std::uint32_t> rack_at;  // by index in Scenario::racks; kNoRack elsewhere
  static constexpr std::uint32_t kNoRack = 0xffffffff;
  std::vector<std::uint32_t> device_holds;  // by device: reasons to be out of order
  std::vector<Unit> units;
  std::vector<Zone> zones;
  std::optional<Capping> capping;
  std::deque<Decision> decisions;
  std::uint32_t capping_holds = 0;  // reasons of the controller to be out of order
  bool unheard = false;             // a command of the last decision was lost

  ProcessId process, faults;
  std::optional<SimTime> told_at;  // an update is pending for this moment

  std::vector<MetricId> load, trips;  // by device
  std::vector<MetricId> group_load;   // by group
  MetricId dark_racks, slowed_racks;
  MetricId shaved, capping_down, misread, lost_commands;  // with caps
  std::int64_t shaved_uw = 0;
  std::int64_t dark_count = 0, slowed_count = 0;  // racks

  /// Of the racks, in W, now.
  std::vector<CapLeaf> leaves(const PowerMeter& meter) const;
  double zone_capacity_w(std::uint32_t zone) const;
};

/// Kinds of events of a plant's process, and of that of its failures.
enum class PlantEvent : std::uint32_t { changed, due, measure, act, weather };
enum class DeviceEvent : std::uint32_t {
  outage_begins,
  outage_ends,
  fails,
  repaired,
  tripped,
  reset
};

/// Declares metrics, for every region with devices, cooling or losses that vary.
void build_plants(World& world);

/// Publishes the meter and tells the plants whose racks draw another power than before. Whoever
/// changed the meter calls it at the end of the moment.
void publish_power(World& world, Engine& engine);

/// One more, or one less, reason for a device of a region to be out of order.
void fail_device(World& world, std::uint32_t region, DeviceId device, Engine& engine);
void repair_device(World& world, std::uint32_t region, DeviceId device, Engine& engine);
/// The same for the controller of caps: racks keep the caps that they have.
void fail_capping(World& world, std::uint32_t region, Engine& engine);
void repair_capping(World& world, std::uint32_t region, Engine& engine);
/// The same for a cooling unit, numbered over all zones of the region.
void fail_cooling(World& world, std::uint32_t region, std::uint32_t unit, Engine& engine);
void repair_cooling(World& world, std::uint32_t region, std::uint32_t unit, Engine& engine);

}  // namespace hyperdc
