// Erlang's formulas against small fractions, published staffing and the plain recursion.
#include "core/erlang.hpp"

#include <catch2/catch.hpp>
#include <cmath>

namespace hyperdc {
namespace {

/// B(n) = a B(n-1) / (n + a B(n-1)) from B(0) = 1.
double slow_b(std::uint64_t servers, double offered) {
  double blocked = 1;
  for (std::uint64_t n = 1; n <= servers; ++n) {
    blocked = offered * blocked / (static_cast<double>(n) + offered * blocked);
  }
  return blocked;
}

}  // namespace

TEST_CASE("Erlang's formulas give the fractions of small systems") {
  // B(1, a) = a / (1 + a). B(2, 1) = (1/2) / (1 + 1 + 1/2) = 1/5.
  CHECK(erlang_b(1, 3) == Approx(0.75).epsilon(1e-15));
  CHECK(erlang_b(2, 1) == Approx(0.2).epsilon(1e-15));
  // B(3, 2) = (8/6) / (1 + 2 + 2 + 8/6) = 4/19. C(3, 2) = B / (1 - 2/3 * 15/19) = 4/9.
  CHECK(erlang_b(3, 2) == Approx(4.0 / 19).epsilon(1e-15));
  CHECK(erlang_c(3, 2) == Approx(4.0 / 9).epsilon(1e-15));
  // C(1, a) = a; C(2, 1) = (1/5) / (1 - 1/2 * 4/5) = 1/3.
  CHECK(erlang_c(1, 0.8) == Approx(0.8).epsilon(1e-15));
  CHECK(erlang_c(2, 1) == Approx(1.0 / 3).epsilon(1e-15));
}

TEST_CASE("Erlang's formulas at their limits") {
  CHECK(erlang_b(0, 5) == 1);
  CHECK(erlang_b(5, 0) == 0);
  CHECK(erlang_b(1'000'000, 10) == 0);  // far below the smallest double
  CHECK(erlang_c(5, 5) == 1);
  CHECK(erlang_c(5, 7) == 1);
  CHECK(erlang_c(5, 0) == 0);
  CHECK(erlang_c(0, 0) == 1);
}

TEST_CASE("mean waits of M/M/c are those of the closed form") {
  // E[W]/S = C / (n - a), to the digits that the tables print.
  const auto wait = [](std::uint64_t servers, double load) {
    const double offered = static_cast<double>(servers) * load;
    return ErlangWait{servers, offered, erlang_c(servers, offered)}.mean();
  };
  CHECK(wait(1, 0.8) == Approx(4.0).epsilon(1e-12));
  CHECK(wait(8, 0.8) == Approx(0.286028).margin(5e-7));
  CHECK(wait(1000, 0.95) == Approx(0.001365).margin(5e-7));
}

TEST_CASE("the sum of Erlang B agrees with the recursion, and holds for a million servers") {
  for (const std::uint64_t n : {1U, 2U, 7U, 50U, 400U, 5000U, 100'000U}) {
    for (const double load : {0.01, 0.3, 0.7, 0.95, 0.999, 1.0, 1.001, 1.3, 20.0}) {
      const double offered = static_cast<double>(n) * load;
      const double slow = slow_b(n, offered);
      CAPTURE(n, load);
      if (slow < 1e-290) continue;  // the recursion has lost its digits by then
      REQUIRE(erlang_b(n, offered) == Approx(slow).epsilon(1e-11));
    }
  }
  CHECK(erlang_b(1'000'000, 1e6) == Approx(slow_b(1'000'000, 1e6)).epsilon(1e-11));
  // B(n, n) = 1 / (sqrt(pi n / 2) + 2/3 + O(1/sqrt n)).
  CHECK(erlang_b(1'000'000, 1e6) ==
        Approx(1 / (std::sqrt(1.5707963267948966e6) + 2.0 / 3)).epsilon(1e-6));
}

TEST_CASE("the fewest servers are those of the published table") {
  // The worked example of call centres (Erlang C calculators, for instance Call Centre Helper): 100
  // calls in 30 min of 3 min each are 10 erlangs. 80 % within 20 s (t = 1/9 of a service) takes 14
  // agents, of whom 17.4 % of callers wait and 88.8 % are served in time.
  const auto in_time = [](const ErlangWait& queue) { return queue.beyond(1.0 / 9) <= 0.2; };
  CHECK(least_servers(10, 1000, in_time) == 14U);
  const ErlangWait queue{14, 10, erlang_c(14, 10)};
  CHECK(queue.waits == Approx(0.174).margin(5e-4));
  CHECK(1 - queue.beyond(1.0 / 9) == Approx(0.888).margin(5e-4));
}

TEST_CASE("the search finds what trying every number of servers finds") {
  for (const double offered : {0.2, 0.9, 1.0, 3.7, 40.0, 41.5, 900.0}) {
    for (const double goal : {0.5, 0.1, 0.001}) {
      std::uint64_t slow = 1;
      while (erlang_c(slow, offered) > goal) ++slow;
      CAPTURE(offered, goal);
      CHECK(least_servers(offered, 10'000,
                          [&](const ErlangWait& queue) { return queue.waits <= goal; }) == slow);
    }
  }
}

TEST_CASE("the search says when no number of servers will do") {
  const auto never = [](const ErlangWait&) { return false; };
  const auto always = [](const ErlangWait&) { return true; };
  CHECK(least_servers(10, 12, never) == std::nullopt);
  CHECK(least_servers(12, 12, always) == std::nullopt);
  CHECK(least_servers(11.5, 12, always) == 12U);
  CHECK(least_servers(0, 12, never) == 0U);
  // Square-root staffing: C = 0.5 near a + 0.5061 sqrt(a) (Halfin and Whitt 1981), a = 1e6.
  const auto half =
      least_servers(1e6, 2'000'000, [](const ErlangWait& q) { return q.waits <= 0.5; });
  REQUIRE(half);
  CHECK(static_cast<double>(*half - 1'000'000) == Approx(506).margin(2));
}

}  // namespace hyperdc
