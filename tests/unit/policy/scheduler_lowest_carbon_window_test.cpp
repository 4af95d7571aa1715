#include "economics/periodic_rate.hpp"
#include "fake_pool.hpp"
#include "policy/scheduler/schedulers.hpp"

namespace hyperdc::testing {
namespace {

/// One rate for every signal but the price, which is its negative.
class Forecast final : public EnergyForecast {
 public:
  Forecast(std::vector<RateStep> steps, Duration period) : rate_(std::move(steps), period) {}
  double integral(EnergySignal signal, SimTime from, SimTime to) const override {
    return (signal == EnergySignal::price ? -1 : 1) * rate_.integral(from, to);
  }
  std::optional<SimTime> next_change(EnergySignal, SimTime at) const override {
    return rate_.next_step(at);
  }

 private:
  PeriodicRate rate_;
};

std::unique_ptr<Scheduler> window(const EnergyForecast& energy, double slack_s,
                                  const std::string& signal = "average", double persistence_s = 0) {
  Params params;
  params.set("slack", slack_s);
  params.set("signal", signal);
  params.set("priority", 1.0);
  params.set("persistence", persistence_s);
  for (const SchedulerEntry& entry : schedulers()) {
    if (entry.name == "lowest-carbon-window") return entry.make(params, {0, &energy});
  }
  FAIL("lowest-carbon-window is not there");
  return nullptr;
}

// 5 until 10 s, 1 until 14 s, 3 until 20 s, 2 until 40 s, and again.
const Forecast kDay({{s(0), 5}, {s(10), 1}, {s(14), 3}, {s(20), 2}}, s(40));

TEST_CASE("lowest-carbon-window: the start of the least integral within the slack") {
  // 4 s: [10, 14] emits 4. 6 s: [10, 16] emits 10, as much as [9, 15] less 2: the first is best.
  CHECK(FakePool::of_gpus(4).run(*window(kDay, 100), {gpus(0, 4, 1)}).text() == "10:A 14:/A");
  // 12 s from 10 on emit 4 + 18 + 4 = 26, from 20 on 24.
  CHECK(FakePool::of_gpus(4).run(*window(kDay, 39), {gpus(0, 12, 1)}).text() == "20:A 32:/A");
  // A slack of 8 s ends in the worst hours: as late as it may.
  CHECK(FakePool::of_gpus(4).run(*window(kDay, 8), {gpus(0, 4, 1)}).text() == "8:A 12:/A");
  CHECK(FakePool::of_gpus(4).run(*window(kDay, 0), {gpus(0, 4, 1)}).text() == "0:A 4:/A");
  // Its end meets a step: [8, 14] emits 2 * 3 + 4 = 10; from 10 on it were 14.
  const Forecast dear({{s(0), 3}, {s(10), 1}, {s(14), 5}}, s(100));
  CHECK(FakePool::of_gpus(4).run(*window(dear, 12), {gpus(0, 6, 1)}).text() == "8:A 14:/A");
}

TEST_CASE(
    "lowest-carbon-window: of all starts on a grid none emits less, and none as little before") {
  Draw draw{7};
  for (int round = 0; round < 200; ++round) {
    std::vector<RateStep> steps;
    for (double at = 0; at < 30; at += 1 + static_cast<double>(draw(5))) {
      steps.push_back({s(at), static_cast<double>(draw(6))});
    }
    const Forecast forecast(steps, s(30));
    const auto came = static_cast<double>(draw(40));
    const auto run = static_cast<double>(1 + draw(40));
    const auto slack = static_cast<double>(draw(50));
    // Steps, run times and bounds are whole seconds: so is the first of the best starts.
    double best = came;
    double least = 1e9;
    for (double start = came; start <= came + slack; ++start) {
      const double sum = forecast.integral(EnergySignal::average, at_s(start), at_s(start + run));
      if (sum < least - 1e-6) std::tie(least, best) = std::pair(sum, start);
    }
    INFO(round << ": " << came << " + " << slack << ", for " << run);
    const Outcome out = FakePool::of_gpus(4).run(*window(forecast, slack), {gpus(came, run, 1)});
    CHECK(out.first_start[0] == at_s(best));
  }
}

TEST_CASE("lowest-carbon-window: a run time that nobody knows does not wait") {
  FakeJob service = gpus(0, 4, 1);
  service.estimate = kUnknownRunTime;
  const Outcome out = FakePool::of_gpus(4).run(*window(kDay, 100), {service});
  CHECK(out.text() == "0:A 4:/A");
  CHECK(out.log[0].because == "its run time is unknown: no window is best");
}

TEST_CASE("lowest-carbon-window: who comes later may have the earlier window") {
  const std::vector<FakeJob> jobs = {gpus(0, 12, 4), gpus(1, 4, 4)};
  const Outcome out = FakePool::of_gpus(4).run(*window(kDay, 39), jobs);
  CHECK(out.text() == "10:B 14:/B 20:A 32:/A");
  CHECK(out.log[0].because == "the cleanest window within its slack");
}

TEST_CASE("lowest-carbon-window goes by estimates, signals and priorities") {
  FakeJob job = gpus(0, 4, 1);
  job.estimate = s(12);
  CHECK(FakePool::of_gpus(4).run(*window(kDay, 39), {job}).text() == "20:A 24:/A");
  job.priority = 1;
  CHECK(FakePool::of_gpus(4).run(*window(kDay, 39), {job}).text() == "0:A 4:/A");
  // What is negated is least where the rate is greatest; at 3 s that is now.
  const FakeJob late = gpus(3, 4, 1);
  CHECK(FakePool::of_gpus(4).run(*window(kDay, 39, "price"), {late}).text() == "3:A 7:/A");
}

TEST_CASE("lowest-carbon-window: who finds no room waits, the one with the least slack first") {
  // Both want all accelerators from 10 s on. The second came later and may start later.
  const std::vector<FakeJob> jobs = {gpus(0, 4, 4), gpus(1, 4, 4), gpus(2, 3, 4)};
  const Outcome out = FakePool::of_gpus(4).run(*window(kDay, 30), jobs);
  CHECK(out.text() == "10:A 14:/A 14:B 18:/B 18:C 21:/C");
  CHECK(out.log[2].because == "late: there was no room when its window began");
}

TEST_CASE("lowest-carbon-window: by persistence what was seen comes again") {
  // From 14 s on it is 5 for good: at 20 s a forecast without error sees no better moment.
  const Forecast dear({{s(0), 3}, {s(10), 1}, {s(14), 5}}, s(1000));
  const auto run = [&](double came, double lasts, double persistence_s) {
    const auto scheduler = window(dear, 20, "average", persistence_s);
    return FakePool::of_gpus(4).run(*scheduler, {gpus(came, lasts, 1)}).text();
  };
  CHECK(run(20, 4, 0) == "20:A 24:/A");
  // The 20 s before repeat from 20 on: their 1 of [10, 14] is expected in [30, 34].
  CHECK(run(20, 4, 20) == "30:A 34:/A");
  // 30 s are the whole of it (64) and 10 s more, least from 4 to 14 (22): from 24 on.
  CHECK(run(20, 30, 20) == "24:A 54:/A");
  // What repeats every millisecond is no better later; it is not gone through one by one.
  CHECK(run(20, 4, 0.001) == "20:A 24:/A");
  // Nothing of 20 s has been seen: no window is known.
  CHECK(run(0, 4, 20) == "0:A 4:/A");
}

}  // namespace
}  // namespace hyperdc::testing
