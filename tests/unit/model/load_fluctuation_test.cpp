#include "model/load_fluctuation.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "core/math.hpp"
#include "core/rng.hpp"

using namespace hyperdc;

namespace {

struct StepMoments {
  double mean = 0, variance = 0, next = 0;  // next: correlation of steps that follow
};

StepMoments of_steps(const FluctuationInput& input, std::uint64_t steps) {
  const RandomStream stream(7, "fluctuation");
  LoadFluctuation load;
  double sum = 0, squares = 0, products = 0, before = 0;
  for (std::uint64_t i = 0; i < steps; ++i) {
    const double d = load.step(input, math::normal_quantile(stream.uniform(i, 0)),
                               math::normal_quantile(stream.uniform(i, 1)));
    sum += d;
    squares += d * d;
    products += d * before;
    before = d;
  }
  const auto n = static_cast<double>(steps);
  return {sum / n, squares / n, squares > 0 ? products / squares : 0};
}

}  // namespace

TEST_CASE("busy slots over a long step vary by the work that arrives", "[fluid]") {
  // 100 /s of exponential services of 0.5 s: over 60 s the busy time varies by 100 * 60 * 2 * 0.25,
  // its mean by 3000 / 3600
  const StepMoments m = of_steps({60, 50, 0, 0.5, 2}, 200000);
  CHECK(m.variance == Approx(3000.0 / 3600).epsilon(0.03));
  CHECK(m.mean == Approx(0).margin(0.01));
  // all slots busy a fifth of the time: the same over a long step
  CHECK(of_steps({600, 50, 0.2, 0.5, 2}, 200000).variance ==
        Approx(30000.0 / 360000).epsilon(0.03));
}

TEST_CASE("busy slots over a short step vary as they do at a moment", "[fluid]") {
  // M/M/infinity: Poisson of mean 50, correlation exp(-t / 0.5 s)
  const StepMoments m = of_steps({0.005, 50, 0, 0.5, 2}, 400000);
  CHECK(m.variance == Approx(50).epsilon(0.05));
  CHECK(m.next == Approx(std::exp(-0.01)).epsilon(4e-3));
  // between: 2 s^2 / h (1 - (1 - e^-h) / h) at h = 1
  CHECK(of_steps({0.5, 50, 0, 0.5, 2}, 200000).variance ==
        Approx(50 * 2 * std::exp(-1.0)).epsilon(0.03));
}

TEST_CASE("nothing busy, nothing fluctuates; a full station neither", "[fluid]") {
  CHECK(of_steps({60, 0, 0, 0.5, 2}, 10).variance == 0);
  CHECK(of_steps({60, 80, 1, 0.5, 2}, 1000).variance < 1e-3);
}
