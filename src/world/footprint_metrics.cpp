#include "world/footprint_metrics.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "world/held_servers.hpp"
#include "world/metric_values.hpp"
#include "world/service/inference.hpp"
#include "world/training.hpp"

namespace hyperdc {
namespace {

using Values = std::vector<MetricValue>;

/// W; without a published power nothing of the region is known either.
double full_power_w(const Scenario& scenario, const ServerType& type) {
  double watts = type.drive_w + type.nic_w;
  if (type.host_power) watts += type.host_power->full_w;
  if (!type.accelerator) return watts;
  const auto& power = scenario.accelerators[*type.accelerator].power;
  return power ? watts + power->full_w * type.shape.accelerators : watts;
}

/// kg of the whole region and the time after the warm-up; nothing beyond the life of a server,
/// which is as old as its purchase.
double embodied_kg(const World& world, std::uint32_t region, SimTime end) {
  double kg = 0;
  for (const RackGroup& rack : world.scenario->racks) {
    if (rack.region != region) continue;
    for (const RackGroup::Run& run : rack.servers) {
      const ServerType& type = world.scenario->server_types[run.type];
      if (type.embodied_kg == 0) continue;
      const double life_s = type.embodied_life_s;
      const double age_s = type.price ? type.price->age_s() : 0;
      const double to_s = std::min(life_s, age_s + to_seconds(end));
      const double from_s = std::min(to_s, age_s + to_seconds(world.scenario->warmup));
      kg += run.count * type.embodied_kg * (to_s - from_s) / life_s;
    }
  }
  return kg;
}

/// A quantity of the footprint, by region.
struct Footprint {
  struct Part {
    double amount = 0;
    bool there = false;   // the region states what it needs
    std::string missing;  // why it is not known; empty: it is
  };
  std::string name;  // "carbon.average"
  const char* unit = "";
  std::vector<Part> regions;

