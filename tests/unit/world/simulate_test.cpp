#include "world/simulate.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <thread>

#include <hyperdc/core/assert.hpp>

#include "unit/world/default_params.hpp"
#include "unit/world/metric_value.hpp"
#include "unit/world/small_scenario.hpp"

namespace hyperdc {
namespace {

using test::value;

TEST_CASE("two jobs on one server, worked out by hand") {
  // One server of 10 cores. Job A: 6 cores from 0 s for 60 s. Job B: 6 cores, submitted at 10 s,
  // for 30 s: waits until 60 s, ends at 90 s.
  //   0        10            60        90
  //   A=================================
  //            B . . . . . . B=========
  Scenario scenario = test::one_pool(1, 10);
  test::TraceFile file("by-hand", "submit_s,run_s,cores\n0,60,6\n10,30,6\n");
  test::add_trace(scenario, file);
  const Simulation run = simulate(scenario, {});
  CHECK(value(run, "workloads.jobs.wait.max") == 50.0);
  CHECK(value(run, "workloads.jobs.wait.mean") == 25.0);
  CHECK(value(run, "workloads.jobs.completion.max") == 80.0);
  CHECK(value(run, "workloads.jobs.slowdown.max") == Approx(80.0 / 30.0));
  CHECK(value(run, "workloads.jobs.makespan") == 90.0);
  CHECK(value(run, "workloads.jobs.finished") == 2.0);
  CHECK(value(run, "workloads.jobs.throughput") == Approx(2.0 / 90.0));
  CHECK(value(run, "pools.main.utilization") == Approx(0.6));
  CHECK(value(run, "pools.main.allocation.cores.mean") == Approx(0.6));
  CHECK(value(run, "pools.main.waiting.mean") == Approx(50.0 / 90.0));
  // 100 W idle, 60 W more while 6 of 10 cores are busy: 160 W for 90 s.
  CHECK(value(run, "regions.lab.energy") == Approx(160.0 * 90.0));
  CHECK(value(run, "energy.total") == Approx(160.0 * 90.0));
  CHECK(run.end == SimTime{} + whole_seconds(90));
  CHECK(run.complete);
}

TEST_CASE("cooling multiplies and utilisation scales the power of busy cores") {
  Scenario scenario = test::one_pool(2, 10);
  scenario.regions[0].pue = 1.5;
  scenario.duration = whole_seconds(100);
  test::TraceFile file("power", "submit_s,run_s,cores\n20,50,5\n");
  test::add_trace(scenario, file);
  scenario.workloads[0].cpu_utilization = 0.8;
  const Simulation run = simulate(scenario, {});
  // two servers idle for 100 s, and 5 cores * 0.8 * 10 W for 50 s, times 1.5
  CHECK(value(run, "energy.total") == Approx(1.5 * (200.0 * 100.0 + 40.0 * 50.0)));
  CHECK(value(run, "regions.lab.power.max") == Approx(1.5 * 240.0));
}

TEST_CASE("power that is not published is null with the reason, never 0") {
  Scenario scenario = test::one_pool(1, 10);
  scenario.server_types[0].host_power.reset();
  scenario.server_types[0].power_reason = "not published";
  test::TraceFile file("no-power", "submit_s,run_s,cores\n0,60,6\n");
  test::add_trace(scenario, file);
  const Simulation run = simulate(scenario, {});
  bool seen = false;
  for (const MetricValue& metric : run.metrics) {
    if (metric.name != "energy.total") continue;
    seen = true;
    CHECK_FALSE(metric.value);
    CHECK(metric.reason == "box: not published");
  }
  CHECK(seen);
}

TEST_CASE("a job that no empty pool could hold is rejected, with the reason") {
  Scenario scenario = test::one_pool(2, 10);
  test::TraceFile file("too-big", "submit_s,run_s,cores,gang\n0,60,11,1\n0,60,10,3\n0,60,10,2\n");
  test::add_trace(scenario, file);
  const Simulation run = simulate(scenario, {});
  CHECK(value(run, "workloads.jobs.rejected") == 2.0);
  CHECK(value(run, "workloads.jobs.finished") == 1.0);
}

TEST_CASE("a queue limit of zero is a loss system") {
  Scenario scenario = test::one_pool(1, 10);
  scenario.pools[0].queue_limit = 0;
  test::TraceFile file("loss", "submit_s,run_s,cores\n0,60,10\n30,60,10\n60,60,10\n");
  test::add_trace(scenario, file);
  const Simulation run = simulate(scenario, {});
  // the second meets a full server; the third arrives as the first leaves
  CHECK(value(run, "workloads.jobs.rejected") == 1.0);
  CHECK(value(run, "workloads.jobs.finished") == 2.0);
}

TEST_CASE("preemption: work is kept or lost, and a restart costs its overhead") {
  // Priority 1 arrives at 40 s and runs to 60 s; priority 0 has done 40 s of 100 s.
  //   resume:  restarts at 60 s with 60 s left and 5 s overhead: ends at 125 s
  //   restart: restarts at 60 s with 100 s left and 5 s overhead: ends at 165 s
  Scenario scenario = test::one_pool(1, 10);
  scenario.pools[0].scheduler = {"priority", test::default_params(schedulers(), "priority")};
  scenario.pools[0].preemption_overhead = whole_seconds(5);
  test::TraceFile file("preempt", "submit_s,run_s,cores,priority\n0,100,10,0\n40,20,10,1\n");
  test::add_trace(scenario, file);
  const Simulation resume = simulate(scenario, {});
  CHECK(value(resume, "workloads.jobs.makespan") == 125.0);
  CHECK(value(resume, "workloads.jobs.preempted") == 1.0);
  scenario.pools[0].preemption = PreemptionMode::restart;
  const Simulation restart = simulate(scenario, {});
  CHECK(value(restart, "workloads.jobs.makespan") == 165.0);
}

/// Short slices and low thresholds, so that every policy has something to wake up for.
PolicyChoice restless(const SchedulerEntry& entry) {
  PolicyChoice choice{std::string(entry.name), test::default_params(schedulers(), entry.name)};
  if (entry.name == "gang") choice.params.set("quantum", 7.0);
  if (entry.name == "las") {
    choice.params.set("thresholds", std::vector<double>{5, 40});
    choice.params.set("starvation", 2.0);
  }
  return choice;
}

TEST_CASE("without a duration a run ends with its last job, under every scheduler") {
  // Two jobs of 100 s on one core, each stated as 5000 s: done at 200 s under any of them that
  // does not stop jobs to no avail. las would move a job down at 3250 s, conservative has a
  // reservation at 5000 s, gang a slice that ends at 210 s: none of it matters any more.
  Scenario pair = test::one_pool(1, 1);
  test::TraceFile two("end-two", "submit_s,run_s,cores,estimate_s\n0,100,1,5000\n0,100,1,5000\n");
  test::add_trace(pair, two);
  std::string rows = "submit_s,run_s,cores,estimate_s,gang,priority\n";
  for (int i = 0; i < 60; ++i) {
    rows += fmt::format("{},{},{},{},{},{}\n", 3 * i, 1 + 37 * i % 90, 1 + i % 4, 10 + 53 * i % 170,
                        1 + i % 3, i % 5);
  }
  Scenario crowd = test::one_pool(3, 4);
  test::TraceFile many("end-many", rows);
  test::add_trace(crowd, many);
  for (const SchedulerEntry& entry : schedulers()) {
    CAPTURE(entry.name);
    pair.pools[0].scheduler = {std::string(entry.name),
                               test::default_params(schedulers(), entry.name)};
    const Simulation short_run = simulate(pair, {});
    CHECK(value(short_run, "workloads.jobs.finished") == 2.0);
    CHECK(short_run.end == SimTime{} + whole_seconds(200));
    CHECK(value(short_run, "energy.total") == Approx(200.0 * 200.0));
    crowd.pools[0].scheduler = restless(entry);
    const Simulation run = simulate(crowd, {});
    CHECK(value(run, "workloads.jobs.finished") == 60.0);
    CHECK(to_seconds(run.end) == value(run, "workloads.jobs.makespan"));
  }
}

TEST_CASE("jobs that stop each other to no avail end a run without a duration with an error") {
  // Rows of jobs take turns of 30 s, and each start after a stop costs 30 s: nobody gets further.
  // The description refuses this; a scenario made by hand meets the limit.
  Scenario scenario = test::one_pool(1, 1);
  scenario.pools[0].scheduler = {"gang", test::default_params(schedulers(), "gang")};
  scenario.pools[0].preemption_overhead = whole_seconds(30);
  test::TraceFile file("vain", "submit_s,run_s,cores\n0,100,1\n0,100,1\n");
  test::add_trace(scenario, file);
  CHECK_THROWS_WITH(simulate(scenario, {}), Catch::Contains("brought no job further"));
  scenario.duration = whole_seconds(3600);
  const Simulation run = simulate(scenario, {});
  CHECK(value(run, "workloads.jobs.unfinished") == 2.0);
  scenario.duration.reset();
  scenario.pools[0].preemption_overhead = whole_seconds(20);  // 10 s a turn are left
  CHECK(value(simulate(scenario, {}), "workloads.jobs.finished") == 2.0);
}

TEST_CASE("until cuts a run; what is left is unfinished and the books still balance") {
  Scenario scenario = test::one_pool(1, 10);
  test::TraceFile file("until", "submit_s,run_s,cores\n0,60,6\n10,30,6\n");
  test::add_trace(scenario, file);
  SimulateOptions options;
  options.until = SimTime{} + whole_seconds(50);
  const Simulation run = simulate(scenario, options);
  CHECK(value(run, "workloads.jobs.unfinished") == 2.0);
  CHECK(value(run, "energy.total") == Approx(160.0 * 50.0));
  CHECK(run.checks.size() >= 5);
}

TEST_CASE("warm-up: jobs submitted before it and levels before it do not count") {
  Scenario scenario = test::one_pool(1, 10);
  scenario.duration = whole_seconds(100);
  scenario.warmup = whole_seconds(50);
  test::TraceFile file("warmup", "submit_s,run_s,cores\n0,70,10\n60,20,10\n");
  test::add_trace(scenario, file);
  const Simulation run = simulate(scenario, {});
  CHECK(value(run, "workloads.jobs.wait.count") == 1.0);
  CHECK(value(run, "workloads.jobs.wait.mean") == 10.0);
  // busy from 50 to 90 of the 50 s that are measured
  CHECK(value(run, "pools.main.allocation.cores.mean") == Approx(0.8));
}

TEST_CASE("a run within its warm-up has no energy, and says why") {
  Scenario scenario = test::one_pool(1, 10);
  scenario.regions[0].power_limit_w = 1000;
  scenario.warmup = whole_seconds(50);
  test::TraceFile file("warm", "submit_s,run_s,cores\n0,70,10\n");
  test::add_trace(scenario, file);
  SimulateOptions options;
  options.until = SimTime{} + whole_seconds(40);
  const Simulation run = simulate(scenario, options);
  int seen = 0;
  for (const MetricValue& metric : run.metrics) {
    if (metric.name != "energy.total" && metric.name != "regions.lab.energy" &&
        metric.name != "regions.lab.power.share_of_limit") {
      continue;
    }
    ++seen;
    CHECK_FALSE(metric.value);
    CHECK(metric.reason == "the warm-up is the whole run");
  }
  CHECK(seen == 3);
}

TEST_CASE("a time series that would not end has its rows joined") {
  // 5,000 s in steps of 1 ms are 5 million rows; joined three times to 8 ms they are 625,000.
  Scenario scenario = test::one_pool(1, 10);
  scenario.step = nanoseconds(1'000'000);
  test::TraceFile file("series", "submit_s,run_s,cores\n0,1000,10\n4000,1000,5\n");
  test::add_trace(scenario, file);
  const Simulation run = simulate(scenario, {});
  CHECK(run.series_joined);
  CHECK(run.series_step == nanoseconds(8'000'000));
  const std::size_t width = run.series_columns.size();
  REQUIRE(run.series_rows.size() % width == 0);
  const std::size_t rows = run.series_rows.size() / width;
  CHECK(rows <= kMaxSeriesRows);
  CHECK(rows >= 624'999);
  const auto column = [&](const std::string& name) {
    const auto found = std::find(run.series_columns.begin(), run.series_columns.end(), name);
    REQUIRE(found != run.series_columns.end());
    return static_cast<std::size_t>(found - run.series_columns.begin());
  };
  const std::size_t jobs = column("workloads.jobs.submitted_jobs");
  const std::size_t cores = column("pools.main.allocation.cores");
  double submitted = 0, busy_s = 0, last = 0;
  bool even = true;
  for (std::size_t row = 0; row < rows; ++row) {
    const double* values = &run.series_rows[row * width];
    submitted += values[jobs];
    busy_s += values[cores] * (values[0] - last);
    even = even && values[0] - last == Approx(0.008).epsilon(1e-6);
    last = values[0];
  }
  CHECK(even);
  CHECK(submitted == 2);
  CHECK(busy_s == Approx(1000 + 0.5 * 1000).margin(0.01));
}

TEST_CASE("the time series ends where the next step would leave the range of time") {
  // 99 years: samples at 99 and 198 years, and the next at 297 is beyond 292.
  Scenario scenario = test::one_pool(1, 10);
  scenario.step = whole_seconds(std::int64_t{99} * 365 * 86'400);
  test::TraceFile file("far", "submit_s,run_s,cores\n6.3e9,7e6,10\n");
  test::add_trace(scenario, file);
  const Simulation run = simulate(scenario, {});
  CHECK(value(run, "workloads.jobs.finished") == 1.0);
  CHECK(run.series_rows.size() == 2 * run.series_columns.size());
}

TEST_CASE("a monitor stops a run cleanly") {
  Scenario scenario = test::one_pool(1, 1);
  std::string rows = "submit_s,run_s,cores\n";
  for (int i = 0; i < 20000; ++i) rows += std::to_string(2 * i) + ",1,1\n";
  test::TraceFile file("stop", rows);
  test::add_trace(scenario, file);
  class StopAtOnce final : public SimulationMonitor {
   public:
    bool tick(SimTime, std::uint64_t) override { return false; }
  } monitor;
  SimulateOptions options;
  options.monitor = &monitor;
  const Simulation run = simulate(scenario, options);
  CHECK_FALSE(run.complete);
  CHECK(value(run, "workloads.jobs.finished") < 20000.0);
  CHECK(value(run, "workloads.jobs.finished") > 0.0);
}

TEST_CASE("the names of metrics are known without running") {
  Scenario scenario = test::one_pool(1, 10);
  test::TraceFile file("names", "submit_s,run_s,cores\n0,60,6\n");
  test::add_trace(scenario, file);
  const std::vector<MetricValue> names = metric_names(scenario);
  const Simulation run = simulate(scenario, {});
  REQUIRE(names.size() == run.metrics.size());
  for (std::size_t i = 0; i < names.size(); ++i) CHECK(names[i].name == run.metrics[i].name);
}

}  // namespace
}  // namespace hyperdc
