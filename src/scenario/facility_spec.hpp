// FacilitySpec: the power and cooling of one region, resolved. Devices and cooling units are given
// by their index; racks by theirs in Scenario::racks. Units: SI, degrees Celsius.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <hyperdc/core/time.hpp>

#include "core/distribution.hpp"
#include "model/power/capping.hpp"
#include "model/power/cooling.hpp"
#include "model/power/oversubscription.hpp"
#include "model/power/power_tree.hpp"
#include "model/power/pue.hpp"
#include "model/power/throttle.hpp"

namespace hyperdc {

/// When a device or a cooling unit is out of order.
struct DeviceFaults {
  struct Outage {
    Duration at;
    std::optional<Duration> lasts;  // nothing: until the end
  };
  std::vector<Outage> planned;
  /// s in service until it fails by itself, and s of the repair; also of the repair of a trip.
  std::optional<DistributionSpec> time_to_failure, repair;
};

/// What caps may do to racks.
struct RackCaps {
  double least_w = 0;      // of a rack under its tightest cap
  double shaved_most = 0;  // of what racks would draw, in the mean of a year
};

/// How many racks of one kind a device is asked to take.
struct RackPlan {
  RackPower rack;
  double peak_w = 0;             // what a plan without statistics gives each
  std::optional<RackCaps> caps;  // nothing: the plan does not count on caps
  double swing_w = 0;            // that each draws above its mean while all compute in step
  double probability = 0;        // of a trip in a year
};

struct FacilityDevice {
  PowerDeviceSpec power;
  std::optional<RackPlan> plan;
  DeviceFaults faults;
};

/// Devices that stand in for each other; `needed` of them carry the load.
struct RedundancyGroup {
  std::string name;
  std::vector<DeviceId> members;
  std::uint32_t needed = 0;
  std::optional<RackPlan> plan;  // of the racks below all of it
};

struct CoolingUnit {
  std::string name;
  double capacity_w = 0;        // heat that it takes away
  std::vector<DeviceId> feeds;  // none: always powered
  DeviceFaults faults;
};

struct CoolingSpec {
  std::string name;
  CoolingZoneSpec zone;
  std::vector<CoolingUnit> units;
  std::vector<std::uint32_t> racks;
};

/// How a rack group hangs on its facility.
struct RackSupply {
  std::uint32_t rack = 0;
  std::vector<DeviceId> feeds;
  Supply supply = Supply::shared;
  std::int32_t priority = 0;  // of caps: the lowest first
};

struct FacilitySpec {
  std::vector<FacilityDevice> devices;
  std::vector<RedundancyGroup> groups;
  std::vector<CoolingSpec> cooling;
  std::vector<RackSupply> racks;  // with devices: every rack group of the region
  std::optional<CapSettings> capping;
  DeviceFaults capping_faults;  // of the controller
  ThrottleModel throttle;
};

/// PUE that depends on load and weather.
struct PueSpec {
  PueModel model;
  std::optional<Weather> weather;
};

}  // namespace hyperdc
