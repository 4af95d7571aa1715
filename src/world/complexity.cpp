#include "world/complexity.hpp"

#include <string>

namespace hyperdc {

namespace {

using Values = std::vector<MetricValue>;

FabricGear read_gear(const FabricSpec& fabric, Values& values) {
  const std::string prefix = "fabrics." + fabric.name + ".";
  const TopologySummary all = fabric.topology->summary();
  const FabricGear gear = gear_of(*fabric.topology);
  put(values, prefix + "endpoints", "endpoints", all.hosts);
  put(values, prefix + "cables", "cables", static_cast<double>(gear.cables));
  put(values, prefix + "switches", "switches", static_cast<double>(gear.switches));
  const auto tiers = fabric.topology->link_tiers();
  for (std::size_t t = 0; t < all.cables.size() && t < tiers.size(); ++t) {
    put(values, prefix + "tiers." + std::string(tiers[t]) + ".cables", "cables",
        static_cast<double>(all.cables[t]));
  }
  for (const SwitchTier& tier : all.tiers) {
    put(values, prefix + "tiers." + std::string(tier.name) + ".switches", "switches",
        tier.switches);
  }
  return gear;
}

/// Attempts that were sent, and the choices of a region before them.
double routed(const World& world) {
  double all = 0;
  for (const ServiceState& service : world.services) {
    const auto total = [&](Count what) {
      return world.recorder->total(service.metrics.counts[static_cast<std::size_t>(what)]);
    };
    const double attempts = total(Count::offered) + total(Count::retries) - total(Count::blocked);
    all += attempts * (service.deployments.size() > 1 ? 2 : 1);
  }
  return all;
}

void read_stock(const Scenario& scenario, Values& values) {
  double servers = 0;
  double accelerators = 0;
  for (const RackGroup& rack : scenario.racks) {
    for (const RackGroup::Run& run : rack.servers) {
      servers += run.count;
      accelerators +=
          static_cast<double>(run.count) * scenario.server_types[run.type].shape.accelerators;
    }
  }
  put(values, "complexity.servers", "servers", servers);
  put(values, "complexity.accelerators", "accelerators", accelerators);
}

}  // namespace

void read_complexity(const World& world, SimTime end, Values& values) {
  read_stock(*world.scenario, values);
  FabricGear gear;
  for (const FabricSpec& fabric : world.scenario->fabrics) {
    const FabricGear of_one = read_gear(fabric, values);
    gear.cables += of_one.cables;
    gear.switches += of_one.switches;
  }
  put(values, "complexity.cables", "cables", static_cast<double>(gear.cables));
  put(values, "complexity.switches", "switches", static_cast<double>(gear.switches));
  double failures = 0;
  for (const FailureState& cause : world.failures) failures += world.recorder->total(cause.count);
  const double measured_s = to_seconds(end) - to_seconds(world.scenario->warmup);
  const auto rate = [&](const char* name, const char* unit, double count, double per_s) {
    if (measured_s > 0) {
      put(values, name, unit, count * per_s / measured_s);
    } else {
      put_missing(values, name, unit, "the warm-up is the whole run");
    }
  };
  constexpr double kDay_s = 86400;
  const double routing = routed(world);
  const auto scheduling = static_cast<double>(world.decisions.scheduling);
  const auto scaling = static_cast<double>(world.decisions.scaling);
  rate("complexity.failures_per_day", "1/d", failures, kDay_s);
  rate("complexity.routing", "1/s", routing, 1);
  rate("complexity.scheduling", "1/s", scheduling, 1);
  rate("complexity.scaling", "1/s", scaling, 1);
  rate("complexity.decisions", "1/s", routing + scheduling + scaling, 1);
}

}  // namespace hyperdc
