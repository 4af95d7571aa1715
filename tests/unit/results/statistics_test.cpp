#include "results/statistics.hpp"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include <hyperdc/core/assert.hpp>

using namespace hyperdc;

namespace {

/// Hours of sleep gained with two drugs by the same ten people: Student, Biometrika 6 (1908), and
/// R's data set "sleep"; t.test(paired = TRUE) prints t = -4.0621, p = 0.002833, -2.4599 to
/// -0.7001.
const std::vector<double> kFirst = {0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0};
const std::vector<double> kSecond = {1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4};

/// The BCa interval without chance: all n^n resamples.
Interval every_resample(const std::vector<double>& values, double z0, double z) {
  const std::size_t n = values.size();
  std::vector<double> means;
  std::vector<std::size_t> pick(n, 0);
  double mean = 0, squares = 0, cubes = 0;
  for (const double value : values) mean += value / static_cast<double>(n);
  for (const double value : values) {
    squares += (value - mean) * (value - mean);
    cubes += (value - mean) * (value - mean) * (value - mean);
  }
  const double a = cubes / (6 * squares * std::sqrt(squares));
  while (true) {
    double sum = 0;
    for (const std::size_t i : pick) sum += values[i];
    means.push_back(sum / static_cast<double>(n));
    std::size_t digit = 0;
    while (digit < n && ++pick[digit] == n) pick[digit++] = 0;
    if (digit == n) break;
  }
  std::sort(means.begin(), means.end());
  const auto end = [&](double side) {
    const double at = z0 + (z0 + side) / (1 - a * (z0 + side));
    const double share = std::erfc(-at / std::sqrt(2.0)) / 2;
    return means[static_cast<std::size_t>(share * static_cast<double>(means.size()))];
  };
  return {end(-z), end(z)};
}

}  // namespace

TEST_CASE("the t quantile agrees with printed tables and with Boost") {
  CHECK(student_t_quantile(0.95, 1) == Approx(12.7062047).epsilon(1e-8));
  CHECK(student_t_quantile(0.95, 2) == Approx(4.30265273).epsilon(1e-8));
  CHECK(student_t_quantile(0.95, 19) == Approx(2.09302405).epsilon(1e-8));
  CHECK(student_t_quantile(0.99, 9) == Approx(3.2498).epsilon(1e-4));
  for (const std::size_t n : {1, 2, 3, 7, 10, 29, 100, 199, 200, 201, 999, 1000, 1001, 1'000'000}) {
    const boost::math::students_t exact(static_cast<double>(n));
    for (const double confidence : {0.01, 0.5, 0.8, 0.9, 0.95, 0.99, 0.999, 0.999999}) {
      INFO(n << " degrees, " << confidence);
      const double quantile = boost::math::quantile(complement(exact, (1 - confidence) / 2));
      CHECK(student_t_quantile(confidence, n) == Approx(quantile).epsilon(1e-9));
    }
  }
}

TEST_CASE("the tail of Student's t agrees with Boost from 1 to the smallest") {
  for (const std::size_t n : {1, 2, 3, 5, 9, 19, 49, 100, 199, 201, 999, 5000}) {
    const boost::math::students_t exact(static_cast<double>(n));
    for (const double t : {0.0, 1e-9, 0.01, 0.5, 1.0, 2.0, 4.0, 9.0, 30.0, 1e3}) {
      const double tail = 2 * boost::math::cdf(complement(exact, t));
      INFO(n << " degrees, t " << t << ": " << tail);
      if (tail < 1e-290) continue;
      CHECK(student_t_beyond(t, n) == Approx(tail).epsilon(1e-11));
    }
  }
  CHECK(student_t_beyond(1e300, 3) == 0);
}

TEST_CASE("paired t test and interval of Student's own data") {
  const PairedStatistics pairs = paired_statistics(kFirst, kSecond);
  CHECK(pairs.difference.mean == Approx(1.58));
  CHECK(pairs.p == Approx(0.002833).epsilon(1e-3));
  const Interval interval = t_interval(pairs.difference, 0.95);
  CHECK(interval.low == Approx(0.7001142).epsilon(1e-6));
  CHECK(interval.high == Approx(2.4598858).epsilon(1e-6));
  CHECK(*pairs.effect == Approx(4.0621277 / std::sqrt(10.0)).epsilon(1e-6));
  // Unpaired they say less: var 3.2006 and 4.0090 apart, 1.5129 of the difference.
  CHECK(*pairs.variance_ratio == Approx(1.5128889 / (3.2005556 + 4.0090000)).epsilon(1e-6));
}

TEST_CASE("moments by hand") {
  const Moments moments = moments_of(std::vector<double>{0, 0, 0, 4});
  CHECK(moments.mean == 1);
  CHECK(moments.deviation == Approx(2));                    // (1 + 1 + 1 + 9) / 3 = 4
  CHECK(*moments.skewness == Approx(6 / std::sqrt(27.0)));  // m3 = 24 / 4, m2 = 3
  const Moments equal = moments_of(std::vector<double>{0.1, 0.1, 0.1});
  CHECK(equal.mean == 0.1);
  CHECK(equal.deviation == 0);
  CHECK_FALSE(equal.skewness);
  CHECK(moments_of(std::vector<double>{7}).deviation == 0);
  CHECK_THROWS_AS(moments_of(std::vector<double>{}), InvariantError);
}

TEST_CASE("differences without noise are certain") {
  const std::vector<double> a = {1, 2, 3};
  const PairedStatistics none = paired_statistics(a, a);
  CHECK(none.p == 1);
  CHECK_FALSE(none.effect);
  const PairedStatistics shifted = paired_statistics(a, std::vector<double>{3, 4, 5});
  CHECK(shifted.p == 0);
  CHECK(*shifted.variance_ratio == 0);
  const PairedStatistics constant =
      paired_statistics(std::vector<double>{1, 1}, std::vector<double>{1, 1});
  CHECK_FALSE(constant.variance_ratio);
  CHECK_THROWS_AS(paired_statistics(a, std::vector<double>{1, 2}), InvariantError);
}

