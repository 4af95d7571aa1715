// build_world: from the const description to the state of a run. Everything random is drawn from
// named streams of the seed, so that two scenarios differ only in what they say.
#include "world/service/build.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <variant>

#include <hyperdc/core/assert.hpp>
#include <hyperdc/policy/placement.hpp>

#include "core/shuffle.hpp"
#include "scenario/policy_entry.hpp"
#include "world/availability.hpp"
#include "world/bill.hpp"
#include "world/buyer/buyer.hpp"
#include "world/control_plane.hpp"
#include "world/data_transfer.hpp"
#include "world/defragment.hpp"
#include "world/elastic_run.hpp"
#include "world/energy_forecast.hpp"
#include "world/fabrics.hpp"
#include "world/footprint_metrics.hpp"
#include "world/gang_domains.hpp"
#include "world/growth/growth.hpp"
#include "world/job_residency.hpp"
#include "world/kinds.hpp"
#include "world/losses.hpp"
#include "world/market/market.hpp"
#include "world/nodes/nodes.hpp"
#include "world/platforms.hpp"
#include "world/power_plant.hpp"
#include "world/reservations.hpp"
#include "world/service/network.hpp"
#include "world/service/replication.hpp"
#include "world/speed.hpp"
#include "world/storage.hpp"
#include "world/stores.hpp"
#include "world/traffic.hpp"
#include "world/training.hpp"
#include "world/training_io.hpp"
#include "world/training_network.hpp"
#include "world/training_swing.hpp"
#include "world/work_marks.hpp"
#include "world/world.hpp"

