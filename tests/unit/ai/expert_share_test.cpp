// The most of the experts that one accelerator has: against tables, by hand and against draws.
#include "ai/inference/expert_share.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <numeric>
#include <vector>

#include "core/rng.hpp"

namespace hyperdc {
namespace {

TEST_CASE("the expected greatest of normal numbers is that of the tables") {
  CHECK(expected_greatest_normal(1) == Approx(0).margin(1e-9));
  CHECK(expected_greatest_normal(2) == Approx(0.56419).margin(1e-4));
  CHECK(expected_greatest_normal(5) == Approx(1.16296).margin(1e-4));
  CHECK(expected_greatest_normal(10) == Approx(1.53875).margin(1e-4));
  CHECK(expected_greatest_normal(100) == Approx(2.50759).margin(1e-4));
}

TEST_CASE("the most of one accelerator by hand") {
  const ExpertShare share(8, 2);  // four each
  // 100 tokens of two experts: 100 on average, variance 200 / 2 * 6/7.
  CHECK(share.most(2, 100) == Approx(100 + 0.56419 * 9.2582).epsilon(1e-4));
  CHECK(share.most(8, 1) == 4);  // all of them: each has its four
  CHECK(share.most(1, 1) == 1);  // somebody has it
  CHECK(share.most(2, 0) == 0);
  CHECK(ExpertShare(8, 1).most(2, 100) == 200);
  // One of eight accelerators with one expert each has nothing of a token that asks for two with
  // 7/8 * 6/7: it goes to 7/4 others.
  CHECK(ExpertShare(8, 8).others(2) == Approx(7 * 0.25));
  CHECK(ExpertShare(8, 1).others(2) == 0);
}

/// The mean of the most over draws: of `experts`, `chosen` different ones, so many times.
double drawn(std::uint64_t experts, std::uint64_t accelerators, std::uint64_t chosen,
             std::uint64_t times, std::uint64_t seed) {
  const RandomStream draws(seed, "experts");
  constexpr std::uint64_t kTrials = 400;
  double sum = 0;
  std::vector<std::uint64_t> order(experts), load(accelerators);
  std::uint64_t next = 0;
  for (std::uint64_t trial = 0; trial < kTrials; ++trial) {
    std::ranges::fill(load, 0);
    for (std::uint64_t t = 0; t < times; ++t) {
      std::iota(order.begin(), order.end(), 0);
      for (std::uint64_t i = 0; i < chosen; ++i) {
        std::swap(order[i], order[i + draws.below(experts - i, next++)]);
        ++load[order[i] * accelerators / experts];
      }
    }
    sum += static_cast<double>(*std::ranges::max_element(load));
  }
  return sum / kTrials;
}

TEST_CASE("the most of one accelerator agrees with draws") {
  struct Case {
    std::uint64_t experts, accelerators, chosen, times;
    double within;
  };
  const std::vector<Case> cases = {
      {8, 2, 2, 64, 0.02},     {128, 8, 8, 32, 0.02}, {256, 16, 8, 64, 0.02},
      {256, 64, 8, 512, 0.02}, {128, 8, 64, 1, 0.02}, {256, 32, 160, 1, 0.06},
      {256, 64, 8, 32, 0.10},  {256, 64, 8, 8, 0.18}, {256, 64, 8, 1, 0.25},
  };
  for (const Case& k : cases) {
    INFO(k.experts << " experts, " << k.accelerators << " accelerators, " << k.chosen << " x "
                   << k.times);
    const double expected = ExpertShare(static_cast<double>(k.experts), k.accelerators)
                                .most(static_cast<double>(k.chosen), static_cast<double>(k.times));
    CHECK(expected ==
          Approx(drawn(k.experts, k.accelerators, k.chosen, k.times, 1)).epsilon(k.within));
  }
}

}  // namespace
}  // namespace hyperdc
