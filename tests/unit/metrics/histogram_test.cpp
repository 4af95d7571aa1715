#include "metrics/histogram.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include <hyperdc/core/assert.hpp>

#include "core/distribution.hpp"

using namespace hyperdc;

namespace {

std::vector<double> draws(const DistributionSpec& spec, std::size_t n) {
  const Distribution distribution{spec};
  const RandomStream stream(3, "histogram-test");
  std::vector<double> values(n);
  for (std::size_t i = 0; i < n; ++i) values[i] = distribution.draw(stream, i);
  return values;
}

/// Every quantile against the sorted samples.
void check_against_sorted(std::vector<double> values) {
  Histogram histogram;
  long double sum = 0;
  for (const double v : values) {
    histogram.add(v);
    sum += v;
  }
  std::sort(values.begin(), values.end());
  const std::size_t n = values.size();
  CHECK(histogram.count() == n);
  CHECK(histogram.min() == values.front());
  CHECK(histogram.max() == values.back());
  CHECK(histogram.mean() == Approx(static_cast<double>(sum / n)).epsilon(1e-15));
  for (const double q : {0.0, 0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1.0}) {
    const auto rank = static_cast<std::size_t>(std::max(
        1.0L, std::ceil(static_cast<long double>(q) * static_cast<long double>(n) - 1e-9L)));
    const double exact = values[rank - 1];
    CAPTURE(q, exact, histogram.quantile(q));
    CHECK(std::fabs(histogram.quantile(q) - exact) <= Histogram::kRelativeError * exact);
    CHECK(histogram.quantile(q) >= values.front());
    CHECK(histogram.quantile(q) <= values.back());
  }
}

}  // namespace

TEST_CASE("quantiles are within 1/512 of the sorted samples", "[histogram]") {
  check_against_sorted(draws(Uniform{0, 1}, 20001));
  check_against_sorted(draws(Exponential{1e-6}, 20000));
  check_against_sorted(draws(Lognormal{3600, 5}, 20000));
  check_against_sorted(draws(Gamma{1, 10}, 20000));  // 60 orders of magnitude
  check_against_sorted(draws(Pareto{1, 0.5, 0}, 20000));
  check_against_sorted(draws(Uniform{999, 1001}, 5000));
  check_against_sorted({5});
  check_against_sorted({1, 2});
}

TEST_CASE("a constant comes back exactly", "[histogram]") {
  Histogram histogram;
  for (int i = 0; i < 1000; ++i) histogram.add(0.1);
  CHECK(histogram.mean() == 0.1);
  for (const double q : {0.0, 0.5, 0.99, 1.0}) CHECK(histogram.quantile(q) == 0.1);
}

TEST_CASE("zero is exact and has its place in the order", "[histogram]") {
  Histogram histogram;
  for (int i = 0; i < 60; ++i) histogram.add(0);
  for (int i = 0; i < 40; ++i) histogram.add(8);
  CHECK(histogram.quantile(0.6) == 0);   // rank 60
  CHECK(histogram.quantile(0.61) == 8);  // rank 61
  CHECK(histogram.min() == 0);
  CHECK(histogram.mean() == 3.2);
  histogram.add(-0.0);
  CHECK(histogram.quantile(0) == 0);
}

TEST_CASE("nearest rank is the ceiling of q n, without the rounding of the product",
          "[histogram]") {
  CHECK(nearest_rank(0, 10) == 1);
  CHECK(nearest_rank(0.05, 10) == 1);
  CHECK(nearest_rank(0.1, 10) == 1);
  CHECK(nearest_rank(0.11, 10) == 2);
  CHECK(nearest_rank(1, 10) == 10);
  CHECK(nearest_rank(0.07, 100) == 7);  // 0.07 * 100 is 7.000000000000001 in doubles
  for (std::uint64_t n = 1; n <= 1000; ++n) {
    for (std::uint64_t percent = 0; percent <= 100; ++percent) {
      const std::uint64_t exact = std::max<std::uint64_t>(1, (percent * n + 99) / 100);
      REQUIRE(nearest_rank(static_cast<double>(percent) / 100, n) == exact);
    }
  }
  CHECK_THROWS_AS(nearest_rank(1.1, 10), InvariantError);
  CHECK_THROWS_AS(nearest_rank(-0.1, 10), InvariantError);
}

