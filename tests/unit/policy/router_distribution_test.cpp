// Distributions of routers by law: uniformity by chi-square, the fullest bin of two choices.
#include <catch2/catch.hpp>
#include <cmath>

#include "unit/policy/fake_deployment.hpp"

namespace hyperdc {
namespace {

using testing::FakeDeployment;
using testing::make_router;

TEST_CASE("random picks every replica with equal probability") {
  const auto router = make_router("random");
  FakeDeployment deployment(*router, 100);
  constexpr double kMean = 1000;
  for (std::uint64_t request = 0; request < 100'000; ++request) deployment.send({request, 0});
  double chi2 = 0;
  for (std::uint32_t i = 0; i < 100; ++i) {
    const double off = deployment.load(i) - kMean;
    chi2 += off * off / kMean;
  }
  // 99 degrees of freedom: mean 99, 0.001 and 0.999 quantiles 60.4 and 148.2.
  CHECK(chi2 > 60.4);
  CHECK(chi2 < 148.2);
}

std::uint32_t fullest(std::uint32_t bins, double choices, std::uint64_t seed) {
  Params set;
  set.set("choices", choices);
  const auto router = make_router("power-of-two", set, seed);
  FakeDeployment deployment(*router, bins);
  for (std::uint64_t request = 0; request < bins; ++request) deployment.send({request, 0});
  std::uint32_t most = 0;
  for (std::uint32_t i = 0; i < bins; ++i) most = std::max(most, deployment.load(i));
  return most;
}

// Mitzenmacher, Richa and Sitaraman, "The power of two random choices: a survey" (2001), and Azar
// et al.: n balls into n bins. With one choice the fullest of 2^16 bins has 8 to 11 balls in nearly
// all trials; with two, 4 in nearly all (log2 log2 65536 = 4); with three, 3.
TEST_CASE("two choices leave log log n in the fullest bin") {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    CAPTURE(seed);
    const std::uint32_t one = fullest(65536, 1, seed);
    CHECK(one >= 7);
    CHECK(one <= 12);
    const std::uint32_t two = fullest(65536, 2, seed);
    CHECK(two >= 3);
    CHECK(two <= 5);
    const std::uint32_t three = fullest(65536, 3, seed);
    CHECK(three >= 3);
    CHECK(three <= 4);
  }
}

// Fluid limit of placing t balls a bin with d = 2 (Mitzenmacher 1996): s_k' = s_(k-1)^2 - s_k^2,
// s_0 = 1, s_k the share of bins with at least k balls. At t = 1 a Runge-Kutta solution gives
// s_1 = tanh(1) = 0.761594, and s_2, s_3 below, integrated here.
TEST_CASE("loads of two choices follow the fluid limit") {
  constexpr std::uint32_t kBins = 65536;
  const auto router = make_router("power-of-two");
  FakeDeployment deployment(*router, kBins);
  for (std::uint64_t request = 0; request < kBins; ++request) deployment.send({request, 0});

  std::array<double, 6> s{1};
  constexpr int kSteps = 10'000;
  for (int step = 0; step < kSteps; ++step) {
    const std::array<double, 6> old = s;
    std::array<double, 6> half = s;  // the midpoint rule: an error of 1e-9
    for (std::size_t k = 1; k < s.size(); ++k) {
      half[k] += 0.5 / kSteps * (old[k - 1] * old[k - 1] - old[k] * old[k]);
    }
    for (std::size_t k = 1; k < s.size(); ++k) {
      s[k] += 1.0 / kSteps * (half[k - 1] * half[k - 1] - half[k] * half[k]);
    }
  }
  CHECK(s[1] == Approx(0.7615941560).margin(1e-7));
  for (std::uint32_t k = 1; k <= 3; ++k) {
    double share = 0;
    for (std::uint32_t i = 0; i < kBins; ++i) share += deployment.load(i) >= k ? 1.0 / kBins : 0;
    CAPTURE(k, s[k]);
    CHECK(share == Approx(s[k]).margin(5 * std::sqrt(s[k] / kBins)));
  }
}

}  // namespace
}  // namespace hyperdc
