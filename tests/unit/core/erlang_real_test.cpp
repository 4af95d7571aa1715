#include "core/erlang_real.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include <hyperdc/core/assert.hpp>

using namespace hyperdc;

namespace {

/// Erlang's own sum in 80-bit arithmetic, from the largest term down: the slow obvious form.
double sum_b(int n, long double a) {
  long double term = 1;
  long double sum = 1;
  for (int k = n; k > 0; --k) {
    term *= k / a;
    sum += term;
  }
  return static_cast<double>(1 / sum);
}

/// 1 / B = a * integral of e^(-a t) (1 + t)^n by Simpson's rule, t = u / (1 - u).
double integral_b(double n, double a) {
  const int steps = 40000;
  long double sum = 0;
  for (int i = 0; i < steps; ++i) {
    const long double u = static_cast<long double>(i) / steps;
    const long double t = u / (1 - u);
    const long double f = std::exp(-a * t + n * std::log1p(t)) / ((1 - u) * (1 - u));
    sum += (i == 0 ? 1 : (i % 2 == 1 ? 4 : 2)) * f;
  }
  return static_cast<double>(1 / (a * sum / (3 * steps)));
}

}  // namespace

TEST_CASE("Erlang B by hand", "[erlang]") {
  CHECK(erlang_b_real(0, 3) == 1);
  CHECK(erlang_b_real(4, 0) == 0);
  CHECK(erlang_b_real(1, 1) == Approx(0.5).epsilon(1e-14));  // 1 / (1 + 1)
  CHECK(erlang_b_real(1, 3) == Approx(0.75).epsilon(1e-14));
  CHECK(erlang_b_real(2, 1) == Approx(0.2).epsilon(1e-14));  // 0.5 / (1 + 1 + 0.5)
  // a = 3, n = 5: terms 1, 3, 4.5, 4.5, 3.375, 2.025; 2.025 / 18.4
  CHECK(erlang_b_real(5, 3) == Approx(2.025 / 18.4).epsilon(1e-13));
}

TEST_CASE("Erlang B is the sum, for few servers and many", "[erlang]") {
  for (const int n : {1, 2, 10, 100, 1000, 100000, 1000000}) {
    for (const double load : {0.01, 0.5, 0.9, 0.99, 1.0, 1.01, 2.0, 50.0}) {
      const double exact = sum_b(n, load * n);
      CAPTURE(n, load, exact);
      if (exact < 1e-300) {
        CHECK(erlang_b_real(n, load * n) <= 1e-300);
      } else {
        CHECK(erlang_b_real(n, load * n) == Approx(exact).epsilon(1e-11));
      }
    }
  }
}

TEST_CASE("Erlang B between the integers is Erlang's integral", "[erlang]") {
  for (const double n : {0.3, 0.5, 1.5, 7.25, 40.9}) {
    for (const double a : {0.2, 0.9, 1.1, 5.0, 37.0}) {
      CAPTURE(n, a);
      CHECK(erlang_b_real(n, a) == Approx(integral_b(n, a)).epsilon(1e-8));
    }
  }
}

TEST_CASE("Erlang B falls with servers and rises with load, without steps", "[erlang]") {
  double before = 1;
  for (double n = 0.25; n < 60; n += 0.25) {
    const double b = erlang_b_real(n, 20);
    CHECK(b < before);
    before = b;
  }
  before = 0;
  for (double a = 0.1; a < 60; a += 0.1) {
    const double b = erlang_b_real(12.5, a);
    CHECK(b > before);
    before = b;
  }
}

TEST_CASE("Erlang C by hand and at its ends", "[erlang]") {
  CHECK(erlang_c_real(1, 0.8) == Approx(0.8).epsilon(1e-14));    // one server: the load
  CHECK(erlang_c_real(2, 1) == Approx(1.0 / 3).epsilon(1e-14));  // 0.2 / (1 - 0.5 * 0.8)
  CHECK(erlang_c_real(5, 5) == 1);
  CHECK(erlang_c_real(5, 7) == 1);
  CHECK(erlang_c_real(1000000, 500000) == 0);
  // Halfin and Whitt (1981): c = a + beta sqrt(a), C -> 1 / (1 + beta Phi(beta) / phi(beta));
  // beta = 1: 1 / (1 + 0.8413447 / 0.2419707) = 0.223361
  CHECK(erlang_c_real(1e6 + 1e3, 1e6) == Approx(0.223361).epsilon(2e-3));
}
