// Consistent hashing: minimal disruption, equal shares, bounded loads; the ring against a sorted
// list.
#include <catch2/catch.hpp>
#include <cmath>
#include <set>

#include "core/hash.hpp"
#include "core/rng.hpp"
#include "policy/router/hash_ring.hpp"
#include "unit/policy/fake_deployment.hpp"

namespace hyperdc {
namespace {

using testing::FakeDeployment;
using testing::make_router;

TEST_CASE("the ring equals a sorted list of points") {
  for (const std::uint32_t spread : {~0U, 1000U, 10U}) {  // few hashes: runs, collisions, the ends
    HashRing ring;
    std::multiset<std::pair<std::uint32_t, std::uint32_t>> slow;
    const RandomStream chance(spread, "ring");
    const auto hash_of = [&](std::uint64_t bits) {
      const auto low = static_cast<std::uint32_t>(bits % spread);
      return bits >> 63 != 0 ? ~low : low;
    };
    for (std::uint64_t step = 0; step < 6000; ++step) {
      const auto bits = chance.bits(step, 0);
      if (slow.size() > 3 && bits[1] % 10 < (step < 3000 ? 3 : 6)) {
        auto victim = slow.begin();
        std::advance(victim, static_cast<std::ptrdiff_t>(bits[0] % slow.size()));
        ring.erase(victim->first, victim->second);
        slow.erase(victim);
      } else {
        const auto replica = static_cast<std::uint32_t>(bits[1] % 97);
        slow.emplace(hash_of(bits[0]), replica);
        ring.insert(hash_of(bits[0]), replica);
      }
      REQUIRE(ring.points() == slow.size());
      const std::uint32_t key = hash_of(chance.u64(step, 1));
      auto expected = slow.lower_bound({key, 0});
      std::size_t place = ring.find(key);
      for (int i = 0; i < 3; ++i) {
        if (expected == slow.end()) expected = slow.begin();
        REQUIRE(ring.owner(place) == expected->second);
        ++expected;
        place = ring.after(place);
      }
    }
  }
}

std::vector<std::uint32_t> owners(FakeDeployment& deployment, std::uint64_t sessions) {
  std::vector<std::uint32_t> out;
  for (std::uint64_t session = 0; session < sessions; ++session) {
    out.push_back(deployment.pick({0, session}));
  }
  return out;
}

TEST_CASE("only the sessions of a replica that comes or goes move") {
  const auto router = make_router("consistent-hash");
  FakeDeployment deployment(*router, 50);
  constexpr std::uint64_t kSessions = 20'000;
  const auto before = owners(deployment, kSessions);
  deployment.add(50);
  const auto with = owners(deployment, kSessions);
  std::size_t moved = 0;
  for (std::size_t i = 0; i < kSessions; ++i) {
    if (with[i] == before[i]) continue;
    REQUIRE(with[i] == 50);
    ++moved;
  }
  // 1/51 of the sessions: 392. The share of a replica has a standard deviation of about 1/sqrt(100)
  // of itself (39), the sessions that fall into it sqrt(392) (20): together 44.
  CHECK(moved > 392 - 4 * 44);
  CHECK(moved < 392 + 4 * 44);
  deployment.remove(7);
  const auto without = owners(deployment, kSessions);
  for (std::size_t i = 0; i < kSessions; ++i) {
    if (with[i] == 7) {
      REQUIRE(without[i] != 7);
    } else {
      REQUIRE(without[i] == with[i]);
    }
  }
  deployment.remove(50);
  deployment.add(7);
  CHECK(owners(deployment, kSessions) == before);  // order of coming does not matter
}

TEST_CASE("shares vary by one over the square root of the virtual nodes") {
  for (const double nodes : {4.0, 100.0}) {
    Params set;
    set.set("virtual_nodes", nodes);
    const auto router = make_router("consistent-hash", set);
    FakeDeployment deployment(*router, 400);
    constexpr double kEach = 500;
    for (std::uint64_t session = 0; session < 400 * 500; ++session) deployment.send({0, session});
    double square = 0;
    for (std::uint32_t i = 0; i < 400; ++i) {
      const double off = deployment.load(i) / kEach - 1;
      square += off * off / 400;
    }
    // The share of v of N points is Beta(v, N - v): cv 1/sqrt(v); counting adds 1/500 to the
    // square.
    CAPTURE(nodes, square);
    const double expected = 1 / nodes + 1 / kEach;
    CHECK(square == Approx(expected).epsilon(0.35));  // of 400 shares: 4 standard errors
  }
}

TEST_CASE("bounded loads keep every replica below one plus slack times the mean") {
  Params set;
  set.set("bounded", true);
  set.set("slack", 0.25);
  const auto bounded = make_router("consistent-hash", set);
  const auto plain = make_router("consistent-hash");
  FakeDeployment deployment(*bounded, 20);
  FakeDeployment same(*plain, 20);
  std::vector<std::uint32_t> sent;
  std::size_t at_home = 0;
  const RandomStream chance(5, "hot");
  for (std::uint64_t request = 0; request < 5000; ++request) {
    // half of the requests ask for one hot object
    const std::uint64_t draw = chance.below(2000, request);
    const std::uint64_t session = draw < 1000 ? 0 : draw;
    const std::uint32_t pick = deployment.send({request, session});
    at_home += pick == same.pick({request, session}) ? 1 : 0;
    sent.push_back(pick);
    const double total = static_cast<double>(std::min<std::uint64_t>(request + 1, 200));
    REQUIRE(deployment.load(pick) <= std::ceil(1.25 * total / 20));
    if (sent.size() >= 200) {  // 200 in the system: the oldest ends
      const std::uint32_t oldest = sent[request - 199];
      deployment.set_load(oldest, deployment.load(oldest) - 1);
    }
  }
  CHECK(at_home > 1500);  // of the 2500 that are not hot most stay
}

TEST_CASE("a bounded load by hand: full replicas pass on to the next on the circle") {
  Params set;
  set.set("bounded", true);
  set.set("slack", 0.5);
  const auto router = make_router("consistent-hash", set);
  FakeDeployment deployment(*router, 3);
  const std::uint32_t home = deployment.pick({0, 42});
  // Requests of one session. Bound for the k-th: ceil(1.5 k / 3) = 1 1 2 2 3 3 4.
  CHECK(deployment.send({0, 42}) == home);  // 1 0 0
  const std::uint32_t second = deployment.send({1, 42});
  CHECK(second != home);                      // 1 1 0
  CHECK(deployment.send({2, 42}) == home);    // 2 1 0
  CHECK(deployment.send({3, 42}) == second);  // 2 2 0
  CHECK(deployment.send({4, 42}) == home);    // 3 2 0
  CHECK(deployment.send({5, 42}) == second);  // 3 3 0
  CHECK(deployment.send({6, 42}) == home);    // 4 3 0
}

}  // namespace
}  // namespace hyperdc
