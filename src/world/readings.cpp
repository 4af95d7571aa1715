#include "world/readings.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <string>

#include "world/buyer/buyer.hpp"
#include "world/complexity.hpp"
#include "world/cost_metrics.hpp"
#include "world/fabrics.hpp"
#include "world/footprint_metrics.hpp"
#include "world/growth/growth.hpp"
#include "world/losses.hpp"
#include "world/market/market.hpp"
#include "world/metric_values.hpp"
#include "world/nodes/nodes.hpp"
#include "world/orchestration_metrics.hpp"
#include "world/ownership.hpp"
#include "world/platforms.hpp"
#include "world/power_plant.hpp"
#include "world/rack_plans.hpp"
#include "world/service/build.hpp"
#include "world/service/inference.hpp"
#include "world/storage.hpp"
#include "world/storage_objects.hpp"
#include "world/storage_requests.hpp"
#include "world/tenants.hpp"
#include "world/training_metrics.hpp"

namespace hyperdc {

namespace {

using Values = std::vector<MetricValue>;

/// What failures did to the jobs.
void read_losses(const WorkloadState& workload, const std::string& prefix, Values& values) {
  put(values, prefix + "interrupted", "times", static_cast<double>(workload.interrupted));
  put(values, prefix + "failed", "jobs", static_cast<double>(workload.failed));
  put(values, prefix + "lost.cores", "core s", per_second(workload.lost_core_milli_ns) / 1000);
  put(values, prefix + "lost.accelerators", "accelerator s",
      per_second(workload.lost_accelerator_milli_ns) / kWholeAccelerator);
}

/// Of elastic training.
void read_elastic(const ElasticBooks& books, const std::string& prefix, Values& values) {
  put(values, prefix + "restarts", "times", static_cast<double>(books.restarts));
  put(values, prefix + "restarting", "accelerator s", per_second(books.restarting_ns));
  if (books.samples > 0) {
    put(values, prefix + "efficiency", "1", books.useful / books.samples);
  } else {
    put_missing(values, prefix + "efficiency", "1", "nothing was trained on");
  }
}

void read_workload(const World& world, const WorkloadState& workload, SimTime end, Values& values) {
  const std::string prefix = "workloads." + workload.spec->name + ".";
  put(values, prefix + "started", "jobs", static_cast<double>(workload.started));
  put(values, prefix + "preempted", "times", static_cast<double>(workload.preempted));
  if (workload.zones != 0) {
    put(values, prefix + "confined_jobs", "jobs", static_cast<double>(workload.confined));
  }
  put(values, prefix + "unfinished", "jobs",
      static_cast<double>(workload.submitted - workload.finished - workload.rejected -
                          workload.failed));
  const bool spot = workload.platform != nullptr && workload.platform->spec->spot.has_value();
  if (world.pools[workload.spec->pool].availability != nullptr || spot)
    read_losses(workload, prefix, values);
  if (workload.training != nullptr) {
    read_training(world, *workload.training, prefix, end, values);
  }
  if (workload.spec->elastic) read_elastic(workload.elastic, prefix, values);
  const double measured_s = to_seconds(end) - to_seconds(world.scenario->warmup);
  const double finished = world.recorder->total(workload.finished_count);
  if (measured_s > 0) {
    put(values, prefix + "throughput", "jobs/s", finished / measured_s);
  } else {
    put_missing(values, prefix + "throughput", "jobs/s", "the warm-up is the whole run");
  }
  if (workload.finished > 0) {
    put(values, prefix + "makespan", "s", to_seconds(workload.last_end - *workload.first_submit));
  } else {
    put_missing(values, prefix + "makespan", "s", "no job finished");
  }
}

/// Server-time up or draining over server-time that is not switched off.
struct ServerTime {
  Int128 serving = 0;
  Int128 all = 0;

