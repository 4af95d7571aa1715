#include "world/simulate.hpp"

#include <algorithm>
#include <deque>
#include <fmt/format.h>
#include <limits>
#include <variant>

#include <hyperdc/core/assert.hpp>
#include <hyperdc/policy/placement.hpp>
#include <hyperdc/policy/scheduler.hpp>

#include "scenario/growth_spec.hpp"
#include "scenario/platform_spec.hpp"
#include "scenario/policy_entry.hpp"
#include "world/branch.hpp"
#include "world/buyer/buyer.hpp"
#include "world/fabrics.hpp"
#include "world/growth/windows.hpp"
#include "world/places.hpp"
#include "world/pool.hpp"
#include "world/process/arrivals.hpp"
#include "world/process/buyer_process.hpp"
#include "world/process/collectives_process.hpp"
#include "world/process/control_planes.hpp"
#include "world/process/control_process.hpp"
#include "world/process/device_faults.hpp"
#include "world/process/elastic_process.hpp"
#include "world/process/fabric_process.hpp"
#include "world/process/growth_process.hpp"
#include "world/process/maintenance.hpp"
#include "world/process/market_process.hpp"
#include "world/process/network_faults.hpp"
#include "world/process/nodes_process.hpp"
#include "world/process/outages.hpp"
#include "world/process/pool_process.hpp"
#include "world/process/power_plant.hpp"
#include "world/process/random_faults.hpp"
#include "world/process/replication_process.hpp"
#include "world/process/sampler.hpp"
#include "world/process/service_network.hpp"
#include "world/process/service_process.hpp"
#include "world/process/storage_objects_process.hpp"
#include "world/process/storage_process.hpp"
#include "world/process/storage_requests_process.hpp"
#include "world/process/storage_tier_process.hpp"
#include "world/process/store_process.hpp"
#include "world/process/traffic_process.hpp"
#include "world/process/training_io_process.hpp"
#include "world/process/training_network_process.hpp"
#include "world/process/training_process.hpp"
#include "world/process/transfers_process.hpp"
#include "world/readings.hpp"
#include "world/service/control.hpp"
#include "world/service/network.hpp"
#include "world/storage.hpp"
#include "world/storage_requests.hpp"
#include "world/stores.hpp"

namespace hyperdc {

namespace {

constexpr std::int64_t kStepsByDefault = 200;  // of the time series, when a duration is known

class MonitorAdapter final : public RunMonitor {
 public:
  explicit MonitorAdapter(SimulationMonitor* monitor) : monitor_(monitor) {}
  bool tick(SimTime now, std::uint64_t events) override {
    return monitor_ == nullptr || monitor_->tick(now, events);
  }

