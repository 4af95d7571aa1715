// Random variates against their laws: moments within five standard errors, distribution functions
// (Kolmogorov and Smirnov) against Boost.Math, on fixed seeds.
#include "core/distribution.hpp"

#include <algorithm>
#include <bit>
#include <boost/math/distributions/exponential.hpp>
#include <boost/math/distributions/gamma.hpp>
#include <boost/math/distributions/lognormal.hpp>
#include <boost/math/distributions/pareto.hpp>
#include <boost/math/distributions/weibull.hpp>
#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include <hyperdc/core/assert.hpp>

#include "core/hash.hpp"

using namespace hyperdc;

namespace {

constexpr std::size_t kVariates = 100000;

std::vector<double> draws(const DistributionSpec& spec, std::uint64_t seed = 1) {
  const Distribution distribution{spec};
  const RandomStream stream(seed, "distribution-test");
  std::vector<double> values(kVariates);
  for (std::size_t i = 0; i < kVariates; ++i) values[i] = distribution.draw(stream, i);
  return values;
}

/// Sample mean and variance within five standard errors of mean() and variance().
void check_moments(const DistributionSpec& spec, bool fourth_moment = true) {
  const Distribution distribution{spec};
  const std::vector<double> values = draws(spec);
  const double n = kVariates;
  double sum = 0;
  for (const double v : values) sum += v;
  const double mean = sum / n;
  double square = 0;
  double fourth = 0;
  for (const double v : values) {
    const double d = (v - mean) * (v - mean);
    square += d;
    fourth += d * d;
  }
  square /= n;
  fourth /= n;
  CHECK(std::fabs(mean - distribution.mean()) < 5 * std::sqrt(square / n));
  if (fourth_moment) {
    const double error = std::sqrt((fourth - square * square) / n);
    CHECK(std::fabs(square - distribution.variance()) < 5 * error);
  }
}

/// Kolmogorov-Smirnov: sqrt(n) D is above 1.95 in one of 1000 correct samples.
void check_cdf(const DistributionSpec& spec, const std::function<double(double)>& cdf) {
  std::vector<double> values = draws(spec, 2);
  std::sort(values.begin(), values.end());
  double distance = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double f = cdf(values[i]);
    distance = std::max({distance, f - static_cast<double>(i) / kVariates,
                         static_cast<double>(i + 1) / kVariates - f});
  }
  CHECK(distance * std::sqrt(static_cast<double>(kVariates)) < 1.95);
}

template <class Law>
void check_law(const DistributionSpec& spec, const Law& law) {
  check_cdf(spec, [&](double x) { return cdf(law, x); });
}

}  // namespace

TEST_CASE("sample moments agree with mean() and variance()", "[distribution]") {
  check_moments(Uniform{-3, 5});
  check_moments(Exponential{40});
  check_moments(Lognormal{0.008, 1.4}, false);  // its fourth moment is not sampled in 1e5 draws
  check_moments(Lognormal{10, 0.3});
  check_moments(Gamma{3, 0.5});
  check_moments(Gamma{3, 1});
  check_moments(Gamma{3, 2.5});  // shape 0.16: the boosted branch
  check_moments(Weibull{100, 0.5});
  check_moments(Weibull{100, 1});
  check_moments(Weibull{100, 2});
  check_moments(Pareto{2, 5, 0}, false);
  check_moments(Pareto{1, 1.1, 1000});
  check_moments(Pareto{1, 1, 100});
  check_moments(Empirical{{1, 2, 4, 8}, {4, 3, 2, 1}});
}

TEST_CASE("variates follow the distribution functions of Boost.Math", "[distribution]") {
  check_cdf(Uniform{2, 3}, [](double x) { return x - 2; });
  check_law(Exponential{40}, boost::math::exponential(1 / 40.0));
  for (const double cv : {0.1, 1.0, 4.0}) {
    CAPTURE(cv);
    const double sigma = std::sqrt(std::log(1 + cv * cv));
    check_law(Lognormal{10, cv}, boost::math::lognormal(std::log(10) - sigma * sigma / 2, sigma));
    check_law(Gamma{10, cv}, boost::math::gamma_distribution<>(1 / (cv * cv), 10 * cv * cv));
  }
  check_law(Weibull{10, 1}, boost::math::weibull(1, 10));
  check_law(Pareto{3, 1.5, 0}, boost::math::pareto(3, 1.5));
  const boost::math::pareto unbounded(3, 1.5);
  const double mass = cdf(unbounded, 60.0);
  check_cdf(Pareto{3, 1.5, 60}, [&](double x) { return cdf(unbounded, x) / mass; });
}

TEST_CASE("the Weibull shape is solved from the coefficient of variation", "[distribution]") {
  for (const double shape : {0.2, 0.5, 0.8, 1.0, 2.0, 10.0, 200.0}) {
    CAPTURE(shape);
    // Forward with Boost's gamma function: the law of this shape has this mean and cv.
    const boost::math::weibull law(shape, 7);
    const double cv = standard_deviation(law) / mean(law);
    check_law(Weibull{mean(law), cv}, law);
  }
}

