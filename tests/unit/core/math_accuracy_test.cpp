// Accuracy of core/math against the C library in 80-bit arithmetic (64-bit mantissa, error of the
// reference below 2^-10 ulp), over random arguments of every range that a branch covers.
#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "core/hash.hpp"
#include "core/math.hpp"

using namespace hyperdc;

namespace {

/// Random numbers that do not depend on what is tested.
class Random {
 public:
  std::uint64_t word() { return mix64(state_ += 0x9E3779B97F4A7C15ULL); }
  double between(double a, double b) {
    return a + (b - a) * (static_cast<double>(word() >> 11) * 0x1p-53);
  }
  /// +-2^e with a uniform exponent: small numbers with all their bits.
  double spread(double low_exponent, double high_exponent) {
    const double e = std::floor(between(low_exponent, high_exponent));
    return std::ldexp(between(1, 2), static_cast<int>(e)) * ((word() & 1) != 0 ? 1 : -1);
  }
  double any() {
    for (;;) {
      const double d = std::bit_cast<double>(word());
      if (std::isfinite(d)) return d;
    }
  }

 private:
  std::uint64_t state_ = 1;
};

double error_ulp(double got, long double want) {
  const auto rounded = static_cast<double>(want);
  if (std::isinf(rounded) || std::isinf(got)) return rounded == got ? 0 : 1e9;
  int exponent = 0;
  std::frexp(rounded, &exponent);
  const double ulp = std::ldexp(1.0, std::max(exponent - 53, -1074));
  return static_cast<double>(std::fabs(static_cast<long double>(got) - want) / ulp);
}

constexpr double kBound = 1.0 + 0x1p-10;  // what math.hpp promises

template <class F, class R, class G>
void check(const char* name, F function, R reference, G argument, int n = 40000) {
  double worst = 0;
  double at = 0;
  for (int i = 0; i < n; ++i) {
    const double x = argument();
    const double error = error_ulp(function(x), reference(static_cast<long double>(x)));
    if (error > worst) {
      worst = error;
      at = x;
    }
  }
  INFO(name << ": " << worst << " ulp at " << at);
  CHECK(worst < kBound);
}

template <class G>
void check_pow(const char* name, G arguments, int n = 40000) {
  double worst = 0;
  std::pair<double, double> at;
  for (int i = 0; i < n; ++i) {
    const auto [x, y] = arguments();
    const long double want = std::pow(static_cast<long double>(x), static_cast<long double>(y));
    const double error = error_ulp(math::pow(x, y), want);
    if (error > worst) {
      worst = error;
      at = {x, y};
    }
  }
  INFO(name << ": " << worst << " ulp at " << at.first << ", " << at.second);
  CHECK(worst < kBound);
}

}  // namespace

TEST_CASE("exp and expm1 are within an ulp", "[math]") {
  Random r;
  const auto exp_ref = [](long double x) { return std::exp(x); };
  const auto expm1_ref = [](long double x) { return std::expm1(x); };
  check("exp near 0", math::exp, exp_ref, [&] { return r.between(-1, 1); });
  check("exp", math::exp, exp_ref, [&] { return r.between(-745, 709.7); });
  check("exp tiny", math::exp, exp_ref, [&] { return r.spread(-60, 0); });
  check("expm1 near 0", math::expm1, expm1_ref, [&] { return r.between(-1.5, 1.5); });
  check("expm1", math::expm1, expm1_ref, [&] { return r.between(-50, 709.7); });
  check("expm1 tiny", math::expm1, expm1_ref, [&] { return r.spread(-1070, 0); });
}

TEST_CASE("log and log1p are within an ulp", "[math]") {
  Random r;
  const auto log_ref = [](long double x) { return std::log(x); };
  const auto log1p_ref = [](long double x) { return std::log1p(x); };
  check("log", math::log, log_ref, [&] { return std::fabs(r.any()); });
  check("log 1/2..2", math::log, log_ref, [&] { return r.between(0.5, 2); });
  check("log near 1", math::log, log_ref, [&] { return 1 + r.spread(-52, -1); });
  check("log subnormal", math::log, log_ref, [&] { return std::fabs(r.spread(-1074, -1022)); });
  check("log1p near 0", math::log1p, log1p_ref, [&] { return r.spread(-60, -1); });
  check("log1p", math::log1p, log1p_ref, [&] { return r.between(-1, 3); });
  check("log1p near 1", math::log1p, log1p_ref, [&] { return std::fabs(r.spread(-2, 3)); });
  check("log1p any", math::log1p, log1p_ref, [&] { return std::fabs(r.any()); });
}

