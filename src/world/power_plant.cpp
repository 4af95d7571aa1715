#include "world/power_plant.hpp"

#include <algorithm>

#include <hyperdc/core/assert.hpp>

#include "world/availability.hpp"
#include "world/buyer/buyer.hpp"
#include "world/defragment.hpp"
#include "world/gang_domains.hpp"
#include "world/growth/growth.hpp"
#include "world/kinds.hpp"
#include "world/losses.hpp"
#include "world/market/market.hpp"
#include "world/platform_state.hpp"
#include "world/reservations.hpp"
#include "world/speed.hpp"
#include "world/storage_objects_state.hpp"
#include "world/traffic.hpp"
#include "world/work_marks.hpp"

namespace hyperdc {

namespace {

const FacilitySpec kNoFacility{};

const FacilitySpec& spec_of(const Region& region) {
  return region.plant ? *region.plant : kNoFacility;
}

PowerTree tree_of(const FacilitySpec& spec) {
  std::vector<PowerDeviceSpec> devices;
  std::vector<PowerLoadSpec> loads;
  for (const FacilityDevice& device : spec.devices) devices.push_back(device.power);
  if (!devices.empty()) {
    for (const RackSupply& rack : spec.racks) loads.push_back({rack.feeds, rack.supply});
    for (const CoolingSpec& zone : spec.cooling) {
      for (const CoolingUnit& unit : zone.units) {
        if (!unit.feeds.empty()) loads.push_back({unit.feeds, Supply::shared});
      }
    }
  }
  return {std::move(devices), std::move(loads)};
}

/// Which pool a rack group belongs to, and with which blocks.
void find_pool(const World& world, PowerPlant::Rack& rack) {
  for (const PoolState& pool : world.pools) {
    for (std::uint32_t block = 0; block < pool.blocks.size(); ++block) {
      if (pool.block_racks[block] != rack.rack) continue;
      rack.pool = pool.index;
      rack.blocks.push_back(block);
    }
  }
}

PowerPlant& plant_of(World& world, std::uint32_t region) {
  HYPERDC_CHECK(world.plants[region] != nullptr, "a region without power devices");
  return *world.plants[region];
}

void tell(PowerPlant& plant, Engine& engine) {
  if (plant.told_at == engine.now()) return;
  plant.told_at = engine.now();
  engine.schedule(engine.now(), Phase::control, plant.process,
                  static_cast<std::uint32_t>(PlantEvent::changed));
}

void declare_devices(Recorder& recorder, PowerPlant& plant, const std::string& prefix) {
  for (const FacilityDevice& device : plant.spec->devices) {
    const std::string name = prefix + "devices." + device.power.name + ".";
    MetricId load;
    if (device.power.capacity_w) {
      load = recorder.declare(
          {name + "load", "1", "load of the device over its capacity", MetricKind::level});
    }
    plant.load.push_back(load);
    plant.trips.push_back(recorder.declare(
        {name + "trips", "times", "trips of the device by overload", MetricKind::counter}));
  }
  for (const RedundancyGroup& group : plant.spec->groups) {
    plant.group_load.push_back(recorder.declare(
        {prefix + "groups." + group.name + ".load", "1",
         "load of the group over the capacity of the devices that it needs", MetricKind::level}));
  }
}

void declare_capping(Recorder& recorder, PowerPlant& plant, const std::string& prefix) {
  const std::string name = prefix + "capping.";
  plant.shaved = recorder.declare(
      {name + "shaved", "W", "what racks would draw more without caps", MetricKind::level});
  plant.capping_down = recorder.declare(
      {name + "down", "1", "1 while the controller of caps is out of order", MetricKind::level});
  plant.misread =
      recorder.declare({name + "misread", "times",
                        "readings of devices on the wrong side of the limit", MetricKind::counter});
  plant.lost_commands = recorder.declare(
      {name + "lost", "times", "commands that did not reach a rack group", MetricKind::counter});
}

void declare(World& world, PowerPlant& plant) {
  Recorder& recorder = *world.recorder;
  const std::string prefix = "regions." + world.scenario->regions[plant.region].name + ".";
  declare_devices(recorder, plant, prefix);
  if (plant.racks.empty()) return;
  plant.dark_racks =
      recorder.declare({prefix + "racks.dark", "racks", "racks without power", MetricKind::level});
  plant.slowed_racks =
      recorder.declare({prefix + "racks.slowed", "racks",
                        "racks that a power cap or warm air slows down", MetricKind::level});
  if (plant.capping) declare_capping(recorder, plant, prefix);
  for (std::uint32_t z = 0; z < plant.zones.size(); ++z) {
    plant.zones[z].throttled =
        recorder.declare({prefix + "cooling." + plant.spec->cooling[z].name + ".throttled", "1",
                          "1 while the inlet is too warm for full speed", MetricKind::level});
  }
}

/// A reason more or less; true when the item changes.
bool hold(std::uint32_t& holds, int sign) {
  HYPERDC_CHECK(sign > 0 || holds > 0, "a device is repaired that is in order");
  holds = sign > 0 ? holds + 1 : holds - 1;
  return sign > 0 ? holds == 1 : holds == 0;
}

}  // namespace

World::World() = default;
World::~World() = default;  // here, where a plant and the traffic of jobs are whole types

PowerPlant::PowerPlant(const World& world, std::uint32_t region_index)
    : region(region_index),
      spec(&spec_of(world.scenario->regions[region_index])),
      tree(tree_of(*spec)),
      rack_at(world.scenario->racks.size(), kNoRack),
      device_holds(spec->devices.size(), 0) {
  for (const RackSupply& supply : spec->racks) {
    Rack rack;
    rack.rack = supply.rack;
    find_pool(world, rack);
    rack_at[supply.rack] = static_cast<std::uint32_t>(racks.size());
    racks.push_back(std::move(rack));
  }
  auto next_load = static_cast<std::uint32_t>(racks.size());
  for (std::uint32_t z = 0; z < spec->cooling.size(); ++z) {
    const CoolingSpec& zone = spec->cooling[z];
    for (const CoolingUnit& unit : zone.units) {
      Unit out{z, unit.capacity_w, std::nullopt, 0};
      if (!unit.feeds.empty()) out.load = LoadId{next_load++};
      units.push_back(out);
    }
    for (const std::uint32_t rack : zone.racks) racks[rack_at[rack]].zone = z;
    zones.push_back({CoolingZone(zone.zone), zone.zone.setpoint_c, 0, true, {}});
  }
  if (spec->capping) capping.emplace(*spec->capping, spec->devices.size());
}

std::vector<CapLeaf> PowerPlant::leaves(const PowerMeter& meter) const {
  std::vector<CapLeaf> out;
  const double least = power_at_clock(spec->throttle, 0, 1, spec->throttle.least_clock);
  for (std::size_t i = 0; i < racks.size(); ++i) {
    const RackPowerNow now = meter.rack(racks[i].rack);
    out.push_back(
        {now.idle_w + now.busy_w, now.idle_w + least * now.busy_w, spec->racks[i].priority});
  }
  out.resize(std::max(out.size(), tree.loads()));  // cooling units draw nothing
  return out;
}

double PowerPlant::zone_capacity_w(std::uint32_t zone) const {
  double watts = 0;
  for (const Unit& unit : units) {
    const bool powered = !unit.load || tree.live(*unit.load);
    if (unit.zone == zone && unit.holds == 0 && powered) watts += unit.capacity_w;
  }
  return watts;
}

void build_plants(World& world) {
  const Scenario& scenario = *world.scenario;
  for (std::uint32_t r = 0; r < scenario.regions.size(); ++r) {
    const Region& region = scenario.regions[r];
    const bool weather = region.losses && region.losses->weather;
    world.plants.push_back(nullptr);
    if (!region.plant && !weather) continue;
    HYPERDC_CHECK(!region.plant || world.power.regions()[r].known,
                  "power devices in a region whose power is not known");
    world.plants.back() = std::make_unique<PowerPlant>(world, r);
    PowerPlant& plant = *world.plants.back();
    declare(world, plant);
    world.power.watch(r);
    for (const PowerPlant::Rack& rack : plant.racks) {
      if (!rack.pool) continue;
      PoolState& pool = world.pools[*rack.pool];
      enable_availability(world, pool);
      enable_speeds(pool);
    }
  }
}

void publish_power(World& world, Engine& engine) {
  world.power.publish(engine.now());
  for (const auto& plant : world.plants) {
    if (plant != nullptr && world.power.has_changed_racks(plant->region)) tell(*plant, engine);
  }
}

void fail_device(World& world, std::uint32_t region, DeviceId device, Engine& engine) {
  PowerPlant& plant = plant_of(world, region);
  plant.tree.advance(engine.now());
  if (hold(plant.device_holds[device.value], +1)) plant.tree.fail(device);
  tell(plant, engine);
}

void repair_device(World& world, std::uint32_t region, DeviceId device, Engine& engine) {
  PowerPlant& plant = plant_of(world, region);
  plant.tree.advance(engine.now());
  if (hold(plant.device_holds[device.value], -1)) plant.tree.repair(device);
  tell(plant, engine);
}

void fail_capping(World& world, std::uint32_t region, Engine& engine) {
  PowerPlant& plant = plant_of(world, region);
  hold(plant.capping_holds, +1);
  tell(plant, engine);
}

void repair_capping(World& world, std::uint32_t region, Engine& engine) {
  PowerPlant& plant = plant_of(world, region);
  hold(plant.capping_holds, -1);
  tell(plant, engine);
}

void fail_cooling(World& world, std::uint32_t region, std::uint32_t unit, Engine& engine) {
  PowerPlant& plant = plant_of(world, region);
  hold(plant.units[unit].holds, +1);
  plant.zones[plant.units[unit].zone].changed = true;
  tell(plant, engine);
}

void repair_cooling(World& world, std::uint32_t region, std::uint32_t unit, Engine& engine) {
  PowerPlant& plant = plant_of(world, region);
  hold(plant.units[unit].holds, -1);
  plant.zones[plant.units[unit].zone].changed = true;
  tell(plant, engine);
}

}  // namespace hyperdc
