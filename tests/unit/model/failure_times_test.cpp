#include "model/failure/failure_times.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <vector>

#include "model/failure/repair_shop.hpp"
#include "support/instants.hpp"

using namespace hyperdc;
using hyperdc::test::at_s;

namespace {

const RandomStream kTimes(1, "failures.x.times");
const RandomStream kLemons(1, "failures.x.lemons");

/// Every failure up to the horizon; each item is renewed `repair_s` after it failed.
std::vector<FailureTimes::Next> history(const FailureTimes::Options& options, double repair_s) {
  FailureTimes times(options, kTimes, kLemons);
  std::vector<FailureTimes::Next> out;
  std::vector<FailureTimes::Next> repairs;  // by time
  std::vector<bool> down(options.items, false);
  while (true) {
    const auto next = times.peek();
    if (!next && (repairs.empty() || repairs.front().at > options.horizon)) return out;
    if (!repairs.empty() && (!next || repairs.front().at <= next->at)) {
      const FailureTimes::Next repaired = repairs.front();
      repairs.erase(repairs.begin());
      down[repaired.item] = false;
      times.renewed(repaired.item, repaired.at);
      continue;
    }
    times.pop();
    if (down[next->item]) continue;
    down[next->item] = true;
    times.failed(next->item);
    out.push_back(*next);
    repairs.push_back({next->at + seconds(repair_s), next->item});
  }
}

}  // namespace

TEST_CASE("constant times to failure: each item fails at its time, then that long after repair") {
  FailureTimes::Options options;
  options.items = 2;
  options.time_to_failure = Constant{10};
  options.horizon = at_s(40);
  const auto all = history(options, 5);
  // up 10 s, down 5 s: failures at 10, 25 and 40 of both items, the lower number first
  REQUIRE(all.size() == 6);
  for (std::size_t i = 0; i < all.size(); ++i) {
    CHECK(all[i].at == at_s(10 + 15.0 * static_cast<double>(i / 2)));
    CHECK(all[i].item == i % 2);
  }
}

TEST_CASE("a lemon fails sooner by the factor") {
  FailureTimes::Options options;
  options.items = 1000;
  options.time_to_failure = Constant{100};
  options.lemon_share = 0.1;
  options.lemon_factor = 4;
  options.horizon = at_s(60);
  FailureTimes times(options, kTimes, kLemons);
  std::size_t lemons = 0;
  for (std::uint32_t i = 0; i < options.items; ++i) lemons += times.is_lemon(i);
  CHECK(lemons > 70);  // 100 +- 9.5
  CHECK(lemons < 130);
  std::size_t failed = 0;
  while (const auto next = times.peek()) {
    CHECK(next->at == at_s(25));
    CHECK(times.is_lemon(next->item));
    times.failed(next->item);
    ++failed;
  }
  CHECK(failed == lemons);
}

TEST_CASE("the failure of another voids what an item had before it, until it is renewed") {
  FailureTimes::Options options;
  options.items = 1;
  options.time_to_failure = Constant{10};
  options.horizon = at_s(100);
  FailureTimes times(options, kTimes, kLemons);
  REQUIRE(times.peek());
  times.failed(0);
  CHECK_FALSE(times.peek());
  times.renewed(0, at_s(7));
  REQUIRE(times.peek());
  CHECK(times.peek()->at == at_s(17));
}

TEST_CASE("the superposition fails as often as items by themselves do") {
  // Exponential, mean 50 s, repair 10 s: each item fails every 60 s on average. 200 items, 6000 s:
  // 20,000 failures, with a standard deviation of 20,000^0.5 * 50/60 = 118. The heap form is the
  // same law by a Weibull of cv 1, which is the exponential.
  FailureTimes::Options options;
  options.items = 200;
  options.horizon = at_s(6000);
  options.time_to_failure = Exponential{50};
  const auto superposed = history(options, 10);
  options.time_to_failure = Weibull{50, 1};
  const auto by_item = history(options, 10);
  CHECK(std::abs(static_cast<double>(superposed.size()) - 20000) < 5 * 118);
  CHECK(std::abs(static_cast<double>(by_item.size()) - 20000) < 5 * 118);
  CHECK(std::is_sorted(superposed.begin(), superposed.end(),
                       [](const auto& a, const auto& b) { return a.at < b.at; }));
}

TEST_CASE("lemons of the superposition fail in proportion to their rate") {
  FailureTimes::Options options;
  options.items = 500;
  options.horizon = at_s(20000);
  options.time_to_failure = Exponential{1000};
  options.lemon_share = 0.2;
  options.lemon_factor = 10;
  FailureTimes times(options, kTimes, kLemons);
  double rate = 0;
  double lemon_rate = 0;
  for (std::uint32_t i = 0; i < options.items; ++i) {
    const double own = times.is_lemon(i) ? 0.01 : 0.001;
    rate += own;
    if (times.is_lemon(i)) lemon_rate += own;
  }
  double all = 0;
  double of_lemons = 0;
  while (const auto next = times.peek()) {
    times.pop();
    all += 1;
    of_lemons += times.is_lemon(next->item);
  }
  CHECK(all == Approx(rate * 20000).epsilon(0.03));
  CHECK(of_lemons / all == Approx(lemon_rate / rate).epsilon(0.03));
}

TEST_CASE("infant mortality: with cv above 1 most failures are early ones") {
  FailureTimes::Options options;
  options.items = 2000;
  options.horizon = at_s(1000);
  options.time_to_failure = Weibull{1000, 2.236};  // shape 0.5
  FailureTimes times(options, kTimes, kLemons);
  double first_tenth = 0;
  double all = 0;
  while (const auto next = times.peek()) {
    times.failed(next->item);
    all += 1;
    first_tenth += next->at <= at_s(100);
  }
  // F(t) = 1 - exp(-(t / 500)^0.5): F(1000) = 0.757, F(100) = 0.361
  CHECK(all / 2000 == Approx(0.757).margin(0.03));
  CHECK(first_tenth / 2000 == Approx(0.361).margin(0.03));
}

TEST_CASE("repairs wait for technicians and for parts, first come, first served") {
  RepairShop shop(2, 3);
  for (std::uint32_t item : {5u, 6u, 7u, 8u}) shop.arrive(item);
  CHECK(shop.begin() == 5u);
  CHECK(shop.begin() == 6u);
  CHECK_FALSE(shop.begin());  // both technicians are at work
  CHECK(shop.waiting() == 2);
  shop.finished();
  CHECK(shop.begin() == 7u);
  shop.finished();
  CHECK_FALSE(shop.begin());  // a technician is free, but no part is left
  shop.part_arrived();
  CHECK(shop.begin() == 8u);
  CHECK(shop.in_repair() == 2);
  RepairShop free_hand(std::nullopt, std::nullopt);
  for (std::uint32_t item = 0; item < 100; ++item) free_hand.arrive(item);
  while (free_hand.begin()) {
  }
  CHECK(free_hand.in_repair() == 100);
}
