// Special values, monotonicity, normal quantiles, and the golden bits that must be the same on
// every compiler and in every build type.
#include <bit>
#include <boost/math/distributions/normal.hpp>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <fmt/format.h>
#include <limits>
#include <string>

#include "core/hash.hpp"
#include "core/math.hpp"

using namespace hyperdc;

namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

bool is_plus_zero(double x) {
  return std::bit_cast<std::uint64_t>(x) == 0;
}
bool is_minus_zero(double x) {
  return std::bit_cast<std::uint64_t>(x) == 1ULL << 63;
}

}  // namespace

TEST_CASE("exp, expm1, log, log1p at the ends of their range", "[math]") {
  CHECK(math::exp(0) == 1);
  CHECK(math::exp(-0.0) == 1);
  CHECK(std::fabs(math::exp(1) - 0x1.5bf0a8b145769p+1) <= 0x1p-51);  // 0.77 ulp from e
  CHECK(math::exp(kInf) == kInf);
  CHECK(is_plus_zero(math::exp(-kInf)));
  CHECK(std::isnan(math::exp(kNaN)));
  CHECK(math::exp(709.782712893384) == std::exp(709.782712893384));
  CHECK(math::exp(709.7827128933841) == kInf);
  CHECK(math::exp(-745.1332191019411) == 5e-324);
  CHECK(is_plus_zero(math::exp(-745.1332191019412)));

  CHECK(is_minus_zero(math::expm1(-0.0)));
  CHECK(math::expm1(-kInf) == -1);
  CHECK(math::expm1(-1000) == -1);
  CHECK(math::expm1(kInf) == kInf);
  CHECK(math::expm1(1e-300) == 1e-300);
  CHECK(std::isnan(math::expm1(kNaN)));

  CHECK(is_plus_zero(math::log(1)));
  CHECK(math::log(0.0) == -kInf);
  CHECK(math::log(-0.0) == -kInf);
  CHECK(std::isnan(math::log(-1)));
  CHECK(math::log(kInf) == kInf);
  CHECK(std::isnan(math::log(kNaN)));
  CHECK(math::log(2) == 0x1.62e42fefa39efp-1);
  CHECK(math::log(5e-324) == Approx(-744.4400719213812).epsilon(1e-15));

  CHECK(is_minus_zero(math::log1p(-0.0)));
  CHECK(math::log1p(-1) == -kInf);
  CHECK(std::isnan(math::log1p(-1.5)));
  CHECK(math::log1p(kInf) == kInf);
  CHECK(math::log1p(1e-300) == 1e-300);
}

TEST_CASE("pow has the special values of C Annex F", "[math]") {
  CHECK(math::pow(kNaN, 0) == 1);
  CHECK(math::pow(1, kNaN) == 1);
  CHECK(std::isnan(math::pow(kNaN, 1)));
  CHECK(std::isnan(math::pow(2, kNaN)));
  CHECK(math::pow(-1, kInf) == 1);
  CHECK(math::pow(-1, -kInf) == 1);
  CHECK(math::pow(0.5, -kInf) == kInf);
  CHECK(is_plus_zero(math::pow(0.5, kInf)));
  CHECK(math::pow(-2, kInf) == kInf);
  CHECK(is_plus_zero(math::pow(2, -kInf)));
  CHECK(is_plus_zero(math::pow(0, 2)));
  CHECK(is_minus_zero(math::pow(-0.0, 3)));
  CHECK(is_plus_zero(math::pow(-0.0, 2)));
  CHECK(is_plus_zero(math::pow(-0.0, 0.5)));
  CHECK(math::pow(-0.0, -3) == -kInf);
  CHECK(math::pow(0.0, -3) == kInf);
  CHECK(math::pow(-0.0, -2) == kInf);
  CHECK(is_minus_zero(math::pow(-kInf, -3)));
  CHECK(math::pow(-kInf, 3) == -kInf);
  CHECK(math::pow(-kInf, 2) == kInf);
  CHECK(math::pow(kInf, 0.1) == kInf);
  CHECK(std::isnan(math::pow(-2, 0.5)));
  CHECK(math::pow(-2, 3) == -8);
  CHECK(math::pow(-2, 4) == 16);
  CHECK(math::pow(-1, 4503599627370497.0) == -1);
  CHECK(math::pow(-1, 9007199254740994.0) == 1);
  CHECK(math::pow(2, 1023) == 0x1p1023);
  CHECK(math::pow(2, 1024) == kInf);
  CHECK(math::pow(-2, 1025) == -kInf);
  CHECK(math::pow(2, -1074) == 5e-324);
  CHECK(is_plus_zero(math::pow(2, -1076)));
  CHECK(is_minus_zero(math::pow(-2, -1077)));
  CHECK(math::pow(10, 3) == 1000);
  CHECK(math::pow(1 + 0x1p-52, 1e300) == kInf);
  CHECK(is_plus_zero(math::pow(1 - 0x1p-53, 1e300)));
}

