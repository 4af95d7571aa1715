#include "metrics/recorder.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <hyperdc/core/assert.hpp>

#include "metrics/histogram.hpp"
#include "metrics/time_weighted.hpp"

using namespace hyperdc;

namespace {

SimTime at(double s) {
  return SimTime{} + seconds(s);
}

MetricId declare(Recorder& recorder, const char* name, MetricKind kind, const char* unit = "W") {
  return recorder.declare({name, unit, "for the test", kind});
}

const MetricValue& find(const std::vector<MetricValue>& values, const std::string& name) {
  for (const MetricValue& value : values) {
    if (value.name == name) return value;
  }
  throw std::runtime_error("no metric " + name);
}

}  // namespace

TEST_CASE("a compensated sum keeps what doubles drop", "[metrics]") {
  CompensatedSum sum;
  sum.add(1e16);
  for (int i = 0; i < 1000; ++i) sum.add(1);
  sum.add(-1e16);
  CHECK(sum.value() == 1000);
  CompensatedSum tenths;
  for (int i = 0; i < 1000000; ++i) tenths.add(0.1);
  CHECK(tenths.value() == Approx(100000).epsilon(1e-16));
}

TEST_CASE("a level is integrated over time, by hand", "[metrics]") {
  Recorder recorder(at(0));
  const MetricId power = declare(recorder, "power", MetricKind::level);
  recorder.level(power, at(0), 100);
  recorder.level(power, at(10), 300);
  recorder.level(power, at(15), 50);
  recorder.finish(at(20));
  // 100 W * 10 s + 300 W * 5 s + 50 W * 5 s = 2750 J
  CHECK(recorder.integral(power) == 2750);
  CHECK(recorder.mean(power) == 137.5);
  CHECK(recorder.max(power) == 300);
  CHECK(recorder.min(power) == 50);
}

TEST_CASE("a level is cut exactly at the end of the warm-up", "[metrics]") {
  Recorder recorder(at(8));
  const MetricId power = declare(recorder, "power", MetricKind::level);
  recorder.level(power, at(0), 1000);
  recorder.level(power, at(4), 100);  // in force at 8 s
  recorder.level(power, at(10), 300);
  recorder.finish(at(20));
  // 100 W * 2 s + 300 W * 10 s; the 1000 W ended before the window
  CHECK(recorder.integral(power) == 3200);
  CHECK(recorder.mean(power) == 3200.0 / 12);
  CHECK(recorder.max(power) == 300);
  CHECK(recorder.min(power) == 100);
}

TEST_CASE("a level is 0 until it is first written", "[metrics]") {
  Recorder recorder(at(0));
  const MetricId level = declare(recorder, "busy", MetricKind::level, "servers");
  const MetricId never = declare(recorder, "never", MetricKind::level, "servers");
  recorder.level(level, at(5), 4);
  recorder.finish(at(20));
  CHECK(recorder.mean(level) == 3);
  CHECK(recorder.min(level) == 0);
  const auto values = recorder.values();
  CHECK(find(values, "busy.mean").value == 3.0);
  CHECK_FALSE(find(values, "never.mean").value);
  CHECK(find(values, "never.max").reason == "never measured");
  CHECK(recorder.integral(never) == 0);
}

TEST_CASE("a value that holds for no time is not a peak", "[metrics]") {
  Recorder recorder(at(0));
  const MetricId power = declare(recorder, "power", MetricKind::level);
  recorder.level(power, at(0), 5);
  recorder.level(power, at(10), 999);  // replaced at the same moment
  recorder.level(power, at(10), 7);
  recorder.level(power, at(20), 888);  // at the end
  recorder.finish(at(20));
  CHECK(recorder.max(power) == 7);
  CHECK(recorder.integral(power) == 120);
}

TEST_CASE("counters and samples before the warm-up are left out", "[metrics]") {
  Recorder recorder(at(10));
  const MetricId jobs = declare(recorder, "jobs", MetricKind::counter, "jobs");
  const MetricId wait = declare(recorder, "wait", MetricKind::sample, "s");
  recorder.add(jobs, at(9.999), 5);
  recorder.add(jobs, at(10), 2);
  recorder.add(jobs, at(12), 0.5);
  recorder.sample(wait, at(9.999), 100);
  recorder.sample(wait, at(10), 1);
  recorder.sample(wait, at(11), 3);
  recorder.finish(at(20));
  CHECK(recorder.total(jobs) == 2.5);
  CHECK(recorder.count(wait) == 2);
  CHECK(recorder.mean(wait) == 2);
  CHECK(recorder.max(wait) == 3);
  CHECK(recorder.min(wait) == 1);
  CHECK(recorder.quantile(wait, 1) == 3);
}

