#include "economics/periodic_rate.hpp"
#include "fake_pool.hpp"

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
                                  const std::string& signal = "average") {
  Params params;
  params.set("slack", slack_s);
  params.set("signal", signal);
  params.set("priority", 1.0);
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
  // Its end meets a step: 12 s before 10 + 12 are 4 + 18 + 4 = 26 at 10, and 24 from 20 on.
  CHECK(FakePool::of_gpus(4).run(*window(kDay, 39), {gpus(0, 12, 1)}).text() == "20:A 32:/A");
  // A slack of 8 s ends in the worst hours: as late as it may.
  CHECK(FakePool::of_gpus(4).run(*window(kDay, 8), {gpus(0, 4, 1)}).text() == "8:A 12:/A");
  CHECK(FakePool::of_gpus(4).run(*window(kDay, 0), {gpus(0, 4, 1)}).text() == "0:A 4:/A");
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
  CHECK(FakePool::of_gpus(4).run(*window(kDay, 30), jobs).text() ==
        "10:A 14:/A 14:B 18:/B 18:C 21:/C");
}

}  // namespace
}  // namespace hyperdc::testing
