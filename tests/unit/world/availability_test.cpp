// Servers that come and go, worked out by hand.
#include <catch2/catch.hpp>

#include "unit/world/default_params.hpp"
#include "unit/world/metric_value.hpp"
#include "unit/world/small_scenario.hpp"
#include "world/simulate.hpp"

namespace hyperdc {
namespace {

using test::value;

FailureSpec outage(double at_s, double for_s, std::uint64_t items) {
  FailureSpec spec;
  spec.name = "out" + std::to_string(static_cast<int>(at_s));
  spec.racks = {0};
  spec.what = PlannedOutage{seconds(at_s), seconds(for_s), items, 1};
  return spec;
}

Scenario with_outage(std::uint32_t servers, std::int64_t cores, double duration_s) {
  Scenario scenario = test::one_pool(servers, cores);
  scenario.duration = seconds(duration_s);
  return scenario;
}

TEST_CASE("a lost server: its job starts again from nothing, or goes on, or is given up") {
  // One server of 10 cores, out from 40 s to 60 s. A job of 6 cores and 100 s from 0 s.
  //   restart: 60 s to 160 s; 6 * 40 core-seconds are lost
  //   resume:  60 s to 120 s; nothing is lost
  //   resume with 5 s overhead: 60 s to 125 s
  //   fail:    gone at 40 s
  Scenario scenario = with_outage(1, 10, 200);
  test::TraceFile file("lost-server", "submit_s,run_s,cores\n0,100,6\n");
  test::add_trace(scenario, file);
  scenario.failures.push_back(outage(40, 20, 1));
  const Simulation restart = simulate(scenario, {});
  CHECK(value(restart, "workloads.jobs.makespan") == 160.0);
  CHECK(value(restart, "workloads.jobs.lost.cores") == 240.0);
  CHECK(value(restart, "workloads.jobs.interrupted") == 1.0);
  CHECK(value(restart, "workloads.jobs.failed") == 0.0);
  CHECK(value(restart, "pools.main.availability") == Approx(0.9));
  CHECK(value(restart, "pools.main.servers.down.mean") == Approx(0.1));
  CHECK(value(restart, "failures.out40.count") == 1.0);
  // 100 W for 180 s, 60 W more for 140 s of work; nothing while it is down
  CHECK(value(restart, "energy.total") == Approx(100.0 * 180 + 60.0 * 140));
  scenario.pools[0].on_failure = OnFailure::resume;
  const Simulation resume = simulate(scenario, {});
  CHECK(value(resume, "workloads.jobs.makespan") == 120.0);
  CHECK(value(resume, "workloads.jobs.lost.cores") == 0.0);
  scenario.pools[0].failure_overhead = whole_seconds(5);
  CHECK(value(simulate(scenario, {}), "workloads.jobs.makespan") == 125.0);
  scenario.pools[0].on_failure = OnFailure::fail;
  const Simulation fail = simulate(scenario, {});
  CHECK(value(fail, "workloads.jobs.failed") == 1.0);
  CHECK(value(fail, "workloads.jobs.finished") == 0.0);
  CHECK(value(fail, "workloads.jobs.unfinished") == 0.0);
  CHECK(value(fail, "workloads.jobs.lost.cores") == 240.0);
}

TEST_CASE("retries: one failure more than they allow, and the job is given up") {
  // Out from 10 to 20, 30 to 40 and 50 to 60 s: a job of 100 s is stopped three times.
  Scenario scenario = with_outage(1, 10, 400);
  test::TraceFile file("retries", "submit_s,run_s,cores\n0,100,1\n");
  test::add_trace(scenario, file);
  for (const double at : {10, 30, 50}) scenario.failures.push_back(outage(at, 10, 1));
  scenario.pools[0].retries = 3;
  const Simulation enough = simulate(scenario, {});
  CHECK(value(enough, "workloads.jobs.makespan") == 160.0);
  CHECK(value(enough, "workloads.jobs.interrupted") == 3.0);
  scenario.pools[0].retries = 2;
  const Simulation given_up = simulate(scenario, {});
  CHECK(value(given_up, "workloads.jobs.failed") == 1.0);
  CHECK(value(given_up, "workloads.jobs.lost.cores") == 30.0);  // ten seconds each time
}

TEST_CASE("two reasons hold a server down until the last is gone, and then it boots") {
  // Out from 10 to 50 s and from 30 to 70 s, then 20 s of boot: up again at 90 s of 100 s.
  Scenario scenario = with_outage(1, 10, 100);
  scenario.server_types[0].boot_time = whole_seconds(20);
  scenario.server_types[0].boot_w = 150;
  test::TraceFile file("two-reasons", "submit_s,run_s,cores\n95,1,1\n");
  test::add_trace(scenario, file);
  scenario.failures.push_back(outage(10, 40, 1));
  scenario.failures.push_back(outage(30, 40, 1));
  const Simulation run = simulate(scenario, {});
  CHECK(value(run, "pools.main.availability") == Approx(0.2));
  CHECK(value(run, "pools.main.servers.down.mean") == Approx(0.6));
  // 10 s and 10 s at 100 W, the job's 10 W for a second, 20 s at 150 W
  CHECK(value(run, "energy.total") == Approx(100.0 * 20 + 10.0 + 150.0 * 20));
}

TEST_CASE("a lost accelerator stops the jobs that hold it and no others") {
  Scenario scenario = with_outage(1, 16, 100);
  AcceleratorType x;
  x.name = x.model = "x";
  x.power = PowerRange{0, 0};
  scenario.models.intern("x");
  scenario.accelerators.push_back(x);
  scenario.server_types[0].accelerator = 0;
  scenario.server_types[0].shape.accelerators = 2;
  scenario.server_types[0].shape.model = 1;
  // Two jobs of one device each; every device is out from 20 s to 30 s but one: two items of
  // which one is hit.
  test::TraceFile file("lost-device", "submit_s,run_s,cores,accelerators\n0,50,1,1\n0,50,1,1\n");
  test::add_trace(scenario, file);
  scenario.failures.push_back(outage(20, 10, 1));
  scenario.failures.back().of = FaultItem::accelerator;
  const Simulation run = simulate(scenario, {});
  CHECK(value(run, "workloads.jobs.interrupted") == 1.0);
  // the one that was stopped waits for its device: 30 s to 80 s
  CHECK(value(run, "workloads.jobs.makespan") == 80.0);
  CHECK(value(run, "pools.main.down") == 10.0);
  CHECK(value(run, "pools.main.busy") == 50.0 + 20 + 50);
  CHECK(value(run, "workloads.jobs.lost.accelerators") == 20.0);
  CHECK(value(run, "pools.main.availability") == 1.0);  // the server stays up
}

TEST_CASE("maintenance drains a rack, waits for its jobs up to the deadline, and gives it back") {
  // Two racks of one server. Round at 10 s, rack by rack, 30 s to drain, 20 s of work.
  //   rack 0: a job of 25 s from 0 s ends at 25 s; work 25 to 45 s
  //   rack 1: a job of 100 s from 0 s is stopped at 45 + 30 = 75 s; work 75 to 95 s
  // The job that is stopped waits for no longer than the pass: rack 0 is up again. It runs from
  // 75 s to 175 s.
  Scenario scenario = with_outage(2, 10, 300);
  scenario.racks[0].servers_per_rack = 1;
  scenario.racks[0].racks = 2;
  test::TraceFile file("maintenance", "submit_s,run_s,cores\n0,25,10\n0,100,10\n");
  test::add_trace(scenario, file);
  FailureSpec work;
  work.name = "os";
  work.of = FaultItem::rack;
  work.racks = {0};
  work.what = Maintenance{whole_seconds(10), {}, 1, whole_seconds(30), whole_seconds(20)};
  scenario.failures.push_back(work);
  const Simulation run = simulate(scenario, {});
  CHECK(value(run, "workloads.jobs.makespan") == 175.0);
  CHECK(value(run, "workloads.jobs.interrupted") == 1.0);
  CHECK(value(run, "workloads.jobs.lost.cores") == 750.0);
  CHECK(value(run, "failures.os.count") == 2.0);
  // each is down for 20 s of 300 s
  CHECK(value(run, "failures.os.down.mean") == Approx(40.0 / 300));
  CHECK(value(run, "pools.main.availability") == Approx(1 - 40.0 / 600));
}

TEST_CASE("repairs wait for their technician") {
  // Three servers that all fail at 10 s (constant), one technician, 5 s each: back at 15, 20, 25 s,
  // and so on every 10 s later: the first fails again at 25 s. Down: 5 + 10 + 15 s up to 25 s.
  Scenario scenario = with_outage(3, 1, 25);
  test::TraceFile file("technician", "submit_s,run_s,cores\n0,1,1\n");
  test::add_trace(scenario, file);
  FailureSpec spec;
  spec.name = "wear";
  spec.racks = {0};
  RandomFailures random;
  random.time_to_failure = Constant{10};
  random.repair = Constant{5};
  random.technicians = 1;
  spec.what = random;
  scenario.failures.push_back(spec);
  const Simulation run = simulate(scenario, {});
  CHECK(value(run, "failures.wear.down.mean") == Approx(30.0 / 25));
  CHECK(value(run, "failures.wear.waiting.mean") == Approx(15.0 / 25));
  CHECK(value(run, "failures.wear.down.max") == 3.0);
  // Without a limit all are back at 15 s and fail again at 25 s.
  std::get<RandomFailures>(scenario.failures[0].what).technicians.reset();
  CHECK(value(simulate(scenario, {}), "failures.wear.down.mean") == Approx(15.0 / 25));
  // One part in stock, 4 s from order to arrival: repairs begin at 10, 14 and 18 s.
  std::get<RandomFailures>(scenario.failures[0].what).spares = 1;
  std::get<RandomFailures>(scenario.failures[0].what).lead_time = Constant{4};
  CHECK(value(simulate(scenario, {}), "failures.wear.down.mean") ==
        Approx((5.0 + 9.0 + 13.0) / 25));
}

}  // namespace
}  // namespace hyperdc
