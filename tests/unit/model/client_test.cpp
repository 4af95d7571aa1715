// What clients do: back-off, budget and breaker by hand, and the load that retries add by law.
#include "model/client/client.hpp"

#include <catch2/catch.hpp>
#include <queue>

namespace hyperdc {
namespace {

constexpr SimTime at_ms(std::int64_t ms) {
  return {ms * 1'000'000};
}
constexpr Duration ms(std::int64_t n) {
  return {n * 1'000'000};
}

TEST_CASE("a window sum forgets slice by slice") {
  WindowSum sum(ms(100));  // slices of 10 ms
  sum.add(at_ms(0), 1);
  sum.add(at_ms(9), 2);
  sum.add(at_ms(10), 4);
  CHECK(sum.sum(at_ms(99)) == 7);
  CHECK(sum.sum(at_ms(100)) == 4);  // slice 0 is gone, 91 ms after its last amount
  CHECK(sum.sum(at_ms(109)) == 4);
  CHECK(sum.sum(at_ms(110)) == 0);
  sum.add(at_ms(500), -3);
  CHECK(sum.sum(at_ms(595)) == -3);
  CHECK(sum.sum(at_ms(5000)) == 0);
}

TEST_CASE("the window sum equals a sum over what was added") {
  const RandomStream chance(1, "window");
  WindowSum sum(ms(1000));
  std::vector<std::pair<std::int64_t, std::int64_t>> added;  // slice, amount
  std::int64_t now = 0;
  for (std::uint64_t step = 0; step < 5000; ++step) {
    now += static_cast<std::int64_t>(chance.below(step % 50 == 0 ? 800 : 12, step, 0));
    const auto amount = static_cast<std::int64_t>(chance.below(9, step, 1)) - 4;
    sum.add(at_ms(now), amount);
    added.emplace_back(now / 100, amount);
    std::int64_t expected = 0;
    for (const auto& [slice, a] : added) expected += slice > now / 100 - 10 ? a : 0;
    REQUIRE(sum.sum(at_ms(now)) == expected);
  }
}

RetrySpec retries(Jitter jitter) {
  RetrySpec spec;
  spec.max_attempts = 6;
  spec.base = ms(25);
  spec.multiplier = 2;
  spec.cap = ms(250);
  spec.jitter = jitter;
  return spec;
}

TEST_CASE("pauses double up to the cap") {
  const RetryPolicy policy(retries(Jitter::none));
  const RandomStream stream(1, "client");
  // 25, 50, 100, 200, then 400 cut to 250
  const std::vector<std::int64_t> expected = {25, 50, 100, 200, 250};
  for (std::uint32_t k = 1; k <= 5; ++k) {
    CHECK(policy.again(k));
    CHECK(policy.pause(k, 7, stream) == ms(expected[k - 1]));
  }
  CHECK_FALSE(policy.again(6));
  RetrySpec constant = retries(Jitter::none);
  constant.multiplier = 1;
  constant.max_attempts = 1000;
  CHECK(RetryPolicy(constant).pause(999, 7, stream) == ms(25));
  RetrySpec fine = retries(Jitter::none);
  fine.multiplier = 1.5;  // 25, 37.5, 56.25, 84.375, 126.5625 ms
  CHECK(RetryPolicy(fine).pause(5, 7, stream) == Duration{126'562'500});
}

TEST_CASE("jitter draws the pause from its range, uniformly") {
  const RandomStream stream(3, "client");
  for (const Jitter jitter : {Jitter::full, Jitter::equal}) {
    const RetryPolicy policy(retries(jitter));
    const double low = jitter == Jitter::full ? 0 : 50e6;  // of 100 ms, the third pause
    double sum = 0;
    std::int64_t least = 100'000'000;
    std::int64_t most = 0;
    constexpr int kDraws = 10'000;
    for (std::uint64_t request = 0; request < kDraws; ++request) {
      const std::int64_t pause = policy.pause(3, request, stream).ns;
      least = std::min(least, pause);
      most = std::max(most, pause);
      sum += static_cast<double>(pause);
    }
    CHECK(static_cast<double>(least) >= low);
    CHECK(static_cast<double>(least) < low + 0.2e6);
    CHECK(most <= 100'000'000);
    CHECK(most > 99'800'000);
    // The mean of 10,000 draws has a standard error of width / sqrt(12) / 100.
    CHECK(sum / kDraws == Approx((low + 100e6) / 2).margin(4 * (100e6 - low) / 346));
  }
}

TEST_CASE("a retry budget by hand") {
  RetryBudgetSpec spec;
  spec.ratio = 0.5;
  spec.min_per_s = 2;
  spec.window = ms(1000);
  RetryBudget budget(spec);
  // reserve 2, nothing deposited
  CHECK(budget.withdraw(at_ms(0)));
  CHECK(budget.withdraw(at_ms(0)));
  CHECK_FALSE(budget.withdraw(at_ms(1)));
  budget.deposit(at_ms(1));  // 0.5
  CHECK_FALSE(budget.withdraw(at_ms(1)));
  budget.deposit(at_ms(2));  // 1
  CHECK(budget.balance_micro(at_ms(2)) == 1'000'000);
  CHECK(budget.withdraw(at_ms(2)));
  CHECK_FALSE(budget.withdraw(at_ms(999)));
  CHECK(budget.balance_micro(at_ms(1000)) == 2'000'000);  // the slice of it all is gone
}

TEST_CASE("no window has more retries than the budget says") {
  RetryBudgetSpec spec;
  spec.ratio = 0.2;
  spec.min_per_s = 10;
  spec.window = ms(10'000);
  RetryBudget budget(spec);
  const RandomStream chance(4, "budget");
  std::vector<std::int64_t> requests, given;  // times in ms
  for (std::int64_t now = 0; now < 60'000; ++now) {
    const bool busy = now / 15'000 % 2 == 0;
    if (chance.below(busy ? 2 : 40, static_cast<std::uint64_t>(now)) == 0) {
      budget.deposit(at_ms(now));
      requests.push_back(now);
    }
    for (int wish = 0; wish < 3; ++wish) {
      if (budget.withdraw(at_ms(now))) given.push_back(now);
    }
  }
  const auto within = [](const std::vector<std::int64_t>& times, std::int64_t from,
                         std::int64_t to) {
    return std::count_if(times.begin(), times.end(),
                         [&](std::int64_t t) { return t >= from && t < to; });
  };
  std::ptrdiff_t most = 0;
  for (std::int64_t from = 0; from + 10'000 <= 60'000; from += 1000) {  // windows of whole slices
    const std::ptrdiff_t n = within(given, from, from + 10'000);
    // Retries up to the end of the window were paid by deposits of it and by the reserve.
    REQUIRE(n <=
            100 + static_cast<std::ptrdiff_t>(
                      0.2 * static_cast<double>(within(requests, from, from + 10'000)) + 1e-9));
    most = std::max(most, n);
  }
  CHECK(most > 1000);  // 100 + 0.2 * 5000 is nearly used
}

using State = CircuitBreaker::State;

BreakerSpec small_breaker() {
  BreakerSpec spec;
  spec.failure_rate = 0.5;
  spec.window_calls = 4;
  spec.minimum_calls = 3;
  spec.open_for = ms(100);
  spec.probes = 2;
  return spec;
}

/// One call: "." not permitted.
char call(CircuitBreaker& breaker, SimTime now, bool failed) {
  const auto permit = breaker.permit(now);
  if (!permit) return '.';
  breaker.result(now, *permit, failed);
  return failed ? 'f' : 'k';
}

TEST_CASE("a breaker by hand: closed, open, half-open, open, half-open, closed") {
  CircuitBreaker breaker(small_breaker());
  const auto calls = [&](std::int64_t ms_now, std::string_view outcomes) {
    std::string log;
    for (const char c : outcomes) log += call(breaker, at_ms(ms_now), c == 'f');
    return log;
  };
  CHECK(calls(0, "ff") == "ff");  // two calls: below the minimum
  CHECK(breaker.state() == State::closed);
  CHECK(calls(1, "k") == "k");  // 2 of 3 have failed
  CHECK(breaker.state() == State::open);
  CHECK(calls(100, "kk") == "..");
  CHECK(calls(101, "k") == "k");  // 100 ms after it opened
  CHECK(breaker.state() == State::half_open);
  CHECK(calls(101, "f") == "f");  // 1 of 2 probes: half of them, so it opens
  CHECK(breaker.state() == State::open);
  CHECK(calls(201, "kkfkkf") == "kkfkkf");  // two good probes close it; then f k k f: 2 of 4
  CHECK(breaker.state() == State::open);
  CHECK(breaker.openings() == 3);
}

TEST_CASE("half-open permits its probes only, and late results of other states count nothing") {
  CircuitBreaker breaker(small_breaker());
  const auto early = breaker.permit(at_ms(0));
  for (int i = 0; i < 3; ++i) call(breaker, at_ms(0), true);
  REQUIRE(breaker.state() == State::open);
  const auto first = breaker.permit(at_ms(100));
  const auto second = breaker.permit(at_ms(100));
  REQUIRE(first);
  REQUIRE(second);
  CHECK_FALSE(breaker.permit(at_ms(100)));
  breaker.result(at_ms(101), *early, true);
  breaker.result(at_ms(101), *first, false);
  CHECK(breaker.state() == State::half_open);
  CHECK_FALSE(breaker.permit(at_ms(101)));
  breaker.result(at_ms(102), *second, false);
  CHECK(breaker.state() == State::closed);
}

TEST_CASE("a window of calls forgets the oldest call, a window of time the oldest slice") {
  CircuitBreaker calls(small_breaker());
  for (const char c : std::string_view("fkkkfkkkfkkk")) {
    call(calls, at_ms(0), c == 'f');  // never more than 1 of the last 4
  }
  CHECK(calls.state() == State::closed);

  BreakerSpec spec = small_breaker();
  spec.window = ms(100);
  CircuitBreaker timed(spec);
  call(timed, at_ms(0), true);
  call(timed, at_ms(0), true);
  call(timed, at_ms(100), true);  // alone in its window
  call(timed, at_ms(105), true);
  CHECK(timed.state() == State::closed);
  call(timed, at_ms(109), false);  // 2 of 3
  CHECK(timed.state() == State::open);
}

TEST_CASE("the window of calls equals a count over the last calls") {
  BreakerSpec spec;
  spec.window_calls = 20;
  spec.minimum_calls = 20;
  spec.failure_rate = 0.6;
  const RandomStream chance(9, "calls");
  std::size_t opened = 0;
  for (std::uint64_t trial = 0; trial < 50; ++trial) {
    CircuitBreaker breaker(spec);
    std::vector<bool> failed;
    for (std::uint64_t i = 0; i < 400 && breaker.state() == State::closed; ++i) {
      failed.push_back(chance.below(100, trial, i) < 45);
      call(breaker, at_ms(0), failed.back());
      std::size_t n = 0;
      for (std::size_t k = failed.size() > 20 ? failed.size() - 20 : 0; k < failed.size(); ++k) {
        n += failed[k] ? 1 : 0;
      }
      REQUIRE((breaker.state() == State::open) == (failed.size() >= 20 && n >= 12));
    }
    opened += breaker.openings();
  }
  CHECK(opened > 10);
}

/// Attempts a request, on average, when every attempt fails at once; requests come every ms for 60
/// s.
double attempts_per_request(const ClientSpec& spec) {
  Client client(spec, 1);
  struct Pending {
    std::int64_t at_ns;
    std::uint64_t request;
    std::uint32_t attempts;  // that have failed
    bool operator<(const Pending& other) const {
      return std::tie(at_ns, request) > std::tie(other.at_ns, other.request);
    }
  };
  constexpr std::uint64_t kRequests = 60'000;
  std::priority_queue<Pending> pending;
  for (std::uint64_t i = 0; i < kRequests; ++i) {
    pending.push({at_ms(static_cast<std::int64_t>(i)).ns, i, 0});
  }
  std::uint64_t sent = 0;
  while (!pending.empty()) {
    const Pending p = pending.top();
    pending.pop();
    const SimTime now{p.at_ns};
    const auto permit = p.attempts == 0 ? client.begin(now) : client.again(now);
    if (!permit) continue;
    ++sent;
    client.ended(now, *permit, true);
    const Client::Next next = client.after(now, p.request, p.attempts + 1);
    if (next.gave_up != Client::GaveUp::no) continue;
    pending.push({(now + next.pause).ns, p.request, p.attempts + 1});
  }
  return static_cast<double>(sent) / kRequests;
}

TEST_CASE(
    "a service that always fails gets as many attempts as clients make, or as the budget lets") {
  ClientSpec spec;
  CHECK(attempts_per_request(spec) == 1);  // no retries
  spec.retry = retries(Jitter::full);
  CHECK(attempts_per_request(spec) == 6);  // each request all of its attempts
  spec.budget = RetryBudgetSpec{};
  // 20 % and 10 a second: 1 + 0.2 + 10/1000, one reserve of 100 more at the start of the window.
  CHECK(attempts_per_request(spec) == Approx(1.21).margin(0.005));
  spec.budget.reset();
  spec.breaker = BreakerSpec{};
  // Opens after 100 calls, for 60 s: nearly nothing is sent.
  CHECK(attempts_per_request(spec) == Approx(100.0 / 60'000).margin(20.0 / 60'000));
}

TEST_CASE("a client says why it gave up") {
  ClientSpec spec;
  spec.retry.max_attempts = 2;
  spec.budget = RetryBudgetSpec{0, 0, ms(1000)};
  Client client(spec, 1);
  REQUIRE(client.begin(at_ms(0)));
  CHECK(client.after(at_ms(0), 0, 1).gave_up == Client::GaveUp::budget);
  CHECK(client.after(at_ms(0), 0, 2).gave_up == Client::GaveUp::attempts);
  CHECK(reason_of(Client::GaveUp::budget) == "retry budget spent");
}

}  // namespace
}  // namespace hyperdc