TEST_CASE("the values come in order of declaration, with unit and reason", "[metrics]") {
  Recorder recorder(at(0));
  const MetricId wait = declare(recorder, "wait", MetricKind::sample, "s");
  declare(recorder, "jobs", MetricKind::counter, "jobs");
  const MetricId power = declare(recorder, "power", MetricKind::level);
  declare(recorder, "empty", MetricKind::sample, "s");
  for (int i = 1; i <= 100; ++i) recorder.sample(wait, at(i), i);
  recorder.level(power, at(0), 2);
  recorder.finish(at(200));
  const auto values = recorder.values();
  std::vector<std::string> names;
  for (const MetricValue& value : values) names.push_back(value.name);
  CHECK(names == std::vector<std::string>{
                     "wait.mean", "wait.p50", "wait.p90", "wait.p95", "wait.p99", "wait.max",
                     "wait.count", "jobs", "power.mean", "power.max", "empty.mean", "empty.p50",
                     "empty.p90", "empty.p95", "empty.p99", "empty.max", "empty.count"});
  CHECK(find(values, "wait.mean").value == 50.5);
  CHECK(*find(values, "wait.p95").value == Approx(95).epsilon(1.0 / 512));
  CHECK(find(values, "wait.max").value == 100.0);
  CHECK(find(values, "wait.count").value == 100.0);
  CHECK(find(values, "wait.count").unit == "1");
  CHECK(find(values, "wait.p50").unit == "s");
  CHECK(find(values, "jobs").value == 0.0);
  CHECK(find(values, "power.mean").value == 2.0);
  CHECK_FALSE(find(values, "empty.p99").value);
  CHECK(find(values, "empty.p99").reason == "no samples");
  CHECK(find(values, "empty.count").value == 0.0);
  CHECK(recorder.infos().size() == 4);
}

TEST_CASE("a run that ends within the warm-up has no level", "[metrics]") {
  Recorder recorder(at(100));
  const MetricId power = declare(recorder, "power", MetricKind::level);
  recorder.level(power, at(0), 42);
  recorder.finish(at(50));
  CHECK_FALSE(find(recorder.values(), "power.mean").value);
  CHECK(find(recorder.values(), "power.mean").reason == "the warm-up is the whole run");
  CHECK(recorder.mean(power) == 42);
  CHECK(recorder.max(power) == 42);
  CHECK(recorder.integral(power) == 0);
}

TEST_CASE("the time series, by hand, shows the warm-up too", "[metrics]") {
  Recorder recorder(at(15));
  const MetricId power = declare(recorder, "power", MetricKind::level);
  declare(recorder, "wait", MetricKind::sample, "s");  // has no column
  const MetricId jobs = declare(recorder, "jobs", MetricKind::counter, "jobs");
  const MetricId share = declare(recorder, "share", MetricKind::level, "1");
  recorder.level(share, at(0), 0.5);
  recorder.level(power, at(0), 100);
  recorder.level(power, at(4), 200);  // mid-step
  recorder.add(jobs, at(5), 3);
  recorder.close_step(at(10));
  recorder.level(power, at(10), 0);  // just after the step
  recorder.add(jobs, at(14), 1);
  recorder.add(jobs, at(16), 1);
  recorder.level(power, at(16), 50);  // across the end of the warm-up
  recorder.close_step(at(20));
  recorder.close_step(at(30));  // nothing happens
  recorder.close_step(at(30));  // the run ends with the step: no row of no length
  recorder.finish(at(30));
  CHECK(recorder.series_columns() == std::vector<std::string>{"power_W", "jobs_jobs", "share"});
  CHECK(recorder.series_rows() == std::vector<double>{10, 160, 3, 0.5,  // (4*100 + 6*200) / 10
                                                      20, 20, 2, 0.5,   // (6*0 + 4*50) / 10
                                                      30, 50, 0, 0.5});
  // The totals begin at 15 s: 1 s of 0 W and 14 s of 50 W; one job.
  CHECK(recorder.integral(power) == 700);
  CHECK(recorder.total(jobs) == 1);
}

