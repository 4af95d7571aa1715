// The sequential test of a plan, by hand.
#include "results/sequential.hpp"

#include <array>
#include <catch2/catch.hpp>

using namespace hyperdc;

TEST_CASE("looks double up to the last") {
  CHECK(look_sizes(8, 64) == std::vector<std::size_t>{8, 16, 32, 64});
  CHECK(look_sizes(8, 60) == std::vector<std::size_t>{8, 16, 32, 60});
  CHECK(look_sizes(5, 5) == std::vector<std::size_t>{5});
}

TEST_CASE("the error is shared by all claims, each wrong on one side") {
  // 5 % over 4 looks and 7 candidates: 1/560 each, so 279/280 on two sides.
  CHECK(shared_confidence(0.95, 28) == Approx(1 - 2 * 0.05 / 28));
  CHECK(shared_confidence(0.95, 1) == Approx(0.95));
}

TEST_CASE("a mean clears its bound when the interval does") {
  // Mean 3, deviation sqrt(2.5), n = 5: half width 2.776 * 1.5811 / 2.2361 = 1.963.
  const std::array<double, 5> values{1, 2, 3, 4, 5};
  const auto verdict = [&](const Bound& bound) { return look_at(values, bound, 0.95).verdict; };
  CHECK(look_at(values, {5.0, {}}, 0.95).interval.low == Approx(3 - 1.9632).epsilon(1e-4));
  CHECK(verdict({5.0, {}}) == PlanVerdict::meets);
  CHECK(verdict({4.9, {}}) == PlanVerdict::undecided);
  CHECK(verdict({1.0, {}}) == PlanVerdict::fails);
  CHECK(verdict({{}, 1.0}) == PlanVerdict::meets);
  CHECK(verdict({{}, 3.0}) == PlanVerdict::undecided);
  CHECK(verdict({{}, 5.0}) == PlanVerdict::fails);
  CHECK(verdict({5.0, 1.0}) == PlanVerdict::meets);
  CHECK(verdict({5.0, 2.0}) == PlanVerdict::undecided);
  CHECK(verdict({1.0, 0.0}) == PlanVerdict::fails);
}

TEST_CASE("without noise a bound that is met exactly is met") {
  const std::array<double, 3> zero{0, 0, 0};
  CHECK(look_at(zero, {0.0, {}}, 0.999).verdict == PlanVerdict::meets);
  CHECK(look_at(zero, {-1e-9, {}}, 0.999).verdict == PlanVerdict::fails);
  CHECK(side_of(0, {0.0, 0.0}) == PlanVerdict::meets);
  CHECK(side_of(1, {0.5, {}}) == PlanVerdict::fails);
}

TEST_CASE("how many values would decide is told by the nearer bound") {
  const std::array<double, 5> values{1, 2, 3, 4, 5};
  const Moments moments = moments_of(values);
  const auto one = values_to_decide(moments, {4.0, {}}, 0.95);
  REQUIRE(one);
  CHECK(*one == *replications_for_effect(moments.deviation, 1, 0.95, 0.8));
  CHECK(values_to_decide(moments, {100.0, 2.0}, 0.95) == one);
  CHECK_FALSE(values_to_decide(moments, {3.0, {}}, 0.95));
}
