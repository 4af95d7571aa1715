// Round robin and the routers that look at loads: by hand, by law, and the index against a search.
#include <catch2/catch.hpp>
#include <map>

#include "core/rng.hpp"
#include "policy/router/load_index.hpp"
#include "unit/policy/fake_deployment.hpp"

namespace hyperdc {
namespace {

using testing::FakeDeployment;
using testing::make_router;

std::string picks(FakeDeployment& deployment, int n) {
  std::string text;
  for (int i = 0; i < n; ++i) text += static_cast<char>('a' + deployment.pick({}));
  return text;
}

TEST_CASE("round robin goes round; a new replica waits a whole round") {
  const auto router = make_router("round-robin");
  FakeDeployment deployment(*router, 3);
  CHECK(picks(deployment, 4) == "abca");
  deployment.add(3);  // b is next; d stands before b
  CHECK(picks(deployment, 5) == "bcadb");
  deployment.remove(2);  // c would be next
  CHECK(picks(deployment, 4) == "adba");
  deployment.remove(0);
  deployment.remove(1);
  CHECK(picks(deployment, 2) == "dd");
  deployment.remove(3);
  deployment.add(1);
  CHECK(picks(deployment, 2) == "bb");
}

TEST_CASE("between two turns of a replica each other that stayed has one turn") {
  const auto router = make_router("round-robin");
  FakeDeployment deployment(*router, 20);
  const RandomStream chance(3, "rounds");
  std::map<std::uint32_t, std::uint64_t> came, last;  // step of
  for (std::uint32_t i = 0; i < 20; ++i) came[i] = 0;
  std::vector<std::vector<std::uint64_t>> turns(60);
  for (std::uint64_t step = 1; step < 5000; ++step) {
    const auto replica = static_cast<std::uint32_t>(chance.below(60, step));
    if (step % 7 == 0 && !deployment.is_ready(replica)) {
      deployment.add(replica);
      came[replica] = step;
      last.erase(replica);
    } else if (step % 7 == 3 && deployment.is_ready(replica) && deployment.ready().size() > 1) {
      deployment.remove(replica);
    } else {
      const std::uint32_t pick = deployment.pick({});
      if (const auto before = last.find(pick); before != last.end()) {
        for (const std::uint32_t other : deployment.ready()) {
          if (other == pick || came[other] > before->second) continue;
          const auto n = std::count_if(turns[other].begin(), turns[other].end(),
                                       [&](std::uint64_t at) { return at > before->second; });
          REQUIRE(n == 1);
        }
      }
      last[pick] = step;
      turns[pick].push_back(step);
    }
  }
}

TEST_CASE("least-loaded takes the least, equals in turn") {
  const auto router = make_router("least-loaded");
  FakeDeployment deployment(*router, 3);
  // loads 0 0 0 -> a 1 0 0 -> b 1 1 0 -> c 1 1 1 -> a, who has had 1 longest
  for (const std::uint32_t expected : {0U, 1U, 2U, 0U}) CHECK(deployment.send({}) == expected);
  deployment.set_load(2, 0);
  CHECK(deployment.send({}) == 2);  // loads 2 1 1: b has had 1 longer than c
  CHECK(deployment.send({}) == 1);
  deployment.add(3, 1);  // loads 2 2 1 1: c came to 1 before d
  CHECK(deployment.send({}) == 2);
  CHECK(deployment.send({}) == 3);
  deployment.remove(0);  // 2 2 2 without a
  deployment.set_load(3, 9);
  CHECK(deployment.send({}) == 1);
}

TEST_CASE("the load index equals a search through all replicas") {
  LoadIndex index;
  struct Slow {
    bool in = false;
    std::uint32_t load = 0;
    std::uint64_t since = 0;
  };
  std::vector<Slow> slow(50);
  const RandomStream chance(11, "index");
  std::size_t in = 0;
  for (std::uint64_t step = 1; step < 20000; ++step) {
    const auto replica = static_cast<std::uint32_t>(chance.below(50, step, 0));
    const std::uint64_t what = chance.below(10, step, 1);
    Slow& s = slow[replica];
    if (!s.in) {
      index.add(replica);
      s = {true, 0, step};
      ++in;
    } else if (what == 0) {
      index.remove(replica);
      s.in = false;
      --in;
    } else if (what == 1) {
      index.rotate(replica);
      s.since = step;
    } else {
      const std::uint64_t jump = chance.below(40, step, 2);
      const auto load = static_cast<std::uint32_t>(what == 2       ? jump
                                                   : what % 2 == 0 ? s.load + 1
                                                                   : s.load - (s.load > 0 ? 1 : 0));
      index.set(replica, load);
      if (load != s.load) s = {true, load, step};
    }
    REQUIRE(index.empty() == (in == 0));
    if (in == 0) continue;
    std::uint32_t best = ~0U;
    for (std::uint32_t i = 0; i < 50; ++i) {
      if (!slow[i].in) continue;
      if (best == ~0U ||
          std::tie(slow[i].load, slow[i].since) < std::tie(slow[best].load, slow[best].since)) {
        best = i;
      }
    }
    REQUIRE(index.least() == best);
  }
}

TEST_CASE("least-loaded with stale loads sends a herd to whoever looked emptiest") {
  Params set;
  set.set("refresh", 1.0);
  const auto router = make_router("least-loaded", set);
  FakeDeployment deployment(*router, 4);
  CHECK_FALSE(router->follows_load());
  deployment.set_load(0, 3);
  deployment.set_load(1, 2);
  deployment.set_load(2, 2);
  deployment.set_load(3, 5);
  for (int i = 0; i < 6; ++i) CHECK(deployment.send({}) == (i % 2 == 0 ? 1U : 2U));
  deployment.now = {999'999'999};
  CHECK(deployment.send({}) == 1);  // loads 3 6 5 5 by now, but the board says 3 2 2 5
  deployment.remove(1);
  CHECK(deployment.send({}) == 2);
  deployment.remove(2);
  deployment.add(4);                // not on the board
  CHECK(deployment.send({}) == 0);  // the next on the board
  deployment.now = {1'000'000'000};
  CHECK(deployment.send({}) == 4);
}

TEST_CASE("power of two takes the less loaded of the two that it drew") {
  const auto random = make_router("power-of-two", [] {
    Params set;
    set.set("choices", 1.0);
    return set;
  }());
  const auto two = make_router("power-of-two");
  FakeDeployment first(*random, 10);
  FakeDeployment both(*two, 10);
  for (std::uint32_t i = 0; i < 10; ++i) both.set_load(i, i);
  std::size_t better = 0;
  for (std::uint64_t request = 0; request < 2000; ++request) {
    const std::uint32_t drawn = first.pick({request, 0});  // the first draw of both is the same
    const std::uint32_t taken = both.pick({request, 0});
    REQUIRE(taken <= drawn);
    better += taken < drawn ? 1 : 0;
  }
  // P(second draw < first) = (1 - 1/10) / 2 = 0.45; sd of 2000 trials: 22
  CHECK(better > 900 - 100);
  CHECK(better < 900 + 100);
}

TEST_CASE("power of two with stale loads goes by the board") {
  Params set;
  set.set("refresh", 2.0);
  set.set("choices", 64.0);  // of two replicas both are drawn
  const auto router = make_router("power-of-two", set);
  FakeDeployment deployment(*router, 2);
  deployment.set_load(0, 1);
  for (std::uint64_t i = 0; i < 20; ++i) CHECK(deployment.send({i, 0}) == 1);
  deployment.now = {2'000'000'000};
  CHECK(deployment.send({20, 0}) == 0);
}

}  // namespace
}  // namespace hyperdc