namespace hyperdc {

namespace {

constexpr std::uint64_t kMixSample = 10'000;  // jobs drawn to know the mix of a generator
constexpr std::size_t kMixKinds = 4'096;      // more kinds than this are no mix

void build_zones(World& world) {
  for (const RackGroup& rack : world.scenario->racks) {
    const std::string zone = world.scenario->regions[rack.region].name + "." + rack.zone;
    const auto known = std::find(world.zones.begin(), world.zones.end(), zone);
    world.zone_of_rack.push_back(static_cast<std::uint32_t>(known - world.zones.begin()));
    if (known == world.zones.end()) world.zones.push_back(zone);
  }
}

std::unique_ptr<Placement> placement_of(const PoolSpec& spec, std::span<const JobMixEntry> mix) {
  return entry_of(placements(), spec.placement).make(spec.placement.params, {mix});
}

/// Does a service spread its replicas over the zones of the pool, may jobs not be in all, or does
/// the placement prefer some?
bool tells_zones(const Scenario& scenario, std::uint32_t pool) {
  if (placement_of(scenario.pools[pool], {})->follows()) return true;
  for (const JobsWorkload& jobs : scenario.workloads) {
    if (jobs.pool == pool && !jobs.residency.empty()) return true;
  }
  return std::any_of(scenario.services.begin(), scenario.services.end(),
                     [&](const ServiceWorkload& service) {
                       return service.spread &&
                              std::any_of(service.deployments.begin(), service.deployments.end(),
                                          [&](const DeploymentSpec& d) { return d.pool == pool; });
                     });
}

/// The bit of a rack's zone among those of the pool.
ZoneSet zone_bit(const World& world, PoolState& pool, std::uint32_t rack) {
  const std::uint32_t zone = world.zone_of_rack[rack];
  const auto known = std::find(pool.zones.begin(), pool.zones.end(), zone);
  const auto bit = static_cast<std::uint32_t>(known - pool.zones.begin());
  if (known == pool.zones.end()) pool.zones.push_back(zone);
  return ZoneSet{1} << bit;
}

void build_blocks(World& world, PoolState& pool) {
  const Scenario& scenario = *world.scenario;
  const bool zones = tells_zones(scenario, pool.index);
  std::uint32_t first = 0;
  for (const std::uint32_t rack : pool.spec->racks) {
    const RackGroup& group = scenario.racks[rack];
    for (const RackGroup::Run& run : group.servers) {
      pool.blocks.push_back({scenario.server_types[run.type].shape, run.count});
      if (zones) pool.blocks.back().shape.zone = zone_bit(world, pool, rack);
      pool.block_type.push_back(run.type);
      pool.block_region.push_back(group.region);
      pool.block_racks.push_back(rack);
      pool.block_first.push_back(first);
      pool.power_part.push_back(world.power.add_part(rack, run.type, run.count));
      first += run.count;
    }
  }
}

/// Servers in no pool idle all the time, and draw power.
void add_unpooled_servers(World& world) {
  const Scenario& scenario = *world.scenario;
  std::vector<bool> pooled(scenario.racks.size(), false);
  for (const PoolSpec& pool : scenario.pools) {
    for (const std::uint32_t rack : pool.racks) pooled[rack] = true;
  }
  for (std::uint32_t rack = 0; rack < scenario.racks.size(); ++rack) {
    if (pooled[rack]) continue;
    const RackGroup& group = scenario.racks[rack];
    for (const RackGroup::Run& run : group.servers) {
      world.power.add_part(rack, run.type, run.count);
    }
  }
}

/// A uniform permutation, fixed for the run: which server comes first among equal scores.
std::vector<std::uint32_t> shuffled_order(const World& world, const PoolState& pool) {
  const std::uint32_t n = pool.block_first.back() + pool.blocks.back().count;
  std::vector<std::uint32_t> order(n);
  std::iota(order.begin(), order.end(), 0U);
  const RandomStream stream(world.seed, "pools." + pool.spec->name + ".ties");
  shuffle(order, stream);
  return order;
}

using KindKey = std::tuple<std::int64_t, std::int32_t, std::int32_t, ModelSet>;

struct Kind {
  Request request;
  double jobs = 0;
};

/// Adds the kinds of a generated workload, seen in its first jobs. The same draws as the run's.
void count_generated(const Scenario& scenario, std::uint64_t seed, const JobsWorkload& workload,
                     std::map<KindKey, std::size_t>& index, std::vector<Kind>& kinds) {
  JobsSpec spec = workload.jobs;
  spec.generate->count =
      spec.generate->count == 0 ? kMixSample : std::min(spec.generate->count, kMixSample);
  const auto source = open_jobs(spec, nullptr, scenario.models, seed);
  JobRecord job;
  while (kinds.size() <= kMixKinds && source->next(job)) {
    Request request = job.each;
    request.memory_bytes = 0;
    const KindKey key{request.cores_milli, request.accelerators, request.accelerator_milli,
                      request.models};
    const auto [it, fresh] = index.try_emplace(key, kinds.size());
    if (fresh) kinds.push_back({request, 0});
    kinds[it->second].jobs += 1;
  }
}

bool has_accelerators(const Scenario& scenario, const PoolSpec& pool) {
  for (const std::uint32_t rack : pool.racks) {
    for (const RackGroup::Run& run : scenario.racks[rack].servers) {
      if (scenario.server_types[run.type].shape.accelerators > 0) return true;
    }
  }
  return false;
}

void declare_pool(Recorder& recorder, PoolState& pool) {
  const std::string prefix = "pools." + pool.spec->name + ".";
  const auto level = [&](std::string_view name, std::string_view unit, std::string_view meaning) {
    return recorder.declare(
        {prefix + std::string(name), std::string(unit), std::string(meaning), MetricKind::level});
  };
  const Resources& capacity = pool.fleet->capacity();
  if (capacity.cores_milli > 0) {
    pool.metrics.cores = level("allocation.cores", "1", "share of the pool's cores held by jobs");
  }
  if (capacity.memory_bytes > 0) {
    pool.metrics.memory =
        level("allocation.memory", "1", "share of the pool's memory held by jobs");
  }
  if (capacity.accelerator_milli > 0) {
    pool.metrics.accelerators =
        level("allocation.accelerators", "1", "share of the pool's accelerators held by jobs");
  }
  if (pool.fragmentation) {
    pool.metrics.fragmentation =
        level("fragmentation", "1",
              "accelerators left where the usual jobs cannot use them, share of the pool's");
  }
  pool.metrics.waiting = level("waiting", "jobs", "jobs waiting to start");
  pool.metrics.running = level("running", "jobs", "jobs that run");
}

void declare_tenants(Recorder& recorder, PoolState& pool) {
  for (const PoolTenant& tenant : pool.spec->tenants) {
    const std::string prefix = "pools." + pool.spec->name + ".tenants." + tenant.name + ".";
    TenantBooks& books = pool.tenant_books.emplace_back();
    books.wait = recorder.declare(
        {prefix + "wait", "s", "from submission to the first start", MetricKind::sample});
    books.completion = recorder.declare(
        {prefix + "completion", "s", "from submission to completion", MetricKind::sample});
  }
}

void build_pool(World& world, std::uint32_t index) {
  PoolState& pool = world.pools[index];
  const PoolSpec& spec = world.scenario->pools[index];
  pool.spec = &spec;
  pool.index = index;
  build_blocks(world, pool);
  pool.mix = job_mix(*world.scenario, world.seed, index);
  const SchedulerEntry& scheduler = entry_of(schedulers(), spec.scheduler);
  auto policy = placement_of(spec, pool.mix);
  const std::optional<EnergySignal> follows = policy->follows();
  std::vector<std::uint32_t> order;
  if (spec.shuffle_ties) order = shuffled_order(world, pool);
  pool.fleet = std::make_unique<Fleet>(pool.blocks, std::move(order), policy->uses_holds());
  pool.placer =
      std::make_unique<Placer>(*pool.fleet, std::move(policy),
                               RandomStream(world.seed, "pools." + spec.name + ".placement"));
  if (follows) pool.placer->follow(RegionOrder(*world.scenario, pool, *follows));
  const RandomStream draws(world.seed, "pools." + spec.name + ".scheduler");
  pool.energy = std::make_unique<PoolForecast>(*world.scenario, pool);
  pool.scheduler =
      scheduler.make(spec.scheduler.params, SchedulerContext{draws.u64(0), pool.energy.get()});
  if (is_elastic(*world.scenario, index)) pool.scheduler = std::make_unique<IdleScheduler>();
  if (!pool.mix.empty()) {
    pool.fragmentation = std::make_unique<FragmentationMeter>(*pool.fleet, pool.mix);
    pool.placer->watch(pool.fragmentation.get());
  }
  for (const double point : spec.demand_points) {
    pool.demand_points.push_back({static_cast<std::int64_t>(std::llround(point * 100)), 0, 0, 0});
  }
  pool.view.capacity = pool.fleet->capacity();
  pool.view.free = pool.fleet->free();
  pool.idle_cores_milli.set(SimTime{}, pool.view.free.cores_milli);
  pool.idle_accelerator_milli.set(SimTime{}, pool.view.free.accelerator_milli);
  declare_pool(*world.recorder, pool);
  declare_tenants(*world.recorder, pool);
  enable_losses(pool);
  enable_reservations(world, pool);
  if (spec.defragment) pool.defragment = std::make_unique<DefragmentState>();
  enable_nodes(world, pool);
}

/// Replicas have no source and count no jobs; one tenant, the service.
void build_replica_workload(World& world, WorkloadState& workload) {
  const std::string& service = world.scenario->services[*workload.spec->service].name;
  const std::string pool = world.scenario->pools[workload.spec->pool].name;
  workload.wait =
      world.recorder->declare({"workloads." + service + "." + pool + ".placement_wait", "s",
                               "from the wish for a replica to its server", MetricKind::sample});
  const auto known = std::find(world.tenants.begin(), world.tenants.end(), service);
  workload.tenants.push_back(static_cast<std::uint32_t>(known - world.tenants.begin()));
  if (known == world.tenants.end()) world.tenants.push_back(service);
}

void build_workload(World& world, std::uint32_t index) {
  WorkloadState& workload = world.workloads[index];
  const JobsWorkload& spec = world.scenario->workloads[index];
  workload.spec = &spec;
  Recorder& recorder = *world.recorder;
  if (spec.service) {
    build_replica_workload(world, workload);
    return;
  }
  if (spec.training) {
    workload.training = std::make_unique<TrainingState>(*spec.training, world.seed, spec.name);
  }
  if (spec.elastic) {
    workload.source = elastic_source(spec);
  } else {
    workload.source = open_jobs(spec.jobs, spec.facts ? &*spec.facts : nullptr,
                                world.scenario->models, world.seed);
  }
  const std::string prefix = "workloads." + spec.name + ".";
  workload.wait = recorder.declare(
      {prefix + "wait", "s", "from submission to the first start", MetricKind::sample});
  workload.completion = recorder.declare(
      {prefix + "completion", "s", "from submission to completion", MetricKind::sample});
  workload.slowdown = recorder.declare(
      {prefix + "slowdown", "1",
       "completion time over run time, at least 1; runs shorter than 10 s count as 10 s",
       MetricKind::sample});
  workload.submitted_count =
      recorder.declare({prefix + "submitted", "jobs", "jobs submitted", MetricKind::counter});
  workload.finished_count =
      recorder.declare({prefix + "finished", "jobs", "jobs completed", MetricKind::counter});
  workload.rejected_count = recorder.declare(
      {prefix + "rejected", "jobs", "jobs that no empty pool could hold or that met a full queue",
       MetricKind::counter});
}

/// Where anything may fail, servers of every pool come and go.
void build_failures(World& world) {
  if (world.scenario->failures.empty()) return;
  const auto& all = world.scenario->failures;
  const bool of_servers = std::any_of(all.begin(), all.end(), [](const FailureSpec& spec) {
    return !std::holds_alternative<NetworkFault>(spec.what);
  });
  for (PoolState& pool : world.pools) {
    if (of_servers) enable_availability(world, pool);
  }
  Recorder& recorder = *world.recorder;
  for (const FailureSpec& spec : world.scenario->failures) {
    const std::string prefix = "failures." + spec.name + ".";
    FailureState state;
    state.spec = &spec;
    const bool works = std::holds_alternative<Maintenance>(spec.what);
    state.count = recorder.declare({prefix + "count", "items",
                                    works ? "racks that were worked on" : "items that failed",
                                    MetricKind::counter});
    state.down_level = recorder.declare({prefix + "down", "items",
                                         works ? "servers in maintenance" : "items that are down",
                                         MetricKind::level});
    recorder.level(state.down_level, SimTime{}, 0);
    if (works) {
      state.emptied =
          recorder.declare({prefix + "emptied", "s", "from the begin of a wave until it is empty",
                            MetricKind::sample});
      state.moved = recorder.declare(
          {prefix + "moved", "jobs", "stopped to start elsewhere", MetricKind::counter});
      state.stopped = recorder.declare(
          {prefix + "stopped", "jobs", "that ran at the end of a drain", MetricKind::counter});
    }
    if (std::holds_alternative<RandomFailures>(spec.what)) {
      state.waiting_level = recorder.declare(
          {prefix + "waiting", "items", "items whose repair has not begun", MetricKind::level});
      recorder.level(state.waiting_level, SimTime{}, 0);
    }
    const auto* network = std::get_if<NetworkFault>(&spec.what);
    if (network != nullptr && network->spares) {
      state.replaced = recorder.declare(
          {prefix + "replaced", "items", "items whose place a spare took", MetricKind::counter});
      state.spares_level =
          recorder.declare({prefix + "spares", "items", "spares that are free", MetricKind::level});
      recorder.level(state.spares_level, SimTime{}, network->spares->count);
    }
    world.failures.push_back(state);
  }
}

/// What jobs hold is paid for where something has a price, and has its part of what is emitted;
/// replicas have books of their own.
void build_held(World& world) {
  if (!has_prices(*world.scenario) && !has_footprint(*world.scenario)) return;
  for (WorkloadState& workload : world.workloads) {
    if (workload.source == nullptr) continue;
    workload.held_ppm.resize(world.pools[workload.spec->pool].blocks.size());
  }
}

}  // namespace

std::vector<JobMixEntry> job_mix(const Scenario& scenario, std::uint64_t seed, std::uint32_t pool) {
  // Before anything is drawn: a short run would draw jobs for longer than it lasts.
  if (!has_accelerators(scenario, scenario.pools[pool])) return {};
  std::map<KindKey, std::size_t> known;
  std::vector<Kind> kinds;
  for (const JobsWorkload& workload : scenario.workloads) {
    if (workload.pool != pool || workload.service || workload.elastic) continue;
    if (workload.jobs.generate) {
      count_generated(scenario, seed, workload, known, kinds);
      continue;
    }
    for (const JobMixEntry& entry : workload.facts->mix) {
      const Request& r = entry.request;
      const KindKey key{r.cores_milli, r.accelerators, r.accelerator_milli, r.models};
      const auto [it, fresh] = known.try_emplace(key, kinds.size());
      if (fresh) kinds.push_back({r, 0});
      kinds[it->second].jobs += entry.share * static_cast<double>(workload.facts->rows);
    }
  }
  const bool any = std::any_of(kinds.begin(), kinds.end(),
                               [](const Kind& kind) { return kind.request.accelerators > 0; });
  if (!any || kinds.size() > kMixKinds) return {};
  std::stable_sort(kinds.begin(), kinds.end(),
                   [](const Kind& a, const Kind& b) { return a.jobs > b.jobs; });
  double jobs = 0;
  for (const Kind& kind : kinds) jobs += kind.jobs;
  std::vector<JobMixEntry> mix;
  for (const Kind& kind : kinds) mix.push_back({kind.request, kind.jobs / jobs});
  return mix;
}

std::unique_ptr<World> build_world(const Scenario& scenario, std::uint64_t seed,
                                   Recorder& recorder) {
  auto world = std::make_unique<World>();
  world->scenario = &scenario;
  world->seed = seed;
  world->decisions.from = SimTime{} + scenario.warmup;
  world->recorder = &recorder;
  build_zones(*world);
  world->workloads.resize(scenario.workloads.size());
  for (std::uint32_t i = 0; i < world->workloads.size(); ++i) build_workload(*world, i);
  world->power.build(scenario, recorder);
  world->pools.resize(scenario.pools.size());
  for (std::uint32_t i = 0; i < world->pools.size(); ++i) build_pool(*world, i);
  build_job_residency(*world);
  add_unpooled_servers(*world);
  build_held(*world);
  build_services(*world);
  build_data_transfers(*world);
  build_stores(*world);
  build_fabrics(*world);
  attach_servers(*world);
  for (PoolState& pool : world->pools) enable_domains(*world, pool);
  build_storage(*world);
  build_training_io(*world);
  build_traffic(*world);
  for (ServiceState& service : world->services) {
    build_service_network(*world, service);
    build_replication(*world, service);
  }
  build_failures(*world);
  for (const WorkloadState& workload : world->workloads) {
    if (workload.training == nullptr || !changes_pace(*workload.training->spec)) continue;
    enable_speeds(world->pools[workload.spec->pool]);
  }
  for (std::uint32_t i = 0; i < world->workloads.size(); ++i) {
    const WorkloadState& workload = world->workloads[i];
    if (workload.training == nullptr || !workload.training->spec->elastic) continue;
    world->pools[workload.spec->pool].elastic_gangs.push_back(i);
  }
  build_training_networks(*world);
  for (std::uint32_t i = 0; i < world->workloads.size(); ++i) build_training_swing(*world, i);
  enable_kinds(*world);
  enable_platforms(*world);
  build_planes(*world);
  build_growth(*world);
  build_markets(*world);
  build_buyers(*world);
  build_plants(*world);
  if (world->pools.empty()) world->power.publish(SimTime{});  // nobody else would
  return world;
}

ServerPlace place_of(const World& world, const PoolState& pool, ServerId server) {
  const std::uint32_t block = pool.fleet->block_of(server);
  const std::uint32_t group = pool.block_racks[block];
  std::uint32_t first = block;  // blocks of one rack group lie side by side
  while (first > 0 && pool.block_racks[first - 1] == group) --first;
  const std::uint32_t place = server.value - pool.block_first[first];
  const std::uint32_t each = world.scenario->racks[group].servers_per_rack;
  return {group, place / each, place % each};
}

std::string server_name(const World& world, const PoolState& pool, ServerId server) {
  const ServerPlace place = place_of(world, pool, server);
  return world.scenario->racks[place.group].name + "/r" + std::to_string(place.rack) + "/s" +
         std::to_string(place.in_rack);
}

}  // namespace hyperdc
