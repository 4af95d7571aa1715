// The normal distribution against erfc of the C library, and its inverse.
#include "core/normal.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "core/math.hpp"

namespace hyperdc {
namespace {

TEST_CASE("the normal distribution is that of erfc, near the middle and far out") {
  CHECK(math::normal_probability(0) == 0.5);
  CHECK(math::normal_probability(-40) >= 0);
  CHECK(math::normal_probability(40) == 1);
  for (int i = -3600; i <= 800; ++i) {
    const double x = i / 100.0;
    const double expected = 0.5 * std::erfc(-x / std::sqrt(2.0));
    INFO("x = " << x);
    const double off = std::fabs(math::normal_probability(x) - expected);
    CHECK(off < 2e-15);
    // Far out the square of x, which is rounded before exp takes it, is the error.
    if (x < -3) CHECK(off < (1e-14 + 3e-16 * x * x) * expected);
  }
}

TEST_CASE("the normal distribution and its quantiles are inverse") {
  for (int i = 1; i < 1000; ++i) {
    const double p = i / 1000.0;
    CHECK(std::fabs(math::normal_probability(math::normal_quantile(p)) - p) < 1e-14);
  }
}

}  // namespace
}  // namespace hyperdc
