#include "core/erlang.hpp"

#include <cmath>

namespace hyperdc {

double erlang_b(std::uint64_t servers, double offered) {
  if (servers == 0) return 1;
  if (!(offered > 0)) return 0;
  // Terms rise while n - k > a and fall from there on, so the first one that no longer counts
  // after the peak ends the sum.
  double sum = 1;
  double term = 1;
  for (std::uint64_t k = 0; k < servers; ++k) {
    const double left = static_cast<double>(servers - k);
    term *= left / offered;
    sum += term;
    if (std::isinf(sum)) return 0;
    if (left < offered && term < sum * 0x1p-60) {
      // What is left is below term * left / (a - left), a geometric series.
      if (term * left < (offered - left) * sum * 0x1p-56) break;
    }
  }
  return 1 / sum;
}

double erlang_c(std::uint64_t servers, double offered) {
  if (!(offered > 0)) return servers == 0 ? 1 : 0;
  const double n = static_cast<double>(servers);
  if (offered >= n) return 1;
  const double blocked = erlang_b(servers, offered);
  return blocked / (1 - offered / n * (1 - blocked));
}

}  // namespace hyperdc
