#include "world/process/device_faults.hpp"

#include <array>

namespace hyperdc {

namespace {

constexpr std::uint64_t kRepairDraw = 2048;  // attributes of a time to failure end before it

std::optional<Distribution> distribution(const std::optional<DistributionSpec>& spec) {
  if (!spec) return std::nullopt;
  return Distribution(*spec);
}

}  // namespace

DeviceFaultsProcess::DeviceFaultsProcess(World& world, PowerPlant& plant)
    : world_(world),
      plant_(plant),
      name_("regions." + world.scenario->regions[plant.region].name + ".faults") {
  for (const FacilityDevice& device : plant.spec->devices) {
    add_item("devices." + device.power.name, device.faults);
  }
  for (const CoolingSpec& zone : plant.spec->cooling) {
    for (const CoolingUnit& unit : zone.units) {
      add_item("cooling." + zone.name + "." + unit.name, unit.faults);
    }
  }
  if (plant.capping) add_item("capping", plant.spec->capping_faults);
}

void DeviceFaultsProcess::add_item(const std::string& name, const DeviceFaults& faults) {
  items_.push_back({&faults, RandomStream(world_.seed, name_ + "." + name),
                    distribution(faults.time_to_failure), distribution(faults.repair)});
}

std::string_view DeviceFaultsProcess::kind_name(std::uint32_t kind) const {
  constexpr std::array<std::string_view, 6> kNames{"outage begins", "outage ends", "fails",
                                                   "repaired",      "tripped",     "reset"};
  return kNames.at(kind);
}

void DeviceFaultsProcess::plan(SimTime at, DeviceEvent kind, std::uint32_t item,
                               Engine& engine) const {
  engine.schedule(at, Phase::fault, self_, static_cast<std::uint32_t>(kind), item);
}

void DeviceFaultsProcess::begin(ProcessId self, Engine& engine) {
  self_ = self;
  plant_.faults = self;
  for (std::uint32_t i = 0; i < items_.size(); ++i) {
    for (const DeviceFaults::Outage& outage : items_[i].faults->planned) {
      plan(SimTime{} + outage.at, DeviceEvent::outage_begins, i, engine);
      if (!outage.lasts) continue;
      plan(SimTime{} + outage.at + *outage.lasts, DeviceEvent::outage_ends, i, engine);
    }
    schedule_failure(i, engine);
  }
}

void DeviceFaultsProcess::handle(const Event& event, Engine& engine) {
  const auto item = static_cast<std::uint32_t>(event.arg);
  switch (static_cast<DeviceEvent>(event.kind)) {
    case DeviceEvent::outage_begins:
      return set_order(item, false, engine);
    case DeviceEvent::outage_ends:
    case DeviceEvent::reset:
      return set_order(item, true, engine);
    case DeviceEvent::fails:
      schedule_repair(item, DeviceEvent::repaired, engine);
      return set_order(item, false, engine);
    case DeviceEvent::repaired:
      schedule_failure(item, engine);
      return set_order(item, true, engine);
    case DeviceEvent::tripped:  // it is off already, by itself
      return schedule_repair(item, DeviceEvent::reset, engine);
  }
}

void DeviceFaultsProcess::set_order(std::uint32_t item, bool works, Engine& engine) {
  const auto devices = static_cast<std::uint32_t>(plant_.spec->devices.size());
  if (item < devices) {
    (works ? repair_device : fail_device)(world_, plant_.region, DeviceId{item}, engine);
  } else if (item == devices + plant_.units.size()) {
    (works ? repair_capping : fail_capping)(world_, plant_.region, engine);
  } else {
    (works ? repair_cooling : fail_cooling)(world_, plant_.region, item - devices, engine);
  }
}

void DeviceFaultsProcess::schedule_failure(std::uint32_t i, Engine& engine) {
  const Item& item = items_[i];
  if (!item.time_to_failure) return;
  const double after_s = item.time_to_failure->draw(item.draws, item.failures);
  plan(engine.now() + seconds(after_s), DeviceEvent::fails, i, engine);
}

/// Without a repair time it stays out of order.
void DeviceFaultsProcess::schedule_repair(std::uint32_t i, DeviceEvent kind, Engine& engine) {
  Item& item = items_[i];
  const std::uint64_t failure = item.failures++;
  if (!item.repair) return;
  const double after_s = item.repair->draw(item.draws, failure, kRepairDraw);
  plan(engine.now() + seconds(after_s), kind, i, engine);
}

}  // namespace hyperdc