 private:
  SimulationMonitor* monitor_;
};

struct Processes {
  std::deque<PoolProcess> pools;  // deque: addresses stay
  std::deque<NodesProcess> nodes;
  std::deque<ArrivalsProcess> arrivals;
  std::deque<ElasticProcess> elastic;
  std::deque<FabricProcess> fabrics;
  std::deque<StoreProcess> stores;
  std::deque<StorageProcess> storage;
  std::deque<StorageObjectsProcess> objects;
  std::deque<StorageRequestsProcess> storage_requests;
  std::deque<StorageTierProcess> tiers;
  std::deque<TransfersProcess> transfers;
  std::deque<CollectivesProcess> collectives;
  std::deque<TrafficProcess> traffic;
  std::deque<TrainingProcess> trainings;
  std::deque<TrainingIoProcess> training_io;
  std::deque<TrainingNetworkProcess> training_networks;
  std::deque<ServiceNetworkProcess> service_networks;
  std::deque<ReplicationProcess> replications;
  std::deque<ServiceProcess> services;
  std::deque<ControlProcess> controls;
  std::deque<RandomFaults> faults;
  std::deque<Outages> outages;
  std::deque<NetworkFaults> network_faults;
  std::deque<MaintenanceProcess> maintenance;
  std::deque<PowerPlantProcess> plants;
  std::deque<DeviceFaultsProcess> device_faults;
  std::deque<ControlPlaneProcess> planes_of_control;
  std::deque<GrowthProcess> growth;
  std::deque<MarketProcess> markets;
  std::deque<BuyerProcess> buyers;
};

template <class P>
void begin_process(std::deque<P>& list, World& world, std::uint32_t index, Engine& engine) {
  P& process = list.emplace_back(world, index);
  const ProcessId self = engine.add(process);
  process.begin(self, engine);
}

void add_failures(World& world, Processes& processes, Engine& engine) {
  for (std::uint32_t i = 0; i < world.failures.size(); ++i) {
    const auto& what = world.failures[i].spec->what;
    if (std::holds_alternative<RandomFailures>(what)) {
      begin_process(processes.faults, world, i, engine);
    } else if (std::holds_alternative<NetworkFault>(what)) {
      begin_process(processes.network_faults, world, i, engine);
    } else if (std::holds_alternative<Maintenance>(what)) {
      begin_process(processes.maintenance, world, i, engine);
    } else {
      begin_process(processes.outages, world, i, engine);
    }
  }
}

void add_plants(World& world, Processes& processes, Engine& engine) {
  for (const auto& plant : world.plants) {
    if (plant == nullptr) continue;
    PowerPlantProcess& process = processes.plants.emplace_back(world, *plant);
    process.begin(engine.add(process), engine);
    DeviceFaultsProcess& faults = processes.device_faults.emplace_back(world, *plant);
    faults.begin(engine.add(faults), engine);
  }
}

void add_network(World& world, Processes& processes, Engine& engine) {
  for (std::uint32_t i = 0; i < world.fabrics.size(); ++i) {
    begin_process(processes.fabrics, world, i, engine);
  }
  for (std::uint32_t i = 0; i < world.stores.size(); ++i) {
    begin_process(processes.stores, world, i, engine);
  }
  for (std::uint32_t i = 0; i < world.storage.size(); ++i) {
    begin_process(processes.storage, world, i, engine);
  }
  for (std::uint32_t i = 0; i < world.objects.size(); ++i) {
    begin_process(processes.objects, world, i, engine);
  }
  for (std::uint32_t i = 0; i < world.storage_requests.size(); ++i) {
    begin_process(processes.storage_requests, world, i, engine);
    const StorageRequests& spec = *world.storage_requests[i].spec;
    if (has_tier(world, spec)) begin_process(processes.tiers, world, i, engine);
  }
  for (std::uint32_t i = 0; i < world.transfers.size(); ++i) {
    begin_process(processes.transfers, world, i, engine);
  }
  for (std::uint32_t i = 0; i < world.pools.size(); ++i) {
    if (world.pools[i].traffic != nullptr) begin_process(processes.traffic, world, i, engine);
  }
  for (std::uint32_t i = 0; i < world.services.size(); ++i) {
    if (world.services[i].network != nullptr) {
      begin_process(processes.service_networks, world, i, engine);
    }
    if (world.services[i].replication != nullptr) {
      begin_process(processes.replications, world, i, engine);
    }
  }
  for (std::uint32_t i = 0; i < world.collectives.size(); ++i) {
    begin_process(processes.collectives, world, i, engine);
  }
}

void add_processes(World& world, Processes& processes, Engine& engine) {
  add_network(world, processes, engine);
  for (std::uint32_t i = 0; i < world.pools.size(); ++i) {
    world.pools[i].process = engine.add(processes.pools.emplace_back(world, i));
    request_pass(world.pools[i], engine);  // publishes the idle levels at time 0
    if (world.pools[i].nodes == nullptr) continue;
    NodesProcess& process = processes.nodes.emplace_back(world, i);
    process.begin(engine.add(process), engine);
  }
  for (std::uint32_t i = 0; i < world.workloads.size(); ++i) {
    if (world.workloads[i].source == nullptr) continue;  // replicas of a service
    if (world.workloads[i].spec->elastic) {
      begin_process(processes.elastic, world, i, engine);
    } else {
      begin_process(processes.arrivals, world, i, engine);
    }
    if (world.workloads[i].training != nullptr) {
      begin_process(processes.trainings, world, i, engine);
      if (world.workloads[i].training->network != nullptr) {
        begin_process(processes.training_networks, world, i, engine);
      }
    }
    if (world.workloads[i].training != nullptr && world.workloads[i].training->io != nullptr) {
      begin_process(processes.training_io, world, i, engine);
    }
  }
  for (std::uint32_t i = 0; i < world.services.size(); ++i) {
    ServiceProcess& process = processes.services.emplace_back(world, i);
    const ProcessId self = engine.add(process);
    process.begin(self, engine);
    ControlProcess& control = processes.controls.emplace_back(world, i);
    const ProcessId control_self = engine.add(control);
    control.begin(control_self, engine);
  }
  add_failures(world, processes, engine);
  add_plants(world, processes, engine);
  for (std::uint32_t i = 0; i < world.planes.size(); ++i) {
    begin_process(processes.planes_of_control, world, i, engine);
  }
  for (std::uint32_t i = 0; i < world.growth.size(); ++i) {
    begin_process(processes.growth, world, i, engine);
  }
  for (std::uint32_t i = 0; i < world.markets.size(); ++i) {
    begin_process(processes.markets, world, i, engine);
  }
  for (std::uint32_t i = 0; i < world.buyers.size(); ++i) {
    begin_process(processes.buyers, world, i, engine);
  }
}

/// Of a fluid service only what an autoscaler reads is drawn, and what surrounds it.
bool service_draws(const ServiceWorkload& service) {
  if (service.fidelity == Fidelity::exact || service.autoscaler.policy != "none") return true;
  if (service.sensors.loss > 0) return true;
  if (!std::holds_alternative<Constant>(service.instance.start_s)) return true;
  return std::any_of(service.origins.begin(), service.origins.end(), [](const OriginSpec& origin) {
    return origin.demand && has_noise(*origin.demand);
  });
}

bool nodes_draw(const NodesSpec& nodes) {
  if (nodes.refused > 0) return true;
  if (nodes.boot_s && !std::holds_alternative<Constant>(*nodes.boot_s)) return true;
  return entry_of(node_autoscalers(), nodes.policy)
      .make(nodes.policy.params, NodeAutoscalerContext{})
      ->draws();
}

std::optional<SimTime> horizon(const Scenario& scenario, const SimulateOptions& options) {
  std::optional<SimTime> end;
  if (scenario.duration) end = SimTime{} + *scenario.duration;
  if (options.until && (!end || *options.until < *end)) end = options.until;
  return end;
}

Duration series_step(const Scenario& scenario) {
  if (scenario.step) return *scenario.step;
  if (!scenario.growth.empty() && !scenario.duration) return scenario.growth.front()->step;
  if (!scenario.buyers.empty() && !scenario.duration) return whole_seconds(7 * 86'400);
  if (!scenario.duration) return whole_seconds(3600);
  return std::max(Duration{1}, Duration{scenario.duration->ns / kStepsByDefault});
}

/// What watches racks and links, if that was asked for.
std::unique_ptr<PlaceRecorder> watch_places(const World& world, const SimulateOptions& options,
                                            std::optional<SimTime> end) {
  if (!options.places) return nullptr;
  std::optional<std::uint64_t> steps;
  if (end) {
    steps = static_cast<std::uint64_t>(end->ns / series_step(*world.scenario).ns);
  }
  return std::make_unique<PlaceRecorder>(world, steps);
}

/// To the end, or until the monitor stops it; past the moment at which it may go on otherwise.
Engine::Stop run_to(std::optional<SimTime> end, World& world, Engine& engine,
                    const SimulateOptions& options, MonitorAdapter& monitor) {
  if (options.branch != nullptr) {
    HYPERDC_CHECK(end && options.branch->at < *end, "a branch lies before the end of its run");
    const Engine::Stop stop = engine.run(options.branch->at, &monitor);
    if (stop == Engine::Stop::stopped) return stop;
    if (const Scenario* now = options.branch->choose()) take_over(world, *now, engine);
  }
  return end ? engine.run(*end, &monitor) : engine.run_to_end(&monitor);
}

Simulation collect(World& world, Recorder& recorder, const Engine& engine, SimTime end) {
  Simulation out;
  out.end = end;
  out.events = engine.events();
  out.fingerprint = engine.fingerprint();
  out.hourly_fingerprints = engine.hourly_fingerprints();
  close_books(world, end);
  close_fabrics(world, end);
  close_storage(world, end);
  close_stores(world, end);
  close_markets(world, end);
  close_buyers(world);
  world.power.close(end);
  recorder.finish(end);
  out.checks = run_checkers(world, end);
  out.bill = bill_of(world, end);
  if (!out.bill.empty()) {
    out.checks.push_back(check_bill(out.bill, world.scenario->regions.size()));
  }
  out.metrics = read_metrics(world, end, out.bill);
  out.series_columns.emplace_back("time_s");
  for (std::string& column : recorder.series_columns()) {
    out.series_columns.push_back(std::move(column));
  }
  out.series_rows = recorder.series_rows();
  return out;
}

}  // namespace

Simulation simulate(const Scenario& scenario, const SimulateOptions& options) {
  Engine engine;
  try {
    Recorder recorder(SimTime{} + scenario.warmup);
    const std::unique_ptr<World> world = build_world(scenario, options.seed, recorder);
    world->log = options.log;
    world->flow_log = options.flow_log;
    world->request_log = options.request_log;
    world->timeline = options.timeline;
    for (const PoolState& pool : world->pools) {
      if (options.timeline != nullptr) options.timeline->add_pool(pool.spec->name);
    }
    Processes processes;
    add_processes(*world, processes, engine);
    const std::optional<SimTime> end = horizon(scenario, options);
    const std::unique_ptr<PlaceRecorder> places = watch_places(*world, options, end);
    SamplerProcess sampler(recorder, series_step(scenario), places.get());
    sampler.begin(engine.add(sampler), engine);
    MonitorAdapter monitor(options.monitor);
    world->has_end = end.has_value();
    if (end) {
      end_markets_at(*world, *end);
      end_buyers_at(*world, *end);
    }
    const Engine::Stop stop = run_to(end, *world, engine, options, monitor);
    const SimTime last = end && stop != Engine::Stop::stopped ? *end : engine.now();
    for (TransfersProcess& transfers : processes.transfers) transfers.close();
    for (ElasticProcess& elastic : processes.elastic) elastic.close(last);
    if (places != nullptr) places->close(last);
    WindowRuns windows;
    if (stop != Engine::Stop::stopped) {
      windows = run_growth_windows(*world, engine.events(), options.monitor);
    }
    Simulation out = collect(*world, recorder, engine, last);
    out.fingerprint += windows.fingerprint;
    out.events += windows.events;
    out.series_step = sampler.step();
    out.series_joined = out.series_step != series_step(scenario);
    out.complete = stop != Engine::Stop::stopped && windows.complete;
    if (options.distributions) out.distributions = recorder.distributions();
    if (places != nullptr) out.places = std::make_shared<const PlaceMaps>(places->take());
    if (options.timeline != nullptr) {
      for (const PoolState& pool : world->pools) draw_remaining(*world, pool, last);
    }
    if (options.log != nullptr) {
      for (const PoolState& pool : world->pools) log_remaining(*world, pool, last);
    }
    return out;
  } catch (const InvariantError& error) {
    throw InvariantError(
        fmt::format("seed {}, {}: {}", options.seed, engine.describe_current(), error.what()));
  }
}

bool has_job_mix(const Scenario& scenario, std::uint32_t pool) {
  return !job_mix(scenario, scenario.seed, pool).empty();
}

namespace {

bool platform_draws(const PlatformSpec& platform) {
  const auto varies = [](const DistributionSpec& spec) {
    return !std::holds_alternative<Constant>(spec);
  };
  return varies(platform.provision_s) || (platform.spot && (varies(platform.spot->interruption_s) ||
                                                            varies(platform.spot->away_s)));
}

}  // namespace

bool depends_on_seed(const Scenario& scenario) {
  const auto draws = [](const JobsWorkload& workload) {
    if (workload.elastic) return make_allocator(*workload.elastic, 0)->draws();
    const JobsSpec& jobs = workload.jobs;
    const auto& training = workload.training;
    if (training && (training->stragglers || training->corruption)) return true;
    if (workload.platform && platform_draws(*workload.platform)) return true;
    return jobs.generate || jobs.shuffle || jobs.inflate_to || (jobs.trace && jobs.trace->window) ||
           (jobs.arrivals && jobs.arrivals->kind != ArrivalSpec::Kind::every);
  };
  if (std::any_of(scenario.workloads.begin(), scenario.workloads.end(), draws)) return true;
  if (std::any_of(scenario.services.begin(), scenario.services.end(), service_draws)) return true;
  if (!scenario.fabrics.empty()) return true;  // the seed chooses paths
  if (!scenario.failures.empty() || !scenario.storage.empty()) return true;
  if (!scenario.growth.empty() || scenario.ownership != nullptr) return true;
  if (!scenario.markets.empty() || !scenario.buyers.empty()) return true;
  for (const ControlPlaneSpec& plane : scenario.control_planes) {
    if (plane.random) return true;
  }
  for (const Region& region : scenario.regions) {
    if (region.plant) return true;  // its devices may fail at random
  }
  for (const PoolSpec& pool : scenario.pools) {
    if (pool.shuffle_ties) return true;
    if (pool.nodes && nodes_draw(*pool.nodes)) return true;
    const auto placement =
        entry_of(placements(), pool.placement).make(pool.placement.params, PlacementContext{});
    if (placement->choice() == Placement::Choice::uniform_random) return true;
    const auto scheduler =
        entry_of(schedulers(), pool.scheduler).make(pool.scheduler.params, SchedulerContext{});
    if (scheduler->draws()) return true;
  }
  return false;
}

std::vector<MetricValue> metric_names(const Scenario& scenario) {
  Recorder recorder(SimTime{} + scenario.warmup);
  const std::unique_ptr<World> world = build_world(scenario, scenario.seed, recorder);
  recorder.finish(SimTime{} + scenario.warmup);
  const SimTime end = SimTime{} + scenario.warmup;
  return read_metrics(*world, end, bill_of(*world, end));
}

}  // namespace hyperdc
