// What holds for every failure, whoever schedules: laws, and the same history for all.
#include <catch2/catch.hpp>

#include "unit/world/default_params.hpp"
#include "unit/world/metric_value.hpp"
#include "unit/world/small_scenario.hpp"
#include "world/simulate.hpp"

namespace hyperdc {
namespace {

using test::value;

/// Two regions with two rack groups each (zones a and b), accelerators in half of them, and a
/// workload that keeps them busy.
Scenario crowded() {
  Scenario s = test::one_pool(12, 16);
  AcceleratorType x;
  x.name = x.model = "x";
  x.power = PowerRange{10, 100};
  s.models.intern("x");
  s.accelerators.push_back(x);
  ServerType gpu = s.server_types[0];
  gpu.name = "gpu";
  gpu.accelerator = 0;
  gpu.shape.accelerators = 4;
  gpu.shape.model = 1;
  gpu.boot_time = whole_seconds(90);
  s.server_types.push_back(gpu);
  s.regions.push_back({"far", 1.2, std::nullopt});
  s.racks[0].servers_per_rack = 4;
  s.racks[0].racks = 3;
  RackGroup rack = s.racks[0];
  rack.name = "lab.gpus";
  rack.zone = "b";
  rack.servers = {{1, 12}};
  s.racks.push_back(rack);
  rack.name = "far.gpus";
  rack.region = 1;
  rack.zone = "a";
  rack.servers = {{1, 6}, {0, 6}};
  s.racks.push_back(rack);
  s.pools[0].racks = {0, 1, 2};
  s.duration = whole_seconds(20000);
  JobsWorkload workload;
  workload.name = "jobs";
  workload.jobs.workload = "jobs";
  GeneratorSpec generate;
  generate.run_s = Exponential{600};
  generate.cores = Uniform{1, 8};
  generate.memory_bytes = Constant{1e6};
  generate.accelerators = Empirical{{0, 0.5, 1, 2, 4}, {30, 20, 20, 20, 10}};
  generate.members = Empirical{{1, 3}, {9, 1}};
  generate.priority = Empirical{{0, 1, 2}, {6, 3, 1}};
  generate.tenants = 3;
  workload.jobs.generate = generate;
  ArrivalSpec arrivals;
  arrivals.kind = ArrivalSpec::Kind::poisson;
  arrivals.mean_interval_s = 10;
  workload.jobs.arrivals = arrivals;
  s.workloads.push_back(workload);
  return s;
}

FailureSpec cause(std::string name, FaultItem of, double life_s, DistributionSpec repair) {
  FailureSpec spec;
  spec.name = std::move(name);
  spec.of = of;
  spec.racks = {0, 1, 2};
  RandomFailures random;
  random.time_to_failure = Exponential{life_s};
  random.repair = std::move(repair);
  spec.what = random;
  return spec;
}

void add_failures(Scenario& s) {
  s.failures.push_back(cause("servers", FaultItem::server, 8000, Lognormal{600, 1}));
  auto& servers = std::get<RandomFailures>(s.failures.back().what);
  servers.time_to_failure = Weibull{8000, 1.5};
  servers.lemon_share = 0.1;
  servers.lemon_factor = 5;
  servers.technicians = 2;
  servers.common_probability = 0.2;
  servers.common_share = 0.5;
  s.failures.push_back(cause("devices", FaultItem::accelerator, 9000, Exponential{400}));
  auto& devices = std::get<RandomFailures>(s.failures.back().what);
  devices.spares = 3;
  devices.lead_time = Constant{700};
  devices.common_probability = 0.1;
  devices.common_group = FaultItem::server;
  s.failures.push_back(cause("racks", FaultItem::rack, 30000, Constant{300}));
  s.failures.push_back(cause("zones", FaultItem::zone, 20000, Constant{200}));
  FailureSpec replay = cause("replay", FaultItem::server, 1, Constant{0});
  ReplayedOutages outages;
  outages.rows = {{whole_seconds(500), whole_seconds(900), 0.3, {}},
                  {whole_seconds(400), whole_seconds(900), 0.5, {}}};
  replay.what = outages;
  s.failures.push_back(replay);
  FailureSpec region = replay;
  region.name = "region";
  region.of = FaultItem::region;
  region.racks = {2};
  region.what = PlannedOutage{whole_seconds(9000), whole_seconds(600), std::nullopt, 1};
  s.failures.push_back(region);
}

void add_maintenance(Scenario& s) {
  FailureSpec work;
  work.name = "work";
  work.of = FaultItem::rack;
  work.racks = {0, 1, 2};
  work.what = Maintenance{whole_seconds(1000), whole_seconds(6000), 2, whole_seconds(500),
                          whole_seconds(200)};
  s.failures.push_back(work);
}

TEST_CASE("an item that two outages hold is down once, until the last is over") {
  Scenario s = test::one_pool(4, 4);
  s.duration = whole_seconds(200);
  FailureSpec replay;
  replay.name = "replay";
  replay.of = FaultItem::server;
  replay.racks = {0};
  ReplayedOutages outages;
  outages.rows = {{whole_seconds(10), whole_seconds(100), 1, {}},
                  {whole_seconds(10), whole_seconds(20), 1, {}},
                  {whole_seconds(80), whole_seconds(40), 0.5, {}}};
  replay.what = outages;
  s.failures.push_back(replay);
  const Simulation run = simulate(s, {});
  const auto of = [&](const std::string& name) {
    for (const MetricValue& metric : run.metrics) {
      if (metric.name == name) return metric.value.value_or(-1);
    }
    return -1.0;
  };
  CHECK(of("failures.replay.count") == 10);
  CHECK(of("failures.replay.down.max") == 4);
  CHECK(of("failures.replay.down.mean") == Approx((4 * 100 + 2 * 30) / 200.0));
}

std::string history(const Simulation& run) {
  std::string text;
  for (const MetricValue& metric : run.metrics) {
    const bool of_failures = metric.name.rfind("failures.", 0) == 0;
    if (!of_failures && metric.name.find("availability") == std::string::npos &&
        metric.name.find("servers.down") == std::string::npos) {
      continue;
    }
    INFO(metric.name << ": " << metric.reason);
    REQUIRE(metric.value);
    text += metric.name + " " + std::to_string(*metric.value) + "\n";
  }
  return text;
}

TEST_CASE("the history of failures is the same whoever schedules and places") {
  Scenario scenario = crowded();
  add_failures(scenario);
  const std::string expected = history(simulate(scenario, {}));
  INFO(expected);
  CHECK(expected.find("failures.servers.count 0.0") == std::string::npos);
  for (const SchedulerEntry& entry : schedulers()) {
    CAPTURE(entry.name);
    scenario.pools[0].scheduler = {std::string(entry.name),
                                   test::default_params(schedulers(), std::string(entry.name))};
    scenario.pools[0].placement = {"best-fit", test::default_params(placements(), "best-fit")};
    CHECK(history(simulate(scenario, {})) == expected);
  }
}

TEST_CASE("another seed is another history, the same seed the same run") {
  Scenario scenario = crowded();
  add_failures(scenario);
  add_maintenance(scenario);
  SimulateOptions options;
  options.seed = 2;
  const Simulation first = simulate(scenario, options);
  const Simulation again = simulate(scenario, options);
  CHECK(first.fingerprint == again.fingerprint);
  CHECK(history(first) == history(again));
  options.seed = 3;
  CHECK(history(first) != history(simulate(scenario, options)));
}

TEST_CASE("the books close under every scheduler, placement and way to go on") {
  // simulate() throws when a law is broken: jobs, Little, accelerator- and core-seconds, shares.
  Scenario scenario = crowded();
  add_failures(scenario);
  add_maintenance(scenario);
  int turn = 0;
  for (const SchedulerEntry& entry : schedulers()) {
    CAPTURE(entry.name);
    PoolSpec& pool = scenario.pools[0];
    pool.scheduler = {std::string(entry.name),
                      test::default_params(schedulers(), std::string(entry.name))};
    const PlacementEntry& placement =
        placements()[static_cast<std::size_t>(turn) % placements().size()];
    pool.placement = {std::string(placement.name),
                      test::default_params(placements(), std::string(placement.name))};
    pool.on_failure = static_cast<OnFailure>(turn % 3);
    pool.retries.reset();
    if (turn % 2 == 1) pool.retries = 1;
    ++turn;
    const Simulation run = simulate(scenario, {});
    CHECK(value(run, "workloads.jobs.interrupted") > 40);
    CHECK(value(run, "failures.work.count") > 9);
    CHECK(value(run, "pools.main.down") > 0);
    CHECK((value(run, "workloads.jobs.failed") > 0) ==
          (pool.on_failure == OnFailure::fail || pool.retries.has_value()));
  }
}

TEST_CASE("a run without failures has none of their metrics") {
  const Simulation run = simulate(crowded(), {});
  for (const MetricValue& metric : run.metrics) {
    CHECK(metric.name.find(".down") == std::string::npos);
    CHECK(metric.name.find("availability") == std::string::npos);
    CHECK(metric.name.find("lost") == std::string::npos);
  }
}

}  // namespace
}  // namespace hyperdc