TEST_CASE("sin and cos are within an ulp, for huge arguments too", "[math]") {
  Random r;
  const auto sin_ref = [](long double x) { return std::sin(x); };
  const auto cos_ref = [](long double x) { return std::cos(x); };
  check("sin small", math::sin, sin_ref, [&] { return r.between(-10, 10); });
  check("cos small", math::cos, cos_ref, [&] { return r.between(-10, 10); });
  check("sin medium", math::sin, sin_ref, [&] { return r.between(-2e6, 2e6); });
  check("cos medium", math::cos, cos_ref, [&] { return r.between(-2e6, 2e6); });
  check(
      "sin any", math::sin, sin_ref, [&] { return r.any(); }, 10000);
  check(
      "cos any", math::cos, cos_ref, [&] { return r.any(); }, 10000);
  // Near multiples of pi/2, where the argument cancels.
  constexpr long double kHalfPi = 1.57079632679489661923132169163975144L;
  check("sin near n pi/2", math::sin, sin_ref, [&] {
    return static_cast<double>(kHalfPi * static_cast<long double>(r.word() % 10000000));
  });
  check("cos near n pi/2", math::cos, cos_ref, [&] {
    return static_cast<double>(kHalfPi * static_cast<long double>(r.word() % 10000000));
  });
  // The double nearest to a multiple of pi/2 (Muller, Elementary Functions, table of worst cases).
  const double worst = 0x1.6ac5b262ca1ffp+849;
  CHECK(error_ulp(math::cos(worst), std::cos(static_cast<long double>(worst))) < kBound);
  CHECK(std::fabs(math::cos(worst)) < 0x1p-60);
}

TEST_CASE("pow is within an ulp", "[math]") {
  Random r;
  check_pow("moderate", [&] { return std::pair{r.between(0, 10), r.between(-100, 100)}; });
  check_pow("roots", [&] { return std::pair{r.between(0, 1), 1 / r.between(0.1, 20)}; });
  check_pow("any base", [&] { return std::pair{std::fabs(r.any()), r.between(-2, 2)}; });
  check_pow("subnormal base", [&] { return std::pair{r.between(0, 1e-308), r.between(-1, 1)}; });
  check_pow("base near 1, |y| to 2^40", [&] {
    return std::pair{1 + r.spread(-45, -2), r.spread(0, 40)};
  });
  check_pow("base near 1, |y| near 2^31 to 2^34", [&] {
    return std::pair{1 + r.spread(-25, -21), r.spread(30, 34)};
  });
  check_pow("results that underflow", [&] { return std::pair{2.0, r.between(-1080, -1000)}; });
}

TEST_CASE("lgamma is within 1e-15 of itself", "[math]") {
  Random r;
  const auto worst = [](auto argument) {
    double relative = 0;
    for (int i = 0; i < 40000; ++i) {
      const double x = argument();
      const long double want = std::lgamma(static_cast<long double>(x));
      if (want == 0) continue;
      const long double error = std::fabs((math::lgamma(x) - want) / want);
      relative = std::max(relative, static_cast<double>(error));
    }
    return relative;
  };
  CHECK(worst([&] { return r.between(0, 0.5); }) < 1e-15);
  CHECK(worst([&] { return r.between(0.5, 2.5); }) < 1e-15);
  CHECK(worst([&] { return r.between(2.5, 8); }) < 1e-15);
  CHECK(worst([&] { return r.between(8, 200); }) < 1e-15);
  CHECK(worst([&] { return std::fabs(r.spread(-900, 900)); }) < 1e-15);
  CHECK(worst([&] { return 1 + r.spread(-50, -2); }) < 1e-15);
  CHECK(worst([&] { return 2 + r.spread(-50, -2); }) < 1e-15);
}
