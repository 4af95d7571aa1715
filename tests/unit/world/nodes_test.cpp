// Servers that are switched on and off, on paper: one job, one server, every second accounted for.
#include <catch2/catch.hpp>

#include <hyperdc/policy/node_autoscaler.hpp>

#include "unit/world/small_scenario.hpp"
#include "world/simulate.hpp"

namespace hyperdc {
namespace {

double nodes_metric(const Simulation& run, const std::string& name) {
  for (const MetricValue& metric : run.metrics) {
    if (metric.name != name) continue;
    INFO(name << ": " << metric.reason);
    REQUIRE(metric.value);
    return *metric.value;
  }
  FAIL("no metric is called " << name);
  return 0;
}

/// Three servers of 4 cores (100 W idle, 200 W full), 0.36 USD/h, that boot in 60 s.
Scenario switched_pool(const std::string& policy) {
  Scenario s = test::one_pool(3, 4);
  s.server_types[0].price = Price::rent(1e-4);
  s.server_types[0].boot_time = whole_seconds(60);
  s.server_types[0].boot_w = 50;
  s.duration = whole_seconds(2000);
  NodesSpec nodes;
  nodes.policy = {policy, test::default_params(node_autoscalers(), policy)};
  nodes.max = 3;
  s.pools[0].nodes = nodes;
  return s;
}

void check_server_law(const Simulation& run) {
  const bool there = std::any_of(
      run.checks.begin(), run.checks.end(),
      [](const CheckOutcome& check) { return check.name == "server-seconds pools.main"; });
  CHECK(there);  // a broken law would have thrown
}

}  // namespace

TEST_CASE("a job waits for its server to boot, and the server goes when it is not needed") {
  const test::TraceFile file("nodes-one", "submit_s,run_s,cores\n0,300,4\n");
  Scenario s = switched_pool("cluster-autoscaler");
  test::add_trace(s, file);
  const Simulation run = simulate(s, {});
  // Asked for at 0, up at 60; the job runs 60..360; unneeded since the scan at 360, removed at the
  // first scan more than 600 s later: 970.
  CHECK(nodes_metric(run, "workloads.jobs.wait.mean") == 60);
  CHECK(nodes_metric(run, "pools.main.nodes.provision.mean") == 60);
  CHECK(nodes_metric(run, "pools.main.nodes.time") == 970);
  CHECK(nodes_metric(run, "pools.main.nodes.mean") == Approx(970.0 / 2000));
  CHECK(nodes_metric(run, "pools.main.nodes.booting.mean") == Approx(60.0 / 2000));
  CHECK(nodes_metric(run, "pools.main.nodes.booted") == 1);
  CHECK(nodes_metric(run, "pools.main.nodes.removed") == 1);
  CHECK(nodes_metric(run, "pools.main.nodes.moved") == 0);
  CHECK(nodes_metric(run, "cost.servers") == Approx(0.0970));
  // 60 s at 50 W, 300 s at 200 W, 610 s at 100 W.
  CHECK(nodes_metric(run, "energy.total") == Approx(3000 + 60000 + 61000));
  check_server_law(run);
}

TEST_CASE("karpenter asks a second later and gives back at its second look") {
  const test::TraceFile file("nodes-karpenter", "submit_s,run_s,cores\n0,300,4\n");
  Scenario s = switched_pool("karpenter");
  test::add_trace(s, file);
  const Simulation run = simulate(s, {});
  // The batch ends at 1; up at 61, the job ends at 361; the look at 370 plans, that at 385 removes.
  CHECK(nodes_metric(run, "workloads.jobs.wait.mean") == 61);
  CHECK(nodes_metric(run, "pools.main.nodes.time") == 384);
  check_server_law(run);
}

TEST_CASE("none keeps what is on at the start") {
  const test::TraceFile file("nodes-none", "submit_s,run_s,cores\n0,300,4\n0,300,4\n0,300,4\n");
  Scenario s = switched_pool("none");
  s.pools[0].nodes->initial = 2;
  test::add_trace(s, file);
  const Simulation run = simulate(s, {});
  CHECK(nodes_metric(run, "workloads.jobs.wait.max") == 300);  // the third
  CHECK(nodes_metric(run, "pools.main.nodes.time") == 4000);
  CHECK(nodes_metric(run, "pools.main.nodes.max") == 2);
  check_server_law(run);
}

TEST_CASE("a stock-out delays, and is counted") {
  const test::TraceFile file("nodes-stock", "submit_s,run_s,cores\n0,300,4\n");
  Scenario s = switched_pool("cluster-autoscaler");
  s.pools[0].nodes->windows = {{Duration{}, whole_seconds(100), {}}};
  test::add_trace(s, file);
  const Simulation run = simulate(s, {});
  // Refused at 0, paused for 300 s, asked for again at 300.
  CHECK(nodes_metric(run, "pools.main.nodes.stock_outs") == 1);
  CHECK(nodes_metric(run, "workloads.jobs.wait.mean") == 360);
  s.pools[0].nodes->windows[0].types = {0};
  CHECK(nodes_metric(simulate(s, {}), "workloads.jobs.wait.mean") == 360);
  s.pools[0].nodes->windows.clear();
  s.pools[0].nodes->refused = 1;
  CHECK(nodes_metric(simulate(s, {}), "pools.main.nodes.booted") == 0);
  CHECK(depends_on_seed(s));
}

/// A plane over the one rack group that is out once.
ControlPlaneSpec plane_out(PlaneKind kind, std::int64_t at_s, std::int64_t for_s) {
  ControlPlaneSpec plane;
  plane.name = "plane";
  plane.kind = kind;
  plane.racks = {0};
  plane.outages = {{whole_seconds(at_s), whole_seconds(for_s)}};
  return plane;
}

TEST_CASE("no server is switched on or off while the launch plane is out") {
  const test::TraceFile file("nodes-launch", "submit_s,run_s,cores\n0,300,4\n");
  Scenario s = switched_pool("cluster-autoscaler");
  test::add_trace(s, file);
  // Refused at 0 as by a stock-out, and asked for again when the pause of 300 s is over.
  s.control_planes = {plane_out(PlaneKind::launch, 0, 100)};
  const Simulation late = simulate(s, {});
  CHECK(nodes_metric(late, "pools.main.nodes.stock_outs") == 1);
  CHECK(nodes_metric(late, "workloads.jobs.wait.mean") == 360);
  check_server_law(late);
  // The removal of 970 waits for the plane.
  s.control_planes = {plane_out(PlaneKind::launch, 900, 300)};
  const Simulation stays = simulate(s, {});
  CHECK(nodes_metric(stays, "workloads.jobs.wait.mean") == 60);
  CHECK(nodes_metric(stays, "pools.main.nodes.time") == 1200);
  check_server_law(stays);
  // A server that boots comes up all the same, and takes nothing until 100.
  s.control_planes = {plane_out(PlaneKind::launch, 10, 90)};
  CHECK(nodes_metric(simulate(s, {}), "workloads.jobs.wait.mean") == 100);
}

TEST_CASE("a node autoscaler does not decide while the scaling plane is out") {
  const test::TraceFile file("nodes-scaling", "submit_s,run_s,cores\n0,300,4\n");
  for (const std::string policy : {"cluster-autoscaler", "karpenter"}) {
    CAPTURE(policy);
    Scenario s = switched_pool(policy);
    test::add_trace(s, file);
    s.control_planes = {plane_out(PlaneKind::scaling, 0, 105)};
    const Simulation run = simulate(s, {});
    // Decided in the moment of the plane's return; karpenter waits for its batch of 1 s then.
    CHECK(nodes_metric(run, "workloads.jobs.wait.mean") == (policy == "karpenter" ? 166 : 165));
    check_server_law(run);
  }
}

TEST_CASE("a node autoscaler keeps its rhythm when the plane of others comes back") {
  const test::TraceFile file("nodes-others", "submit_s,run_s,cores\n0,300,4\n");
  Scenario s = switched_pool("cluster-autoscaler");
  test::add_trace(s, file);
  s.control_planes = {plane_out(PlaneKind::scaling, 200, 5)};
  s.control_planes[0].racks.clear();
  CHECK(nodes_metric(simulate(s, {}), "pools.main.nodes.time") == 970);
}

TEST_CASE("jobs stay on a server, or move when they may") {
  // Two servers at a quarter each: together they fit on one.
  const test::TraceFile file("nodes-move",
                             "submit_s,run_s,cores\n0,100,3\n0,5000,1\n0,100,3\n0,5000,1\n");
  Scenario s = switched_pool("cluster-autoscaler");
  s.pools[0].nodes->min = s.pools[0].nodes->initial = 2;
  test::add_trace(s, file);
  s.pools[0].nodes->min = 0;
  const Simulation stay = simulate(s, {});
  CHECK(nodes_metric(stay, "pools.main.nodes.time") == 4000);
  s.pools[0].nodes->jobs_move = true;
  const Simulation move = simulate(s, {});
  // Unneeded since the scan at 100; removed at 710; what it had starts on the other at once.
  CHECK(nodes_metric(move, "pools.main.nodes.moved") == 1);
  CHECK(nodes_metric(move, "workloads.jobs.interrupted") == 1);
  CHECK(nodes_metric(move, "pools.main.nodes.time") == 2000 + 710);
  CHECK(nodes_metric(move, "pools.main.running.mean") == Approx((4.0 * 100 + 2.0 * 1900) / 2000));
  check_server_law(move);
}

TEST_CASE("what happens before the end of the warm-up is not paid for") {
  const test::TraceFile file("nodes-warm", "submit_s,run_s,cores\n0,300,4\n");
  Scenario s = switched_pool("cluster-autoscaler");
  s.warmup = whole_seconds(500);
  test::add_trace(s, file);
  const Simulation run = simulate(s, {});
  CHECK(nodes_metric(run, "pools.main.nodes.time") == 470);
  CHECK(nodes_metric(run, "cost.servers") == Approx(0.0470));
  CHECK(nodes_metric(run, "pools.main.nodes.booted") == 0);
}

TEST_CASE("servers that fail and servers that are switched off keep one book") {
  Scenario s = switched_pool("cluster-autoscaler");
  s.racks[0].servers[0].count = s.racks[0].servers_per_rack = 20;
  s.pools[0].nodes->max = 20;
  s.pools[0].nodes->boot_s = Exponential{300};
  s.pools[0].nodes->refused = 0.2;
  s.duration = whole_seconds(40000);
  JobsWorkload workload;
  workload.name = "jobs";
  workload.jobs.workload = "jobs";
  GeneratorSpec generate;
  generate.run_s = Exponential{900};
  generate.cores = Uniform{1, 4};
  generate.members = Empirical{{1, 3}, {4, 1}};
  workload.jobs.generate = generate;
  ArrivalSpec arrivals;
  arrivals.kind = ArrivalSpec::Kind::poisson;
  arrivals.mean_interval_s = 200;
  workload.jobs.arrivals = arrivals;
  s.workloads.push_back(workload);
  FailureSpec failures;
  failures.name = "servers";
  failures.racks = {0};
  RandomFailures random;
  random.time_to_failure = Exponential{9000};
  random.repair = Exponential{2000};
  failures.what = random;
  s.failures.push_back(failures);
  for (const std::string policy : {"cluster-autoscaler", "karpenter"}) {
    for (const bool moves : {false, true}) {
      s.pools[0].nodes->policy = {policy, test::default_params(node_autoscalers(), policy)};
      s.pools[0].nodes->jobs_move = moves;
      const Simulation run = simulate(s, {});
      INFO(policy << (moves ? ", jobs move" : ", jobs stay"));
      CHECK(nodes_metric(run, "pools.main.nodes.booted") > 10);
      CHECK(nodes_metric(run, "pools.main.nodes.removed") > 5);
      CHECK(nodes_metric(run, "pools.main.nodes.stock_outs") > 0);
      CHECK(nodes_metric(run, "pools.main.nodes.max") <= 20);
      CHECK(nodes_metric(run, "workloads.jobs.finished") > 100);
      check_server_law(run);
      CHECK(simulate(s, {}).fingerprint == run.fingerprint);
    }
  }
}

}  // namespace hyperdc