TEST_CASE("joined steps are those of a step twice as long, by hand", "[metrics]") {
  Recorder recorder(at(0));
  const MetricId power = declare(recorder, "power", MetricKind::level);
  declare(recorder, "wait", MetricKind::sample, "s");
  const MetricId jobs = declare(recorder, "jobs", MetricKind::counter, "jobs");
  for (int i = 0; i < 4; ++i) {
    recorder.level(power, at(10 * i), 100 * i);
    recorder.add(jobs, at(10 * i), i);
    recorder.close_step(at(10 * (i + 1)));
  }
  CHECK(recorder.series_size() == 4);
  recorder.join_steps();
  CHECK(recorder.series_rows() == std::vector<double>{20, 50, 1,     // (0 + 100) / 2, 0 + 1
                                                      40, 250, 5});  // (200 + 300) / 2, 2 + 3
  recorder.close_step(at(60));
  CHECK(recorder.series_size() == 3);
  CHECK_THROWS_AS(recorder.join_steps(), InvariantError);
}

TEST_CASE("closing steps does not change the totals", "[metrics]") {
  const auto run = [](bool steps) {
    Recorder recorder(at(3.3));
    const MetricId power = declare(recorder, "power", MetricKind::level);
    for (int i = 0; i < 1000; ++i) {
      recorder.level(power, at(0.1 * i), (i * 7919) % 1000 * 0.1);
      if (steps && i % 10 == 0 && i > 0) recorder.close_step(at(0.1 * i));
    }
    recorder.finish(at(100));
    return recorder.integral(power);
  };
  CHECK(run(true) == Approx(run(false)).epsilon(1e-15));
}

TEST_CASE("mistakes of the program are invariant errors", "[metrics]") {
  Recorder recorder(at(0));
  const MetricId power = declare(recorder, "power", MetricKind::level);
  const MetricId wait = declare(recorder, "wait", MetricKind::sample, "s");
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_WITH(declare(recorder, "power", MetricKind::level), Catch::Contains("power"));
  CHECK_THROWS_AS(recorder.add(power, at(0), 1), InvariantError);
  CHECK_THROWS_AS(recorder.sample(power, at(0), 1), InvariantError);
  CHECK_THROWS_AS(recorder.level(MetricId{7}, at(0), 1), InvariantError);
  CHECK_THROWS_AS(recorder.level(power, at(0), nan), InvariantError);
  CHECK_THROWS_AS(recorder.sample(wait, at(0), -1), InvariantError);
  recorder.level(power, at(10), 1);
  CHECK_THROWS_WITH(recorder.level(power, at(9), 1), Catch::Contains("past"));
  CHECK_THROWS_AS(recorder.integral(power), InvariantError);  // not finished
  CHECK_THROWS_AS(recorder.values(), InvariantError);
  recorder.finish(at(20));
  CHECK_THROWS_AS(recorder.level(power, at(21), 1), InvariantError);
  CHECK_THROWS_AS(recorder.finish(at(21)), InvariantError);
  CHECK_THROWS_AS(recorder.total(power), InvariantError);
  CHECK_THROWS_AS(recorder.mean(wait), InvariantError);  // no samples
}

TEST_CASE("a sample may stand for many", "[metrics]") {
  Recorder recorder(at(10));
  const MetricId latency = declare(recorder, "latency", MetricKind::sample, "s");
  recorder.sample(latency, at(9), 100, 7);  // before the end of the warm-up
  recorder.sample(latency, at(10), 1, 98);
  recorder.sample(latency, at(11), 3, 2);
  recorder.sample(latency, at(12), 50, 0);
  recorder.finish(at(20));
  CHECK(recorder.count(latency) == 100);
  CHECK(recorder.mean(latency) == Approx(1.04).epsilon(1e-15));  // (98 + 6) / 100
  CHECK(recorder.quantile(latency, 0.98) == Approx(1).epsilon(Histogram::kRelativeError));
  CHECK(recorder.quantile(latency, 0.99) == Approx(3).epsilon(Histogram::kRelativeError));
  CHECK(recorder.max(latency) == 3);
}
