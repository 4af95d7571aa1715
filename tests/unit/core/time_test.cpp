#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>

#include <hyperdc/core/assert.hpp>
#include <hyperdc/core/time.hpp>

using namespace hyperdc;

TEST_CASE("seconds() gives the nearest nanosecond", "[time]") {
  CHECK(seconds(0).ns == 0);
  CHECK(seconds(-0.0).ns == 0);
  CHECK(seconds(1).ns == 1'000'000'000);
  CHECK(seconds(-1).ns == -1'000'000'000);
  CHECK(seconds(0.1).ns == 100'000'000);
  CHECK(seconds(86400.5).ns == 86'400'500'000'000);
  CHECK(seconds(1e-9).ns == 1);
  CHECK(seconds(4.9e-10).ns == 0);
  CHECK(seconds(5.1e-10).ns == 1);
  CHECK(seconds(-5.1e-10).ns == -1);
  CHECK(seconds(std::numeric_limits<double>::denorm_min()).ns == 0);
}

TEST_CASE("seconds() rounds exact halves to even", "[time]") {
  // 2^-10 s = 976562.5 ns and 3 * 2^-10 s = 2929687.5 ns, both exact in binary.
  CHECK(seconds(0x1p-10).ns == 976562);
  CHECK(seconds(3 * 0x1p-10).ns == 2929688);
  CHECK(seconds(-0x1p-10).ns == -976562);
  CHECK(seconds(-3 * 0x1p-10).ns == -2929688);
}

TEST_CASE("seconds() rounds once, not twice", "[time]") {
  // Exactly 15625 * 2^-20 s is 14901161.193847656 ns. Near 2^22 s a double step is 0.93 ns, so a
  // product in doubles cannot be right for all; compare with 80-bit arithmetic (64-bit mantissa).
  for (int i = 0; i < 20000; ++i) {
    const double s = 4194304.0 + i * 0x1p-20 * 977;
    const long double exact = static_cast<long double>(s) * 1e9L;
    const auto nearest = static_cast<std::int64_t>(exact + 0.5L);
    const long double tie = exact + 0.5L - static_cast<long double>(nearest);
    if (tie == 0) continue;
    REQUIRE(seconds(s).ns == nearest);
  }
}

TEST_CASE("seconds() refuses what has no nanosecond", "[time]") {
  CHECK(seconds(9223372036.0).ns == 9223372036000000000);
  CHECK(seconds(-9223372036.0).ns == -9223372036000000000);
  CHECK_THROWS_AS(seconds(9223372037.0), InvariantError);
  CHECK_THROWS_AS(seconds(std::numeric_limits<double>::infinity()), InvariantError);
  CHECK_THROWS_AS(seconds(std::numeric_limits<double>::quiet_NaN()), InvariantError);
}

TEST_CASE("sums of times are checked", "[time]") {
  const SimTime last{std::numeric_limits<std::int64_t>::max()};
  CHECK((SimTime{5} + Duration{7}).ns == 12);
  CHECK((SimTime{5} - SimTime{7}).ns == -2);
  CHECK_THROWS_AS(last + Duration{1}, InvariantError);
  CHECK_THROWS_AS(SimTime{-2} - last, InvariantError);
  CHECK_THROWS_AS(whole_seconds(9223372037), InvariantError);
  CHECK(to_seconds(seconds(12.5)) == 12.5);
}

TEST_CASE("an invariant names file, line, condition and message", "[assert]") {
  try {
    HYPERDC_CHECK(1 + 1 == 3, "arithmetic is broken");
    FAIL("did not throw");
  } catch (const InvariantError& error) {
    const std::string text = error.what();
    CHECK(text.find("time_test.cpp:") == 0);
    CHECK(text.find(": 1 + 1 == 3: arithmetic is broken") != std::string::npos);
  }
  CHECK_NOTHROW([] { HYPERDC_CHECK(1 + 1 == 2, "never"); }());
}
