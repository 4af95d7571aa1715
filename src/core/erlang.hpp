// Erlang's formulas: loss and waiting with many servers, and the fewest servers for a goal.
//
// a = arrival rate * mean service time (erlangs), n servers, Poisson arrivals.
//   B(n, a) = (a^n / n!) / sum_{k=0..n} a^k / k!     blocked, no queue (any service times)
//   C(n, a) = B / (1 - (a/n) (1 - B)),  a < n        waits, endless queue (exponential times)
//   E[W] = C S / (n - a),   P(W > t) = C exp(-(n - a) t / S)   first come, first served
// Source: Erlang 1917; Cooper, Introduction to Queueing Theory, 2nd ed., chapter 3.
// Numerics: 1/B is a sum of positive terms, 1/B = sum_k n! / ((n-k)! a^k), and B(n) follows from
// B(n-1) by B = a B' / (n + a B'). Neither cancels: B, and C and E[W] from it, are good to about
// 1e-12 of themselves up to n = 1e6. About sqrt(a) terms are summed near n = a. B below 1e-308
// is 0.
// Leaves out: abandonment, limited queues, general service times.
#pragma once

#include <cstdint>
#include <optional>

#include "core/math.hpp"

namespace hyperdc {

/// Share of arrivals lost by n servers without a queue; offered >= 0. With n = 0: 1.
double erlang_b(std::uint64_t servers, double offered);

/// Share of arrivals that wait; 1 when offered >= servers (no steady state).
double erlang_c(std::uint64_t servers, double offered);

/// A queue with n servers, as the search for the fewest servers sees it: offered < servers.
struct ErlangWait {
  std::uint64_t servers = 0;
  double offered = 0;
  double waits = 0;  // C(servers, offered)

  double spare() const { return static_cast<double>(servers) - offered; }
  /// Mean wait in mean service times.
  double mean() const { return waits / spare(); }
  /// P(W > t), t in mean service times.
  double beyond(double t) const { return waits * math::exp(-spare() * t); }
};

/// The fewest servers, at most `most`, for which `holds(ErlangWait)`; it must stay true as servers
/// are added. Nothing when `most` do not suffice; 0 when nothing is offered.
template <class Goal>
std::optional<std::uint64_t> least_servers(double offered, std::uint64_t most, Goal holds) {
  if (offered <= 0) return 0;
  if (offered >= static_cast<double>(most)) return std::nullopt;
  auto servers = static_cast<std::uint64_t>(offered) + 1;  // the fewest that are stable
  double blocked = erlang_b(servers, offered);
  while (true) {
    const double n = static_cast<double>(servers);
    const double waits = blocked / (1 - offered / n * (1 - blocked));
    if (holds(ErlangWait{servers, offered, waits})) return servers;
    if (servers == most) return std::nullopt;
    ++servers;
    blocked = offered * blocked / (n + 1 + offered * blocked);
  }
}

}  // namespace hyperdc
