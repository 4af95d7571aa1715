#include "world/process/power_plant.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include <hyperdc/core/assert.hpp>

#include "world/availability.hpp"
#include "world/pool.hpp"
#include "world/speed.hpp"

namespace hyperdc {

namespace {

constexpr Duration kWeatherStep = whole_seconds(3600);

}  // namespace

PowerPlantProcess::PowerPlantProcess(World& world, PowerPlant& plant)
    : world_(world),
      plant_(plant),
      name_("regions." + world.scenario->regions[plant.region].name + ".facility"),
      meters_(world.seed, name_ + ".capping.meters"),
      commands_(world.seed, name_ + ".capping.commands") {}

std::string_view PowerPlantProcess::kind_name(std::uint32_t kind) const {
  constexpr std::array<std::string_view, 5> kNames{"changed", "due", "measure", "act", "weather"};
  return kNames.at(kind);
}

void PowerPlantProcess::begin(ProcessId self, Engine& engine) {
  self_ = self;
  plant_.process = self;
  const Region& region = world_.scenario->regions[plant_.region];
  if (region.losses && region.losses->weather) set_weather(engine);
}

void PowerPlantProcess::handle(const Event& event, Engine& engine) {
  switch (static_cast<PlantEvent>(event.kind)) {
    case PlantEvent::changed:
      plant_.told_at.reset();
      break;
    case PlantEvent::due:
      due_event_ = kNoEvent;
      due_at_.reset();
      break;
    case PlantEvent::measure:
      measure_at_.reset();
      return measure(engine);
    case PlantEvent::act:
      act(engine);
      break;
    case PlantEvent::weather:
      return set_weather(engine);
  }
  update(engine);
}

void PowerPlantProcess::set_weather(Engine& engine) {
  const Weather& weather = *world_.scenario->regions[plant_.region].losses->weather;
  world_.power.set_outside(plant_.region, weather.celsius(to_seconds(engine.now())));
  world_.power.publish(engine.now());
  engine.schedule(engine.now() + kWeatherStep, Phase::observe, self_,
                  static_cast<std::uint32_t>(PlantEvent::weather));
}

void PowerPlantProcess::update(Engine& engine) {
  const SimTime now = engine.now();
  plant_.tree.advance(now);
  do {
    refresh_racks(engine);
    plant_.tree.settle();
    note_trips(engine);
    switch_racks(engine);
    update_zones(engine);
  } while (world_.power.has_changed_racks(plant_.region));
  retime(engine);
  publish(now);
  schedule_due(engine);
  schedule_measurement(engine);
}

/// The tree learns what the racks draw now; a cap holds whatever they do.
void PowerPlantProcess::refresh_racks(const Engine& engine) {
  const std::vector<std::uint32_t> changed = world_.power.take_changed_racks(plant_.region);
  for (const std::uint32_t index : changed) {
    const std::uint32_t i = plant_.rack_at[index];
    if (i == PowerPlant::kNoRack) continue;
    PowerPlant::Rack& rack = plant_.racks[i];
    set_clock(rack, engine);
    const RackPowerNow power = world_.power.rack(index);
    const double drawn_w = power.drawn_w;
    const double saved_w = rack.cap_w ? power.idle_w + power.busy_w - drawn_w : 0;
    plant_.shaved_uw += std::llround(1e6 * saved_w) - rack.shaved_uw;
    rack.shaved_uw = std::llround(1e6 * saved_w);
    if (plant_.tree.loads() > 0) plant_.tree.set_load_w(LoadId{i}, drawn_w);
    if (!rack.zone) continue;
    const std::int64_t heat_uw = std::llround(1e6 * drawn_w);
    PowerPlant::Zone& zone = plant_.zones[*rack.zone];
    zone.heat_uw += heat_uw - rack.heat_uw;
    zone.changed = true;
    rack.heat_uw = heat_uw;
  }
}

void PowerPlantProcess::note_trips(Engine& engine) {
  for (const PowerEvent& event : plant_.tree.take_events()) {
    if (event.kind != PowerEvent::Kind::tripped) continue;
    const std::uint32_t device = event.device.value;
    world_.recorder->add(plant_.trips[device], event.at, 1);
    ++plant_.device_holds[device];  // until it is reset
    engine.schedule(engine.now(), Phase::fault, plant_.faults,
                    static_cast<std::uint32_t>(DeviceEvent::tripped), device);
  }
}

void PowerPlantProcess::switch_racks(Engine& engine) {
  for (const LoadId load : plant_.tree.take_switched_loads()) {
    if (load.value >= plant_.racks.size()) {  // a cooling unit
      for (PowerPlant::Zone& zone : plant_.zones) zone.changed = true;
      continue;
    }
    PowerPlant::Rack& rack = plant_.racks[load.value];
    set_rack_power(rack, !plant_.tree.live(load), rack.hot, engine);
  }
}

void PowerPlantProcess::set_rack_power(PowerPlant::Rack& rack, bool dark, bool hot,
                                       Engine& engine) {
  const bool was_down = rack.dark || rack.hot;
  const bool down = dark || hot;
  const std::int64_t racks = world_.scenario->racks[rack.rack].racks;
  plant_.dark_count += (dark ? racks : 0) - (rack.dark ? racks : 0);
  rack.dark = dark;
  rack.hot = hot;
  if (down == was_down) return;
  const std::string_view because = dark ? "its rack lost power" : "its rack became too hot";
  if (!rack.pool) return world_.power.switch_rack(engine.now(), rack.rack, !down);
  PoolState& pool = world_.pools[*rack.pool];
  for (const std::uint32_t block : rack.blocks) {
    for (std::uint32_t s = 0; s < pool.blocks[block].count; ++s) {
      const ServerId server{pool.block_first[block] + s};
      if (down) {
        take_down(world_, pool, server, engine, because);
      } else {
        bring_up(world_, pool, server, engine);
      }
    }
  }
}

void PowerPlantProcess::update_zones(Engine& engine) {
  const SimTime now = engine.now();
  for (std::uint32_t z = 0; z < plant_.zones.size(); ++z) {
    PowerPlant::Zone& state = plant_.zones[z];
    CoolingZone& zone = state.model;
    const bool due = zone.next_event() && *zone.next_event() <= now;
    if (!state.changed && !due) continue;
    state.changed = false;
    const bool throttled = zone.throttled();
    const bool shut = zone.shut();
    zone.advance(now);
    state.warmest_c = std::max(state.warmest_c, zone.temperature_c(now));
    zone.set(now, 1e-6 * static_cast<double>(state.heat_uw), plant_.zone_capacity_w(z));
    if (zone.throttled() == throttled && zone.shut() == shut) continue;
    for (const std::uint32_t index : plant_.spec->cooling[z].racks) {
      PowerPlant::Rack& rack = plant_.racks[plant_.rack_at[index]];
      set_rack_power(rack, rack.dark, zone.shut(), engine);
      set_clock(rack, engine);
    }
  }
}

/// The clock under the rack's cap and in its air.
void PowerPlantProcess::set_clock(PowerPlant::Rack& rack, const Engine& engine) {
  const ThrottleModel& throttle = plant_.spec->throttle;
  const RackPowerNow power = world_.power.rack(rack.rack);
  double clock = 1;
  if (rack.cap_w) clock = clock_under_cap(throttle, power.idle_w, power.busy_w, *rack.cap_w);
  if (rack.zone && plant_.zones[*rack.zone].model.throttled()) clock = throttle.least_clock;
  if (clock == rack.clock) return;
  const std::int64_t racks = world_.scenario->racks[rack.rack].racks;
  plant_.slowed_count += (clock < 1 ? racks : 0) - (rack.clock < 1 ? racks : 0);
  rack.clock = clock;
  world_.power.set_dynamic(engine.now(), rack.rack, power_at_clock(throttle, 0, 1, clock));
  slower_.push_back(plant_.rack_at[rack.rack]);
}

/// Jobs on racks whose clock changed, pool by pool.
void PowerPlantProcess::retime(Engine& engine) {
  std::map<std::uint32_t, std::vector<BlockSpeed>> by_pool;
  for (const std::uint32_t i : slower_) {
    const PowerPlant::Rack& rack = plant_.racks[i];
    if (!rack.pool) continue;
    const double speed = 1 / slowdown_at_clock(plant_.spec->throttle, rack.clock);
    for (const std::uint32_t block : rack.blocks) by_pool[*rack.pool].push_back({block, speed});
  }
  slower_.clear();
  for (const auto& [pool, speeds] : by_pool) {
    set_speeds(world_, world_.pools[pool], speeds, engine);
  }
}

void PowerPlantProcess::publish(SimTime now) {
  Recorder& recorder = *world_.recorder;
  const PowerTree& tree = plant_.tree;
  for (const DeviceId device : plant_.tree.take_changed_devices()) {
    if (!tree.has_capacity(device)) continue;
    if (plant_.capping) plant_.capping->note(tree, device);
    recorder.level(plant_.load[device.value], now, tree.share(device));
  }
  for (std::size_t g = 0; g < plant_.spec->groups.size(); ++g) {
    const RedundancyGroup& group = plant_.spec->groups[g];
    double share = 0;
    for (const DeviceId member : group.members) share += tree.share(member);
    recorder.level(plant_.group_load[g], now, share / group.needed);
  }
  if (!plant_.racks.empty()) {
    recorder.level(plant_.dark_racks, now, static_cast<double>(plant_.dark_count));
    recorder.level(plant_.slowed_racks, now, static_cast<double>(plant_.slowed_count));
  }
  if (plant_.capping) {
    recorder.level(plant_.shaved, now, 1e-6 * static_cast<double>(plant_.shaved_uw));
    recorder.level(plant_.capping_down, now, plant_.capping_holds > 0 ? 1 : 0);
  }
  for (const PowerPlant::Zone& zone : plant_.zones) {
    recorder.level(zone.throttled, now, zone.model.throttled() ? 1 : 0);
  }
  world_.power.publish(now);
}

void PowerPlantProcess::schedule_due(Engine& engine) {
  std::optional<SimTime> due = plant_.tree.next_event();
  for (const PowerPlant::Zone& zone : plant_.zones) {
    const std::optional<SimTime> next = zone.model.next_event();
    if (next && (!due || *next < *due)) due = next;
  }
  if (due == due_at_) return;
  if (due_event_ != kNoEvent) engine.cancel(due_event_);
  due_event_ = kNoEvent;
  due_at_ = due;
  if (!due) return;
  due_event_ = engine.schedule(std::max(*due, engine.now()), Phase::physics, self_,
                               static_cast<std::uint32_t>(PlantEvent::due));
}

}  // namespace hyperdc