TEST_CASE("merging gives the histogram of all samples", "[histogram]") {
  const std::vector<double> a = draws(Exponential{1}, 3000);
  const std::vector<double> b = draws(Lognormal{1e6, 2}, 2000);
  const std::vector<double> c = draws(Uniform{1e-9, 1e-8}, 1000);
  Histogram all;
  Histogram merged;
  for (const auto* part : {&a, &b, &c}) {
    Histogram one;
    for (const double v : *part) {
      all.add(v);
      one.add(v);
    }
    merged.merge(one);
  }
  merged.merge(Histogram());
  CHECK(merged.count() == all.count());
  CHECK(merged.min() == all.min());
  CHECK(merged.max() == all.max());
  CHECK(merged.mean() == Approx(all.mean()).epsilon(1e-15));
  for (int i = 0; i <= 100; ++i) CHECK(merged.quantile(i / 100.0) == all.quantile(i / 100.0));
  Histogram zeros;
  zeros.add(0);
  merged.merge(zeros);
  CHECK(merged.quantile(0) == 0);
  CHECK(merged.count() == all.count() + 1);
}

TEST_CASE("extreme samples cost little memory and no accuracy", "[histogram]") {
  Histogram histogram;
  histogram.add(5e-324);
  histogram.add(1);
  histogram.add(1.7976931348623157e308);
  CHECK(histogram.quantile(0.5) == Approx(1).epsilon(Histogram::kRelativeError));
  CHECK(histogram.min() == 5e-324);
  CHECK(histogram.max() == 1.7976931348623157e308);
}

TEST_CASE("what is no sample is refused", "[histogram]") {
  Histogram histogram;
  CHECK_THROWS_AS(histogram.add(-1e-300), InvariantError);
  CHECK_THROWS_AS(histogram.add(std::numeric_limits<double>::quiet_NaN()), InvariantError);
  CHECK_THROWS_AS(histogram.add(std::numeric_limits<double>::infinity()), InvariantError);
  CHECK_THROWS_AS(histogram.mean(), InvariantError);
  CHECK_THROWS_AS(histogram.quantile(0.5), InvariantError);
  CHECK(histogram.count() == 0);
}

TEST_CASE("a sample given n times is the sample given n times", "[histogram]") {
  Histogram at_once;
  Histogram one_by_one;
  const std::vector<std::pair<double, std::uint64_t>> samples = {{0.25, 3},    {7, 1},  {0, 5},
                                                                 {1e-3, 1000}, {80, 0}, {12.5, 2}};
  for (const auto& [value, times] : samples) {
    at_once.add(value, times);
    for (std::uint64_t i = 0; i < times; ++i) one_by_one.add(value);
  }
  CHECK(at_once.count() == 1011);  // 3 + 1 + 5 + 1000 + 2
  CHECK(at_once.max() == 12.5);    // 80 was given no times
  CHECK(at_once.min() == 0);
  // 0.75 + 7 + 1 + 25 = 33.75
  CHECK(at_once.mean() == Approx(33.75 / 1011).epsilon(1e-15));
  for (const double q : {0.0, 0.004, 0.005, 0.5, 0.99, 0.995, 0.998, 1.0}) {
    CAPTURE(q);
    CHECK(at_once.quantile(q) == one_by_one.quantile(q));
  }
  CHECK_THROWS_AS(at_once.add(-1, 2), InvariantError);
}

TEST_CASE("counts beyond 32 bits are kept", "[histogram]") {
  Histogram histogram;
  histogram.add(1, 999'000'000'000);
  histogram.add(2, 1'000'000'000);
  CHECK(histogram.count() == 1'000'000'000'000);
  CHECK(histogram.quantile(0.999) == Approx(1).epsilon(Histogram::kRelativeError));
  CHECK(histogram.quantile(0.9991) == Approx(2).epsilon(Histogram::kRelativeError));
  CHECK(histogram.mean() == Approx(1.001).epsilon(1e-15));
}
