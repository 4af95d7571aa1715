#include "core/erlang_real.hpp"

#include <cmath>

#include <hyperdc/core/assert.hpp>

#include "core/math.hpp"

namespace hyperdc {
namespace {

/// a e^a a^-s Gamma(s, a) with s = f + 1, which is 1 / B(f, a), for 0 <= f < 1: the continued
/// fraction of the incomplete gamma function (Abramowitz and Stegun 6.5.31) from a = 1 on, the
/// power series of the lower function below.
double inverse_base(double f, double a) {
  if (f == 0) return 1;
  const double s = f + 1;
  if (a >= 1) {
    // Lentz's method on 1/(a + 1 - s - 1 (1 - s)/(a + 3 - s - 2 (2 - s)/(a + 5 - s - ...))).
    double b = a + 1 - s;
    double c = 1e300;
    double d = 1 / b;
    double h = d;
    for (int i = 1; i < 10000; ++i) {
      const double an = -i * (i - s);
      b += 2;
      d = 1 / (an * d + b);
      c = b + an / c;
      const double delta = d * c;
      h *= delta;
      if (std::fabs(delta - 1) < 1e-15) break;
    }
    return a * h;
  }
  double term = 1 / s;
  double sum = term;
  for (int i = 1; i < 200 && term > 1e-18 * sum; ++i) {
    term *= a / (s + i);
    sum += term;
  }
  // Gamma(s, a) = Gamma(s) - a^s e^-a * sum
  const double whole = math::exp(a + math::lgamma(s) - s * math::log(a));
  return a * (whole - sum);
}

}  // namespace

double erlang_b_real(double servers, double offered) {
  HYPERDC_CHECK(servers >= 0 && servers <= 1e9, "Erlang's formulas need 0 to 1e9 servers");
  HYPERDC_CHECK(offered >= 0 && offered <= 1e9, "Erlang's formulas need an offered load >= 0");
  if (offered == 0) return servers == 0 ? 1 : 0;
  // The recursion unrolled from the top: all terms are positive, and those that no longer count
  // are left off.
  const double base = servers - std::floor(servers);
  double term = 1;
  double sum = 0;
  double n = servers;
  for (; n >= 1; n -= 1) {
    sum += term;
    term *= n / offered;
    if (sum > 1e300) return 0;
    if (n < offered && term < 1e-18 * sum * (1 - n / offered)) return 1 / sum;
  }
  // For offered loads near 0 the base grows without bound, and so does the number of servers.
  sum += term * inverse_base(base, offered);
  return sum > 1e300 ? 0 : 1 / sum;
}

double erlang_c_real(double servers, double offered) {
  if (offered >= servers) return 1;
  const double b = erlang_b_real(servers, offered);
  return b / (1 - offered / servers * (1 - b));
}

}  // namespace hyperdc
