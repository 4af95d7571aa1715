#include "world/rack_plans.hpp"

#include <cmath>
#include <string>

#include "core/distribution.hpp"
#include "model/power/capped_trips.hpp"
#include "model/power/feed_losses.hpp"
#include "world/metric_values.hpp"
#include "world/power_plant.hpp"

namespace hyperdc {

namespace {

using RackValues = std::vector<MetricValue>;

constexpr double kYearOfPlans_s = 365 * 86400.0;

/// Of the devices of a facility, all in order, and what its racks draw from them.
struct RackTree {
  std::vector<PowerDeviceSpec> devices;
  std::vector<PowerLoadSpec> loads;
  std::vector<double> racks;  // by load
};

RackTree rack_tree_of(const Scenario& scenario, const FacilitySpec& spec) {
  RackTree out;
  for (const FacilityDevice& device : spec.devices) out.devices.push_back(device.power);
  for (const RackSupply& rack : spec.racks) {
    out.loads.push_back({rack.feeds, rack.supply});
    out.racks.push_back(static_cast<double>(scenario.racks[rack.rack].racks));
  }
  return out;
}

/// By load, the parts of its racks that stand below these devices together.
std::vector<double> racks_below(const RackTree& all, const std::vector<DeviceId>& devices) {
  PowerTree tree(all.devices, all.loads);
  for (std::uint32_t i = 0; i < all.loads.size(); ++i) tree.set_load_w(LoadId{i}, 1);
  tree.settle();
  std::vector<double> out(all.loads.size(), 0);
  for (const DeviceId device : devices) {
    for (const auto& [load, part] : tree.below(device)) {
      out[load.value] += part * all.racks[load.value];
    }
  }
  return out;
}

double racks_in_all(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum;
}

/// Share of the time in which it is out of order; 1 if it is never repaired.
double out_of_order(const DeviceFaults& faults) {
  if (!faults.time_to_failure) return 0;
  if (!faults.repair) return 1;
  const double down_s = Distribution(*faults.repair).mean();
  return down_s / (Distribution(*faults.time_to_failure).mean() + down_s);
}

RackRisk risk_of(const FacilitySpec& spec, const RackPlan& plan, const PowerDeviceSpec& device) {
  RackRisk out;
  out.rack = plan.rack;
  out.capacity_w = *device.capacity_w;
  out.curve = device.curve;
  out.swing_w = plan.swing_w;
  out.paths = {LoadPath{}};
  if (!plan.caps) return out;
  const CapSettings& caps = *spec.capping;
  out.least_w = plan.caps->least_w;
  out.shaved_most = plan.caps->shaved_most;
  out.loop = CapLoop{to_seconds(caps.every),
                     to_seconds(caps.delay + caps.actuate),
                     caps.above,
                     caps.target,
                     caps.noise,
                     caps.lost,
                     out_of_order(spec.capping_faults)};
  return out;
}

void put_trips(RackValues& values, const std::string& name, double trips) {
  if (std::isfinite(trips)) return put(values, name, "1/y", trips);
  put_missing(values, name, "1/y", "the racks that stand there trip it in normal operation");
}

/// `base`: what fits by the peak.
void read_risk(const RackRisk& risk, const RackPlan& plan, const std::string& prefix, double base,
               double standing, RackValues& values) {
  const double allowed = racks_at_probability(risk, plan.probability);
  put(values, prefix + "allowed", "racks", allowed);
  put(values, prefix + "extra", "racks", allowed - base);
  put_trips(values, prefix + "trips", trips_per_year(risk, standing));
  if (!risk.loop) return;
  put(values, prefix + "shaved", "W", shaved_w(risk, standing));
  RackRisk uncapped = risk;
  uncapped.loop.reset();
  put(values, prefix + "uncapped", "racks", racks_at_probability(uncapped, plan.probability));
  put_trips(values, prefix + "trips.uncapped", trips_per_year(uncapped, standing));
}

void read_group(const FacilitySpec& spec, const RedundancyGroup& group, const RackTree& tree,
                const std::string& prefix, RackValues& values) {
  const PowerDeviceSpec& device = spec.devices[group.members.front().value].power;
  std::vector<double> racks = racks_below(tree, group.members);
  const double standing = racks_in_all(racks);
  if (standing <= 0) {
    return put_missing(values, prefix + "allowed", "racks", "no rack hangs on these devices");
  }
  for (double& share : racks) share /= standing;
  std::vector<MemberLosses> members;
  for (const DeviceId member : group.members) {
    const DeviceFaults& faults = spec.devices[member.value].faults;
    double per_year = 0;
    if (faults.time_to_failure) {
      per_year = kYearOfPlans_s / Distribution(*faults.time_to_failure).mean();
    }
    members.push_back({member, per_year, out_of_order(faults)});
  }
  RackRisk risk = risk_of(spec, *group.plan, device);
  risk.paths = paths_with_losses(tree.devices, tree.loads, racks, members);
  read_risk(risk, *group.plan, prefix,
            std::floor(group.needed * *device.capacity_w / group.plan->peak_w), standing, values);
  put_trips(values, prefix + "trips.none_lost", trips_per_year(risk, standing, 0));
  put_trips(values, prefix + "trips.one_lost", trips_per_year(risk, standing, 1));
  put_trips(values, prefix + "trips.two_lost", trips_per_year(risk, standing, 2));
}

}  // namespace

void read_rack_plans(const World& world, RackValues& values) {
  for (const auto& plant : world.plants) {
    if (plant == nullptr) continue;
    const FacilitySpec& spec = *plant->spec;
    const RackTree tree = rack_tree_of(*world.scenario, spec);
    const std::string region = "regions." + world.scenario->regions[plant->region].name + ".";
    for (std::uint32_t i = 0; i < spec.devices.size(); ++i) {
      const FacilityDevice& device = spec.devices[i];
      if (!device.plan || !device.power.capacity_w) continue;
      read_risk(risk_of(spec, *device.plan, device.power), *device.plan,
                region + "devices." + device.power.name + ".racks.",
                std::floor(*device.power.capacity_w / device.plan->peak_w),
                racks_in_all(racks_below(tree, {DeviceId{i}})), values);
    }
    for (const RedundancyGroup& group : spec.groups) {
      if (!group.plan) continue;
      read_group(spec, group, tree, region + "groups." + group.name + ".racks.", values);
    }
  }
}

}  // namespace hyperdc