  void add(const AvailabilityState& state, std::size_t block, SimTime end) {
    const auto time = [&](ServerStatus status) {
      return state.in_status[block][static_cast<std::size_t>(status)].until(end);
    };
    const Int128 serves = time(ServerStatus::up) + time(ServerStatus::draining);
    serving += serves;
    all += serves + time(ServerStatus::booting) + time(ServerStatus::down);
  }
  /// 1 where there is no such time.
  double share() const {
    return all == 0 ? 1 : static_cast<double>(serving) / static_cast<double>(all);
  }
};

/// Of the servers that are in pools.
void read_availability(const World& world, SimTime end, Values& values) {
  std::map<std::string, ServerTime> by_name;  // regions and zones
  for (const PoolState& pool : world.pools) {
    if (pool.availability == nullptr) continue;
    const std::string prefix = "pools." + pool.spec->name + ".";
    ServerTime of_pool;
    for (std::size_t block = 0; block < pool.blocks.size(); ++block) {
      const RackGroup& rack = world.scenario->racks[pool.block_racks[block]];
      const std::string region = "regions." + world.scenario->regions[rack.region].name;
      of_pool.add(*pool.availability, block, end);
      by_name[region].add(*pool.availability, block, end);
      by_name[region + ".zones." + rack.zone].add(*pool.availability, block, end);
    }
    put(values, prefix + "availability", "1", of_pool.share());
  }
  for (const auto& [name, time] : by_name) put(values, name + ".availability", "1", time.share());
}

/// Busy share from the first submission to the last completion, by what the pool is for:
/// accelerators where it has any, else cores.
void read_utilization(const World& world, const PoolState& pool, Values& values) {
  const std::string name = "pools." + pool.spec->name + ".utilization";
  const bool all_left = std::all_of(
      world.workloads.begin(), world.workloads.end(), [&](const WorkloadState& workload) {
        return workload.source == nullptr || workload.spec->pool != pool.index ||
               workload.submitted == workload.finished + workload.rejected + workload.failed;
      });
  if (!all_left || pool.last_end.ns == 0 || !pool.first_submit) {
    put_missing(values, name, "1", "defined once every job has finished");
    return;
  }
  const bool accelerators = pool.fleet->capacity().accelerator_milli > 0;
  const std::int64_t capacity =
      accelerators ? pool.fleet->capacity().accelerator_milli : pool.fleet->capacity().cores_milli;
  const Int128 busy = accelerators ? pool.batch_accelerator_ns : pool.batch_core_ns;
  const Int128 all = Int128{capacity} * (pool.last_end - *pool.first_submit).ns;
  if (all == 0) {
    put_missing(values, name, "1", "every job finished at once");
    return;
  }
  put(values, name, "1", static_cast<double>(busy) / static_cast<double>(all));
}

void read_demand_points(const PoolState& pool, Values& values) {
  const auto capacity = static_cast<double>(pool.fleet->capacity().accelerator_milli);
  for (const DemandPoint& point : pool.demand_points) {
    const std::string prefix = "pools." + pool.spec->name + ".";
    const std::string allocation = prefix + fmt::format("allocation_at.{}", point.percent);
    const std::string fragmentation = prefix + fmt::format("fragmentation_at.{}", point.percent);
    const auto n = static_cast<double>(point.arrivals);
    if (point.arrivals == 0) {
      const std::string reason =
          fmt::format("the offered demand never was {} % of the pool", point.percent);
      put_missing(values, allocation, "1", reason);
      put_missing(values, fragmentation, "1", reason);
      continue;
    }
    put(values, allocation, "1", static_cast<double>(point.allocated_milli) / n / capacity);
    if (pool.fragmentation) {
      put(values, fragmentation, "1", point.fragmented_milli / n / capacity);
    } else {
      put_missing(values, fragmentation, "1", "the pool has no mix of accelerator jobs");
    }
  }
}

void read_tenants(const PoolState& pool, SimTime end, Values& values) {
  const bool accelerators = pool.fleet->capacity().accelerator_milli > 0;
  const std::vector<TenantHeld> held = held_by_tenants(pool, end);
  for (std::size_t t = 0; t < pool.tenant_books.size(); ++t) {
    const std::string prefix =
        "pools." + pool.spec->name + ".tenants." + pool.spec->tenants[t].name + ".";
    const auto seconds = [](Int128 milli_ns) { return per_second(milli_ns) / 1000; };
    put(values, prefix + "cores", "core s", seconds(held[t].core_milli_ns));
    if (accelerators) {
      put(values, prefix + "accelerators", "accelerator s", seconds(held[t].accelerator_milli_ns));
    }
    put(values, prefix + "preempted", "times", static_cast<double>(pool.tenant_books[t].preempted));
  }
}

void read_pool(const World& world, const PoolState& pool, SimTime end, Values& values) {
  const std::string prefix = "pools." + pool.spec->name + ".";
  read_utilization(world, pool, values);
  const std::string unit = "accelerator s";
  if (pool.fleet->capacity().accelerator_milli > 0) {
    const auto seconds = [](Int128 milli_ns) { return per_second(milli_ns) / kWholeAccelerator; };
    put(values, prefix + "busy", unit, seconds(pool.busy_accelerator_milli.until(end)));
    put(values, prefix + "idle", unit, seconds(pool.idle_accelerator_milli.until(end)));
    if (pool.availability != nullptr) {
      put(values, prefix + "down", unit, seconds(pool.down_accelerator_milli.until(end)));
    }
    put(values, prefix + "split_gangs", "jobs", static_cast<double>(pool.split_gangs));
  }
  read_demand_points(pool, values);
  if (pool.losses != nullptr) {
    for (const auto& [cause, milli_ns] : losses_of(pool, end)) {
      put(values, fmt::format("{}time.{}", prefix, cause), unit, per_second(milli_ns) / 1000);
    }
  }
  read_tenants(pool, end, values);
  read_orchestration(pool, end, values);
  if (pool.nodes == nullptr) return;
  Int128 on = 0;
  for (std::size_t block = 0; block < pool.blocks.size(); ++block) {
    on += billed_ns(world, *pool.nodes, block, end);
  }
  put(values, prefix + "nodes.time", "server s", per_second(on));
}

/// Energy of the facility over that of its servers.
void read_pue(const World& world, const PowerMeter::RegionReading& region,
              const std::string& prefix, double energy_j, Values& values) {
  const double it_j = world.recorder->integral(region.it_power);
  if (it_j > 0) {
    put(values, prefix + "pue", "1", energy_j / it_j);
  } else {
    put_missing(values, prefix + "pue", "1", "its servers used no energy");
  }
}

/// The warmest inlet of each cooling zone, in degrees Celsius.
void read_cooling(const World& world, SimTime end, Values& values) {
  for (const auto& plant : world.plants) {
    if (plant == nullptr) continue;
    const std::string region = world.scenario->regions[plant->region].name;
    for (std::size_t z = 0; z < plant->zones.size(); ++z) {
      const PowerPlant::Zone& zone = plant->zones[z];
      put(values, "regions." + region + ".cooling." + plant->spec->cooling[z].name + ".inlet.max",
          "degC", std::max(zone.warmest_c, zone.model.temperature_c(end)));
    }
  }
}

/// Of a million tokens, where there are endpoints of language models.
void read_token_energy(const World& world, double joules, const std::string& unknown,
                       Values& values) {
  double tokens = 0;
  bool any = false;
  for (const ServiceState& service : world.services) {
    if (!service.inference) continue;
    any = true;
    tokens += tokens_served(service, *world.recorder);
  }
  if (!any) return;
  if (!unknown.empty() || tokens == 0) {
    put_missing(values, "energy_per_mtoken", "J",
                unknown.empty() ? "no token was served" : unknown);
  } else {
    put(values, "energy_per_mtoken", "J", joules / (tokens * 1e-6));
  }
}

void read_power(const World& world, SimTime end, Values& values) {
  double joules = 0;
  const bool measured = end > SimTime{} + world.scenario->warmup;
  std::string unknown = measured ? "" : "the warm-up is the whole run";
  for (const PowerMeter::RegionReading& region : world.power.regions()) {
    const std::string prefix = "regions." + region.name + ".";
    if (!region.known) {
      put_missing(values, prefix + "power.mean", "W", region.reason);
      put_missing(values, prefix + "power.max", "W", region.reason);
      put_missing(values, prefix + "energy", "J", region.reason);
      if (unknown.empty()) unknown = region.reason;
      continue;
    }
    if (!measured) {
      put_missing(values, prefix + "energy", "J", unknown);
      if (region.has_losses) put_missing(values, prefix + "pue", "1", unknown);
      if (region.limit_w) put_missing(values, prefix + "power.share_of_limit", "1", unknown);
      continue;
    }
    const double energy = world.recorder->integral(region.power);
    joules += energy;
    put(values, prefix + "energy", "J", energy);
    if (region.has_losses) read_pue(world, region, prefix, energy, values);
    if (region.limit_w) {
      put(values, prefix + "power.share_of_limit", "1",
          world.recorder->max(region.power) / *region.limit_w);
    }
  }
  if (unknown.empty()) {
    put(values, "energy.total", "J", joules);
  } else {
    put_missing(values, "energy.total", "J", unknown);
  }
  read_token_energy(world, joules, unknown, values);
}

/// How well the inputs of a provider are known.
void read_inputs(const Scenario& scenario, Values& values) {
  if (!scenario.provider) return;
  constexpr std::array<const char*, kGrades> kNames{"measured", "published", "estimated",
                                                    "guessed"};
  const double count = scenario.provider->count();
  put(values, "inputs.count", "inputs", count);
  for (std::size_t i = 0; i < kGrades; ++i) {
    put(values, std::string("inputs.") + kNames[i], "1",
        count > 0 ? scenario.provider->inputs[i] / count : 0);
  }
}

}  // namespace

std::vector<MetricValue> read_metrics(const World& world, SimTime end,
                                      const std::vector<BillItem>& bill) {
  Values values = world.recorder->values();
  for (const WorkloadState& workload : world.workloads) {
    if (workload.source != nullptr) read_workload(world, workload, end, values);
  }
  for (std::uint32_t w = 0; w < world.workloads.size(); ++w) {
    if (world.workloads[w].platform != nullptr) read_platform(world, w, end, values);
  }
  read_services(world, end, values);
  for (const PoolState& pool : world.pools) read_pool(world, pool, end, values);
  read_availability(world, end, values);
  read_growth(world, values);
  read_markets(world, values);
  read_buyers(world, values);
  read_ownership(*world.scenario, world.seed, values);
  if (!world.scenario->regions.empty()) {
    read_power(world, end, values);
    read_costs(world, bill, end, values);
    read_footprint(world, end, values);
  }
  read_cooling(world, end, values);
  read_rack_plans(world, values);
  read_fabrics(world, end, values);
  read_storage(world, end, values);
  read_inputs(*world.scenario, values);
  if (world.scenario->complexity) read_complexity(world, end, values);
  read_objects(world, end, values);
  read_storage_requests(world, end, values);
  std::optional<SimTime> first;
  SimTime last;
  for (const PoolState& pool : world.pools) {
    if (pool.first_submit && (!first || *pool.first_submit < *first)) first = pool.first_submit;
    if (last < pool.last_end) last = pool.last_end;
  }
  if (world.pools.empty()) return values;
  if (first && last.ns > 0) {
    put(values, "makespan", "s", to_seconds(last - *first));
  } else {
    put_missing(values, "makespan", "s", "no job finished");
  }
  return values;
}

}  // namespace hyperdc