TEST_CASE("moments in closed form", "[distribution]") {
  CHECK(Distribution(Constant{4}).mean() == 4);
  CHECK(Distribution(Constant{4}).variance() == 0);
  CHECK(Distribution(Pareto{2, 3, 0}).mean() == 3);              // a m / (a - 1)
  CHECK(Distribution(Pareto{2, 3, 0}).variance() == Approx(3));  // m^2 a / ((a-1)^2 (a-2))
  CHECK(std::isinf(Distribution(Pareto{2, 1, 0}).mean()));
  CHECK(std::isinf(Distribution(Pareto{2, 2, 0}).variance()));
  CHECK(Distribution(Pareto{1, 1, 100}).mean() == Approx(100 * std::log(100.0) / 99));
  CHECK(Distribution(Pareto{1, 2, 100}).mean() == Approx(2 * (1 - 0.01) / (1 - 0.0001)));
  const double near = Distribution(Pareto{1, 1 + 1e-12, 100}).mean();
  CHECK(near == Approx(100 * std::log(100.0) / 99).epsilon(1e-10));
  CHECK(Distribution(Empirical{{1, 3}, {2, 2}}).mean() == 2);
  CHECK(Distribution(Empirical{{1, 3}, {2, 2}}).variance() == 1);
}

TEST_CASE("variates stay in their range", "[distribution]") {
  for (const double v : draws(Pareto{3, 0.5, 60})) REQUIRE((v >= 3 && v <= 60));
  for (const double v : draws(Gamma{1, 10})) REQUIRE((v >= 0 && std::isfinite(v)));
  for (const double v : draws(Weibull{1, 100})) REQUIRE((v >= 0 && std::isfinite(v)));
  for (const double v : draws(Lognormal{5, 0})) REQUIRE(v == 5);
  for (const double v : draws(Constant{-2})) REQUIRE(v == -2);
  std::vector<std::size_t> seen(4);
  for (const double v : draws(Empirical{{0, 1, 2, 3}, {0, 1, 0, 2}})) {
    ++seen[static_cast<std::size_t>(v)];
  }
  CHECK(seen[0] == 0);
  CHECK(seen[2] == 0);
  CHECK(std::fabs(static_cast<double>(seen[1]) - kVariates / 3.0) <
        5 * std::sqrt(kVariates * 2 / 9.0));
}

TEST_CASE("a variate depends on stream, entity and attribute alone", "[distribution]") {
  const Distribution gamma(Gamma{1, 3});
  const RandomStream a(1, "a");
  const RandomStream b(1, "b");
  const double first = gamma.draw(a, 10);
  CHECK(gamma.draw(a, 11) != first);
  CHECK(gamma.draw(a, 10, 1024) != first);
  CHECK(gamma.draw(b, 10) != first);
  CHECK(gamma.draw(a, 10) == first);
  // Gamma variates take several attributes; the next first_attribute is 1024 further.
  CHECK(Distribution(Exponential{1}).draw(a, 10) == Distribution(Exponential{1}).draw(a, 10, 0));
}

TEST_CASE("parameters outside their range are named", "[distribution]") {
  const auto problem = [](const DistributionSpec& spec) { return distribution_problem(spec); };
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double inf = std::numeric_limits<double>::infinity();
  CHECK(problem(Exponential{40}).empty());
  CHECK(problem(Constant{-1}).empty());
  CHECK(problem(Lognormal{1, 0}).empty());
  CHECK(problem(Uniform{2, 2}).empty());
  CHECK(problem(Exponential{0}) == "mean 0 is not above 0");
  CHECK(problem(Exponential{nan}) == "mean nan is not above 0");
  CHECK(problem(Constant{inf}) == "inf is not finite");
  CHECK(problem(Uniform{3, 2}) == "low 3 is above high 2");
  CHECK(problem(Gamma{1, 200}) == "cv 200 is outside 0.001..100");
  CHECK(problem(Weibull{1, -1}) == "cv -1 is outside 0.001..100");
  CHECK(problem(Lognormal{-1, 1}) == "mean -1 is not above 0");
  CHECK(problem(Pareto{0, 2, 0}) == "minimum 0 is not above 0");
  CHECK(problem(Pareto{1, 0, 0}) == "shape 0 is outside 0.01..1000");
  CHECK(problem(Pareto{5, 2, 4}) == "maximum 4 is not above minimum 5");
  CHECK(problem(Empirical{{}, {}}) == "there are no values");
  CHECK(problem(Empirical{{1, 2}, {1}}) == "2 values but 1 weights");
  CHECK(problem(Empirical{{1, 2}, {0, 0}}) == "all weights are 0");
  CHECK(problem(Empirical{{1, 2}, {1, -1}}) == "weight -1 is below 0");
  CHECK(problem(Empirical{{1, nan}, {1, 1}}) == "value nan is not finite");
  CHECK_THROWS_AS(Distribution(Exponential{0}), InvariantError);
}

TEST_CASE("golden bits of the distributions", "[distribution][golden]") {
  const auto fold = [](const DistributionSpec& spec) {
    const Distribution distribution{spec};
    const RandomStream stream(42, "golden");
    std::uint64_t hash = 0;
    for (std::uint64_t i = 0; i < 2000; ++i) {
      hash = hash_combine(hash, std::bit_cast<std::uint64_t>(distribution.draw(stream, i)));
    }
    return hash;
  };
  CHECK(fold(Uniform{0, 1}) == 0xFFD1AD3BEF64644B);
  CHECK(fold(Exponential{3}) == 0x906C9EF6E8324D8E);
  CHECK(fold(Lognormal{3, 2}) == 0x652169B491C7693F);
  CHECK(fold(Gamma{3, 2}) == 0x9D1C50D09BC181FB);
  CHECK(fold(Gamma{3, 0.5}) == 0x1DA0CB130C1378B1);
  CHECK(fold(Weibull{3, 2}) == 0x945CC54A61E0502B);
  CHECK(fold(Pareto{3, 1.2, 100}) == 0xD5F9703A7BB4DF69);
  CHECK(fold(Empirical{{1, 2, 3}, {1, 1, 5}}) == 0x70AC3775132E67A9);
}