TEST_CASE("sin, cos, lgamma at special values", "[math]") {
  CHECK(is_minus_zero(math::sin(-0.0)));
  CHECK(math::cos(0) == 1);
  CHECK(std::isnan(math::sin(kInf)));
  CHECK(std::isnan(math::cos(-kInf)));
  CHECK(std::isnan(math::sin(kNaN)));
  CHECK(math::sin(-1.25) == -math::sin(1.25));
  CHECK(math::cos(-1e22) == math::cos(1e22));
  CHECK(math::sin(1e22) == -0.8522008497671888);  // needs more than 120 bits of pi

  CHECK(math::lgamma(1) == 0);
  CHECK(math::lgamma(2) == 0);
  CHECK(math::lgamma(0.5) == Approx(0.5723649429247001).epsilon(1e-15));  // log(pi) / 2
  CHECK(math::lgamma(11) == Approx(15.104412573075516).epsilon(1e-15));   // log(10!)
  CHECK(math::lgamma(0.0) == kInf);
  CHECK(math::lgamma(kInf) == kInf);
  CHECK(math::lgamma(1e306) == kInf);
  CHECK(std::isnan(math::lgamma(-0.5)));
}

TEST_CASE("the normal quantile inverts the normal distribution", "[math]") {
  CHECK(math::normal_quantile(0.5) == 0);
  CHECK(math::normal_quantile(0.975) == Approx(1.959963984540054).epsilon(1e-15));
  CHECK(math::normal_quantile(0.0) == -kInf);
  CHECK(math::normal_quantile(1.0) == kInf);
  CHECK(std::isnan(math::normal_quantile(-0.1)));
  CHECK(std::isnan(math::normal_quantile(1.1)));
  CHECK(std::isnan(math::normal_quantile(kNaN)));
  const boost::math::normal_distribution<long double> normal;
  double worst = 0;
  for (int i = 1; i < 20000; ++i) {
    const double p = i / 20000.0;
    const auto want = static_cast<double>(quantile(normal, static_cast<long double>(p)));
    if (want == 0) continue;
    worst = std::max(worst, std::fabs(math::normal_quantile(p) / want - 1));
    CHECK(math::normal_quantile(p) < math::normal_quantile(p + 0x1p-30));
  }
  for (double p = 0.25; p > 1e-300; p *= 0.37) {
    const auto want = static_cast<double>(quantile(normal, static_cast<long double>(p)));
    worst = std::max(worst, std::fabs(math::normal_quantile(p) / want - 1));
  }
  INFO("largest relative error " << worst);
  CHECK(worst < 1e-15);
}

TEST_CASE("the functions rise and fall where they should", "[math]") {
  // Steps of a few hundred ulps: an error below one ulp cannot reverse them, a break between two
  // branches of an implementation would.
  const auto rises = [](double (*f)(double), double from, double to) {
    const double step = (to - from) / 200000;
    double before = f(from);
    for (int i = 1; i <= 200000; ++i) {
      const double now = f(from + i * step);
      REQUIRE(now >= before);
      before = now;
    }
  };
  rises(math::exp, -2, 2);
  rises(math::expm1, -2, 2);
  rises(math::log, 0.25, 4);
  rises(math::log1p, -0.75, 4);
  rises(math::sin, -1.57, 1.57);
  rises(math::lgamma, 1.5, 10);
  rises(math::normal_quantile, 1e-9, 1 - 1e-9);
  rises([](double x) { return math::pow(x, 0.7); }, 0.5, 3);
  rises([](double x) { return -math::cos(x); }, 0, 3.14);
}

TEST_CASE("golden bits of the math functions", "[math][golden]") {
  // 20,000 arguments each, folded into one number. A change here changes every random variate: it
  // belongs in the change log. Accuracy is what the other tests check.
  const auto fold = [](auto function, double from, double to) {
    std::uint64_t hash = 0;
    for (int i = 0; i < 20000; ++i) {
      const double x = from + (to - from) * (static_cast<double>(mix64(i) >> 11) * 0x1p-53);
      hash = hash_combine(hash, std::bit_cast<std::uint64_t>(function(x)));
    }
    return fmt::format("{:016x}", hash);
  };
  CHECK(fold(math::exp, -740, 709) == "c15de898eee9ff7a");
  CHECK(fold(math::expm1, -3, 3) == "e606d3ecbf63ba6f");
  CHECK(fold(math::log, 0, 10) == "f104a32d0af5b316");
  CHECK(fold(math::log1p, -1, 3) == "00cae97a5c8048ef");
  CHECK(fold(math::sin, -100, 1e9) == "80f2d7679faffcd4");
  CHECK(fold(math::cos, -100, 1e5) == "c431c40deb6a340b");
  CHECK(fold(math::lgamma, 0, 20) == "51fe442a73f87dad");
  CHECK(fold(math::normal_quantile, 0, 1) == "ac6ee1745edb8161");
  CHECK(fold([](double x) { return math::pow(x, 1.37); }, 0, 50) == "2abf3c2df2acbd6e");
  CHECK(fold([](double x) { return math::pow(1.7, x); }, -900, 900) == "930f7bea3203b62c");
}