TEST_CASE("Holm's method by hand") {
  // m = 4: 4 x 0.005, 3 x 0.01, 2 x 0.03, and 0.04 not below the one before; as R's p.adjust.
  const std::vector<double> adjusted = holm_adjusted(std::vector<double>{0.01, 0.04, 0.03, 0.005});
  CHECK(adjusted[0] == Approx(0.03));
  CHECK(adjusted[1] == Approx(0.06));
  CHECK(adjusted[2] == Approx(0.06));
  CHECK(adjusted[3] == Approx(0.02));
  CHECK(holm_adjusted(std::vector<double>{0.6, 0.7}) == std::vector<double>{1, 1});
  CHECK(holm_adjusted(std::vector<double>{0.2}) == std::vector<double>{0.2});
  CHECK(holm_adjusted(std::vector<double>{}).empty());
}

TEST_CASE("a bootstrap interval is that of all resamples") {
  const std::vector<double> values = {1, 2, 4, 8, 30};
  const Bootstrap bootstrap(5, 50'000, 3);
  const Interval interval = bootstrap.interval(values, 0.9);
  // z0: the share of all 3125 resamples with a mean below 9, ties by half.
  std::size_t below = 0, ties = 0;
  for (int i = 0; i < 3125; ++i) {
    double sum = 0;
    for (int digit = 0, rest = i; digit < 5; ++digit, rest /= 5) {
      sum += values[static_cast<std::size_t>(rest % 5)];
    }
    below += sum < 45 ? 1 : 0;
    ties += sum == 45 ? 1 : 0;
  }
  const double share = (static_cast<double>(below) + static_cast<double>(ties) / 2) / 3125;
  const boost::math::normal_distribution<> normal;
  const double z0 = boost::math::quantile(normal, share);
  const Interval exact = every_resample(values, z0, boost::math::quantile(normal, 0.95));
  CHECK(interval.low == Approx(exact.low).margin(0.25));  // means are multiples of 0.2
  CHECK(interval.high == Approx(exact.high).margin(0.25));
  // Skewed to the right: longer on that side, and within the values.
  CHECK(interval.high - 9 > 9 - interval.low);
  CHECK(interval.low >= 1);
  CHECK(interval.high <= 30);
}

TEST_CASE("a bootstrap interval moves and grows with its values, and is the same again") {
  const Bootstrap bootstrap(10, 2000, 1);
  const Interval one = bootstrap.interval(kSecond, 0.95);
  std::vector<double> scaled;
  for (const double value : kSecond) scaled.push_back(100 + 8 * value);
  const Interval other = bootstrap.interval(scaled, 0.95);
  CHECK(other.low == Approx(100 + 8 * one.low));
  CHECK(other.high == Approx(100 + 8 * one.high));
  const Interval again = Bootstrap(10, 2000, 1).interval(kSecond, 0.95);
  CHECK(again.low == one.low);
  CHECK(again.high == one.high);
  CHECK(Bootstrap(10, 2000, 2).interval(kSecond, 0.95).low != one.low);
  CHECK(bootstrap.interval(kSecond, 0.5).low > one.low);
  const Interval flat = bootstrap.interval(std::vector<double>(10, 0.3), 0.95);
  CHECK(flat.low == 0.3);
  CHECK(flat.high == 0.3);
}

TEST_CASE("replications for a width and for an effect") {
  // t(0.95, n - 1) / sqrt(n): n = 17: 2.1199 / 4.1231 = 0.5141, n = 18: 2.1098 / 4.2426 = 0.4973.
  CHECK(replications_for_width(1, 0.5, 0.95) == 18U);
  // Zar and G*Power: d_z = 0.5, two-sided 0.05, power 0.8: 34 pairs.
  CHECK(replications_for_effect(1, 0.5, 0.95, 0.8) == 34U);
  CHECK(replications_for_effect(2, -1, 0.95, 0.8) == 34U);
  CHECK(replications_for_effect(1, 0.5, 0.95, 0.5) == replications_for_width(1, 0.5, 0.95));
  CHECK(replications_for_width(0, 0.1, 0.95) == 2U);
  CHECK_FALSE(replications_for_width(1, 0, 0.95));
  CHECK_FALSE(replications_for_effect(1, 0, 0.95, 0.8));
  CHECK_FALSE(replications_for_effect(1, 1e-3, 0.95, 0.8));  // 7.8 million
  CHECK(replications_for_effect(1, 0.01, 0.95, 0.8).value() == Approx(78491).margin(3));
}

TEST_CASE("coverage of skewed values: the table, between its points, and its limits") {
  CHECK(*coverage_of_skewed(20, 0.1) == 0.95);
  CHECK(*coverage_of_skewed(20, 1.48) == Approx(0.893));   // lognormal, cv 1
  CHECK(*coverage_of_skewed(20, -1.48) == Approx(0.893));  // to the other side
  CHECK(*coverage_of_skewed(50, 1.48) > *coverage_of_skewed(20, 1.48));
  CHECK(*coverage_of_skewed(25, 1.7) > *coverage_of_skewed(20, 1.7));
  CHECK(*coverage_of_skewed(25, 1.7) < *coverage_of_skewed(30, 1.7));
  CHECK(*coverage_of_skewed(10, 9) == Approx(0.525));
  CHECK(*coverage_of_skewed(100'000, 0.5) == *coverage_of_skewed(500, 0.5));
  CHECK_FALSE(coverage_of_skewed(9, 2));
}