  bool is_there() const {
    return std::any_of(regions.begin(), regions.end(), [](const Part& part) { return part.there; });
  }
  void write(Values& values, const std::string& metric, double amount,
             const std::string& missing) const {
    if (missing.empty()) {
      put(values, metric, unit, amount);
    } else {
      put_missing(values, metric, unit, missing);
    }
  }
};

/// All quantities, whether any region states them or not.
std::vector<Footprint> footprints_of(const World& world, SimTime end) {
  const auto& regions = world.scenario->regions;
  std::vector<Footprint> out;
  for (const char* const method : kCarbonNames) {
    out.push_back({std::string("carbon.") + method, "kg", {}});
  }
  Footprint embodied{"carbon.embodied", "kg", {}};
  Footprint water{"water", "m3", {}};
  const bool made =
      std::any_of(world.scenario->server_types.begin(), world.scenario->server_types.end(),
                  [](const ServerType& type) { return type.embodied_kg > 0; });
  for (std::uint32_t r = 0; r < regions.size(); ++r) {
    const PowerMeter::RegionReading& reading = world.power.regions()[r];
    const std::string missing = reading.known ? std::string() : reading.reason;
    const EnergyBooks& books = world.power.books(r);
    for (std::size_t m = 0; m < kCarbonMethods; ++m) {
      out[m].regions.push_back({books.carbon_kg(static_cast<CarbonMethod>(m)),
                                regions[r].energy.carbon[m].has_value(), missing});
    }
    embodied.regions.push_back({made ? embodied_kg(world, r, end) : 0, made, ""});
    water.regions.push_back({books.water_m3(), regions[r].energy.water.has_value(), missing});
  }
  out.push_back(std::move(embodied));
  out.push_back(std::move(water));
  return out;
}

void read_regions(const World& world, const Footprint& footprint, Values& values) {
  double sum = 0;
  std::string missing;
  for (std::uint32_t r = 0; r < footprint.regions.size(); ++r) {
    const Footprint::Part& part = footprint.regions[r];
    if (!part.there) continue;
    sum += part.amount;
    if (missing.empty()) missing = part.missing;
    footprint.write(values, "regions." + world.scenario->regions[r].name + "." + footprint.name,
                    part.amount, part.missing);
  }
  if (footprint.is_there()) footprint.write(values, footprint.name, sum, missing);
}

/// What a workload held of each region, W s at full power and kg, and what it did with that.
struct Sharer {
  std::string name;
  std::vector<double> weight;                           // by region
  std::vector<double> made;                             // the same, kg that were made for it
  std::vector<std::pair<std::string, double>> outputs;  // "mtoken", how many
};

std::vector<double> weights_of(const World& world, const std::vector<HeldServers>& all_held) {
  std::vector<double> out(world.scenario->regions.size(), 0);
  for (const HeldServers& held : all_held) {
    const ServerType& type = world.scenario->server_types[held.type];
    out[held.region] += held.server_s * full_power_w(*world.scenario, type);
  }
  return out;
}

/// What was made of servers over their life, by the time that they were held.
std::vector<double> made_for(const World& world, const std::vector<HeldServers>& all_held) {
  std::vector<double> out(world.scenario->regions.size(), 0);
  for (const HeldServers& held : all_held) {
    const ServerType& type = world.scenario->server_types[held.type];
    if (type.embodied_kg == 0) continue;
    out[held.region] += held.server_s * type.embodied_kg / type.embodied_life_s;
  }
  return out;
}

Sharer sharer_of(const World& world, const std::string& name,
                 const std::vector<HeldServers>& held) {
  return {name, weights_of(world, held), made_for(world, held), {}};
}

std::vector<Sharer> sharers_of(const World& world, SimTime end) {
  std::vector<Sharer> out;
  for (const ServiceState& service : world.services) {
    Sharer sharer = sharer_of(world, service.spec->name, held_servers_of(world, service, end));
    const auto completed = service.metrics.counts[static_cast<std::size_t>(Count::completed)];
    sharer.outputs.emplace_back("request", world.recorder->total(completed));
    if (service.inference) {
      sharer.outputs.emplace_back("mtoken", tokens_served(service, *world.recorder) * 1e-6);
    }
    out.push_back(std::move(sharer));
  }
  for (const WorkloadState& workload : world.workloads) {
    if (workload.held_ppm.empty()) continue;
    Sharer sharer = sharer_of(world, workload.spec->name, held_servers_of(world, workload, end));
    if (workload.training != nullptr) {
      const double steps = steps_counted(world, *workload.training, end);
      sharer.outputs.emplace_back("mtoken",
                                  steps * tokens_of_step(*workload.training->spec) * 1e-6);
    }
    out.push_back(std::move(sharer));
  }
  return out;
}

/// `of`: by what it is shared.
void read_share(const Footprint& footprint, const Sharer& sharer, std::vector<double> Sharer::*of,
                const std::vector<double>& all, Values& values) {
  double amount = 0;
  std::string missing;
  for (std::size_t r = 0; r < all.size(); ++r) {
    const Footprint::Part& part = footprint.regions[r];
    const double weight = (sharer.*of)[r];
    if (!part.there || weight == 0) continue;
    if (missing.empty()) missing = part.missing;
    amount += part.amount * (weight / all[r]);
  }
  const std::string name = "workloads." + sharer.name + "." + footprint.name;
  footprint.write(values, name, amount, missing);
  for (const auto& [per, number] : sharer.outputs) {
    const std::string none = number > 0 ? "" : "there was no " + per;
    footprint.write(values, name + "_per_" + per, number > 0 ? amount / number : 0,
                    missing.empty() ? none : missing);
  }
}

}  // namespace

bool has_footprint(const Scenario& scenario) {
  const auto emits = [](const Region& region) {
    const auto& carbon = region.energy.carbon;
    return region.energy.water.has_value() ||
           std::any_of(carbon.begin(), carbon.end(),
                       [](const auto& rate) { return rate.has_value(); });
  };
  return std::any_of(scenario.regions.begin(), scenario.regions.end(), emits) ||
         std::any_of(scenario.server_types.begin(), scenario.server_types.end(),
                     [](const ServerType& type) { return type.embodied_kg > 0; });
}

void read_footprint(const World& world, SimTime end, std::vector<MetricValue>& values) {
  const std::vector<Footprint> footprints = footprints_of(world, end);
  for (const Footprint& footprint : footprints) read_regions(world, footprint, values);
  const std::vector<Sharer> sharers = sharers_of(world, end);
  for (const Footprint& footprint : footprints) {
    if (!footprint.is_there()) continue;
    const auto of = footprint.name == "carbon.embodied" ? &Sharer::made : &Sharer::weight;
    std::vector<double> all(world.scenario->regions.size(), 0);
    for (const Sharer& sharer : sharers) {
      for (std::size_t r = 0; r < all.size(); ++r) all[r] += (sharer.*of)[r];
    }
    for (const Sharer& sharer : sharers) read_share(footprint, sharer, of, all, values);
  }
}

}  // namespace hyperdc
