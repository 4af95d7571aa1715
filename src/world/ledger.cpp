#include "world/ledger.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <string>

#include "world/nodes/nodes.hpp"
#include "world/service/inference.hpp"

namespace hyperdc {

namespace {

/// An amount, or why there is none.
struct Amount {
  double usd = 0;
  std::string missing;

  void add(const Amount& other) {
    usd += other.usd;
    if (missing.empty()) missing = other.missing;
  }
};

bool has_prices(const Scenario& scenario) {
  return std::any_of(scenario.server_types.begin(), scenario.server_types.end(),
                     [](const ServerType& type) { return type.price_usd_per_s.has_value(); }) ||
         std::any_of(scenario.regions.begin(), scenario.regions.end(),
                     [](const Region& region) { return region.tariff.has_value(); });
}

/// Of servers that are switched on and off, by the time in which they were not off.
void add_switched(const World& world, const PoolState& pool, std::uint32_t rack, SimTime end,
                  Amount& amount) {
  const NodesState& nodes = *pool.nodes;
  for (std::size_t block = 0; block < pool.blocks.size(); ++block) {
    if (pool.block_racks[block] != rack) continue;
    const ServerType& type = world.scenario->server_types[pool.block_type[block]];
    const Int128 on = billed_ns(world, nodes, block, end);
    if (type.price_usd_per_s) {
      amount.usd += *type.price_usd_per_s * per_second(on);
    } else if (on > 0 && amount.missing.empty()) {
      amount.missing = fmt::format("{} has no price", type.name);
    }
  }
}

/// By rack group: its pool, if that has a node autoscaler.
std::vector<const PoolState*> switched_racks(const World& world) {
  std::vector<const PoolState*> pools(world.scenario->racks.size(), nullptr);
  for (const PoolState& pool : world.pools) {
    if (pool.nodes == nullptr) continue;
    for (const std::uint32_t rack : pool.spec->racks) pools[rack] = &pool;
  }
  return pools;
}

Amount servers_of(const World& world, std::uint32_t region, double span_s, SimTime end) {
  const Scenario& scenario = *world.scenario;
  const std::vector<const PoolState*> switched = switched_racks(world);
  Amount amount;
  for (std::uint32_t i = 0; i < scenario.racks.size(); ++i) {
    const RackGroup& rack = scenario.racks[i];
    if (rack.region != region) continue;
    if (switched[i] != nullptr) {
      add_switched(world, *switched[i], i, end, amount);
      continue;
    }
    for (const RackGroup::Run& run : rack.servers) {
      const ServerType& type = scenario.server_types[run.type];
      if (type.price_usd_per_s) {
        amount.usd += run.count * *type.price_usd_per_s * span_s;
      } else if (amount.missing.empty()) {
        amount.missing = fmt::format("{} has no price", type.name);
      }
    }
  }
  return amount;
}

Amount energy_of(const World& world, std::uint32_t region) {
  const PowerMeter::RegionReading& reading = world.power.regions()[region];
  if (!reading.known) return {0, reading.reason};
  if (!world.scenario->regions[region].tariff) {
    return {0, fmt::format("region {} has no \"electricity\"", reading.name)};
  }
  return {reading.energy_usd, {}};
}

Amount service_cost(const World& world, const ServiceState& service, SimTime end) {
  Amount amount;
  for (const DeploymentState& deployment : service.deployments) {
    const PoolState& pool = world.pools[deployment.spec->pool];
    for (const PartUse& use : deployment.parts) {
      const auto at = std::find(pool.power_part.begin(), pool.power_part.end(), use.part);
      const auto block = static_cast<std::size_t>(at - pool.power_part.begin());
      const ServerType& type = world.scenario->server_types[pool.block_type[block]];
      const double held_s = 1e-6 * per_second(use.held_ppm.until(end) - use.held_in_warmup);
      if (type.price_usd_per_s) {
        amount.usd += *type.price_usd_per_s * held_s;
      } else if (held_s > 0 && amount.missing.empty()) {
        amount.missing = fmt::format("{} has no price", type.name);
      }
    }
  }
  return amount;
}

/// Of a million of the tokens that it served after the warm-up.
Amount per_mtoken(const World& world, const ServiceState& service, Amount cost) {
  const double tokens = tokens_served(service, *world.recorder);
  if (tokens > 0) {
    cost.usd /= tokens * 1e-6;
  } else if (cost.missing.empty()) {
    cost.missing = "no token was served";
  }
  return cost;
}

void put(std::vector<MetricValue>& values, std::string name, const Amount& amount) {
  const bool known = amount.missing.empty();
  values.push_back({std::move(name), "USD",
                    known ? std::optional<double>(amount.usd) : std::nullopt, amount.missing});
}

}  // namespace

void read_costs(const World& world, SimTime end, std::vector<MetricValue>& values) {
  const Scenario& scenario = *world.scenario;
  if (!has_prices(scenario)) return;
  const double span_s = std::max(0.0, to_seconds(end) - to_seconds(scenario.warmup));
  Amount servers;
  Amount energy;
  for (std::uint32_t region = 0; region < scenario.regions.size(); ++region) {
    const std::string prefix = "regions." + scenario.regions[region].name + ".cost.";
    const Amount of_servers = servers_of(world, region, span_s, end);
    const Amount of_energy = energy_of(world, region);
    put(values, prefix + "servers", of_servers);
    put(values, prefix + "energy", of_energy);
    servers.add(of_servers);
    energy.add(of_energy);
  }
  for (const ServiceState& service : world.services) {
    const std::string name = "workloads." + service.spec->name + ".";
    const Amount cost = service_cost(world, service, end);
    put(values, name + "cost", cost);
    if (service.inference) put(values, name + "cost_per_mtoken", per_mtoken(world, service, cost));
  }
  put(values, "cost.servers", servers);
  put(values, "cost.energy", energy);
  Amount total = servers;
  total.add(energy);
  put(values, "cost.total", total);
}

}  // namespace hyperdc
