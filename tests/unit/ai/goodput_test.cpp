// Goodput: equations by hand, the fit against the model that made its observations.
#include "ai/training/goodput.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

namespace hyperdc {
namespace {

const ThroughputModel kModel{0.02, 0.001, 0.1, 0.01, 0.03, 0.002, 2.0};

std::vector<StepObserved> observe(const ThroughputModel& model,
                                  const std::vector<StepObserved>& settings) {
  std::vector<StepObserved> out = settings;
  for (StepObserved& o : out) {
    o.compute_s = model.compute_s(static_cast<double>(o.local));
    o.step_s = model.step_s(o.servers, o.accelerators, static_cast<double>(o.local));
  }
  return out;
}

TEST_CASE("a step is the p-norm of computing and the network") {
  CHECK(kModel.step_s(1, 1, 100) == Approx(0.12));
  CHECK(kModel.step_s(1, 2, 100) == Approx(std::hypot(0.12, 0.03)));
  CHECK(kModel.step_s(1, 4, 100) == Approx(std::hypot(0.12, 0.034)));
  CHECK(kModel.step_s(3, 6, 100) == Approx(std::hypot(0.12, 0.14)));
  ThroughputModel sum = kModel;
  sum.overlap = 1;
  CHECK(sum.step_s(3, 6, 100) == Approx(0.26));
}

TEST_CASE("a batch is worth less than its samples by the noise of its gradient") {
  CHECK(batch_gain({1, 0}, 8) == 1);  // no noise: all samples say the same
  CHECK(batch_gain({0, 1}, 8) == 8);  // all noise: each is news
  CHECK(batch_gain({1, 3}, 4) == Approx(4.0 / 1.75));
}

TEST_CASE("a fit finds the model again") {
  std::vector<StepObserved> settings;
  for (const std::uint64_t local : {16, 64, 256}) {
    for (const auto& [servers, accelerators] :
         {std::pair{1U, 1U}, {1U, 2U}, {1U, 4U}, {2U, 4U}, {2U, 8U}, {4U, 16U}}) {
      settings.push_back({servers, accelerators, local, 0, 0});
    }
  }
  const ThroughputModel fitted = fit_throughput(observe(kModel, settings));
  for (const StepObserved& o : settings) {
    const auto local = static_cast<double>(o.local);
    INFO(o.servers << " servers, " << o.accelerators << ", batch " << o.local);
    CHECK(fitted.step_s(o.servers, o.accelerators, local) ==
          Approx(kModel.step_s(o.servers, o.accelerators, local)).epsilon(0.03));
  }
}

TEST_CASE("what was not measured is taken to cost little") {
  const ThroughputModel one = fit_throughput(observe(kModel, {{1, 1, 100, 0, 0}}));
  CHECK(one.alpha_c == Approx(0.06));  // half of the step
  CHECK(one.step_s(1, 1, 100) == Approx(0.12).epsilon(1e-3));
  CHECK(one.step_s(4, 16, 100) == Approx(0.12).epsilon(1e-3));
  const ThroughputModel pair =
      fit_throughput(observe(kModel, {{1, 1, 100, 0, 0}, {1, 2, 100, 0, 0}}));
  CHECK(pair.step_s(1, 2, 100) == Approx(kModel.step_s(1, 2, 100)).epsilon(0.01));
  CHECK(pair.alpha_n == Approx(1.1 * pair.alpha_r));
}

TEST_CASE("a batch is spread over accelerators and, where it does not fit, over time") {
  const BatchLimits limits{32, 1024, 8, 100};
  const BatchPlan whole = spread_batch(256, 4, limits);
  CHECK(whole.local == 64);
  CHECK(whole.accumulation == 0);
  const BatchPlan parts = spread_batch(1000, 4, limits);
  CHECK(parts.accumulation == 2);
  CHECK(parts.local == 84);  // 250 in three, rounded up
  CHECK(parts.batch(4) == 1008);
  CHECK(spread_batch(64, 1, limits).accumulation == 1);  // above the first: never in one
  CHECK(spread_batch(32, 1, limits).accumulation == 0);
  CHECK(spread_batch(1024, 3, limits).batch(3) <= 1024);
  CHECK(spread_batch(10, 4, {10, 11, 1, 10}).batch(4) == 12);  // not 8: below the first
}

TEST_CASE("the best batch grows with the noise and with the accelerators") {
  const BatchLimits limits{32, 2048, 8, 512};
  const auto batch = [&](double noise, std::uint32_t servers, std::uint32_t accelerators) {
    return best_batch(kModel, {1, noise}, limits, servers, accelerators).batch(accelerators);
  };
  CHECK(batch(0.01, 1, 1) < batch(1000, 1, 1));
  CHECK(batch(10, 1, 2) < batch(1000, 1, 2));
  CHECK(batch(10, 1, 2) < batch(10, 4, 16));
  const BatchPlan best = best_batch(kModel, {1, 10}, limits, 1, 1);
  CHECK(best.goodput > 0);
  // From 40 on it would have to be done in two of less than 24: slower, but possible.
  CHECK(best_batch(kModel, {1, 10}, {16, 40, 24, 40}, 1, 1).goodput > 0);
  // 512 accelerators of at least 8 are more than the last batch.
  CHECK(best_batch(kModel, {1, 10}, limits, 128, 512).goodput == 0);
}

}  // namespace
}  // namespace hyperdc
