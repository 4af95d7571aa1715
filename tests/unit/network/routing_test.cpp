// Paths by hand: spread, adaptive, detours; what a link loses by the number of its flows; and
// flows that do not share.
#include "network/routing.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <numeric>
#include <set>

#include <hyperdc/core/assert.hpp>

#include "network/fabric.hpp"
#include "network/topology/dragonfly.hpp"
#include "network/topology/fat_tree.hpp"
#include "network/topology/scale_up.hpp"

namespace hyperdc {
namespace {

/// Two leaves of 4 hosts at 100 B/s, 4 spines, 100 B/s.
std::shared_ptr<const Topology> four_spines(double leaf_Bps = 100) {
  ClosSpec spec;
  spec.leaves = 2;
  spec.hosts = 4;
  spec.spines = 4;
  spec.host = {100, {10}};
  spec.leaf = {leaf_Bps, {20}};
  return std::make_shared<Clos>(spec);
}

constexpr std::uint32_t kFirstUp = 16;  // first link from leaf 0 to the spines
constexpr std::uint32_t kDown = 24;     // first link from a spine to leaf 0

/// Servers of 4 in 2 segments of 2, each accelerator with a port of 100 B/s on each of two planes.
std::shared_ptr<const ScaleUp> dual_plane() {
  ScaleUpSpec spec;
  spec.domain = 4;
  spec.server = 4;
  spec.planes = 2;
  spec.rails = true;
  spec.net.pods = 1;
  spec.net.hosts = 2;
  spec.net.leaves = 2 * 4;
  spec.net.spines = 2;
  spec.net.leaf_links = 1;
  spec.net.host = {100, {10}};
  spec.net.leaf = {100, {20}};
  spec.scale_up = {1000, {5}};
  return std::make_shared<ScaleUp>(spec);
}

SharedFabric::Options with(Routing routing, std::uint32_t most_paths = 256) {
  SharedFabric::Options options;
  options.rules.routing = routing;
  options.rules.most_paths = most_paths;
  return options;
}

FlowSpec flow_of(std::uint32_t from, std::uint32_t to, std::uint64_t bytes,
                 std::uint32_t label = 0) {
  FlowSpec spec;
  spec.from = {from};
  spec.to = {to};
  spec.bytes = bytes;
  spec.label = label;
  return spec;
}

void run_out(SharedFabric& fabric) {
  while (const auto next = fabric.next_end()) fabric.advance(next->at);
}

TEST_CASE("an even sample has different numbers and all digits") {
  for (const std::uint32_t n : {1U, 2U, 3U, 64U, 120U, 1000U, 65536U}) {
    for (const std::uint32_t most : {1U, 16U, 256U}) {
      const EvenSample some(n, most, n / 3);
      REQUIRE(some.size() == std::min(n, most));
      std::set<std::uint32_t> seen;
      std::vector<std::uint32_t> digits(8, 0);
      for (std::uint32_t i = 0; i < some.size(); ++i) {
        REQUIRE(some[i] < n);
        seen.insert(some[i]);
        ++digits[some[i] % 8];
      }
      CHECK(seen.size() == some.size());
      CHECK(some[0] == n / 3);
      if (n % 8 == 0 && most >= 16 && n > most) {
        CHECK(std::ranges::count(digits, some.size() / 8) == 8);
      }
    }
  }
}

TEST_CASE("a spread flow has a quarter on each of four spines, and its bytes add up") {
  SharedFabric fabric(four_spines(10), with(Routing::spray));
  const FlowId one = fabric.start(flow_of(0, 4, 103), {0});
  CHECK(fabric.rate(one) == 40);  // four links of 10 B/s
  CHECK_FALSE(fabric.choice(one).has_value());
  for (std::uint32_t s = 0; s < 4; ++s) CHECK(fabric.load({kFirstUp + s}) == 10);
  CHECK(fabric.alone(flow_of(0, 4, 103)) == nanoseconds(103 * kNsPerSecond / 40 + 60));
  run_out(fabric);
  std::vector<std::uint64_t> up;
  std::vector<std::uint64_t> down;
  for (std::uint32_t s = 0; s < 4; ++s) {
    up.push_back(fabric.link_bytes({kFirstUp + s}));
    down.push_back(fabric.link_bytes({kDown + 4 + s}));
  }
  CHECK(up == down);
  std::ranges::sort(up);
  CHECK(up == std::vector<std::uint64_t>{25, 26, 26, 26});
  CHECK(fabric.link_bytes({0}) == 103);
  CHECK(fabric.link_bytes({8 + 4}) == 103);
}

TEST_CASE("spread flows never collide: a permutation gets all of its ports") {
  SharedFabric fabric(std::make_shared<Clos>(fat_tree(8, {100, {1}})), with(Routing::spray));
  for (std::uint32_t i = 0; i < 128; ++i) fabric.start(flow_of(i, 127 - i, 1000), {0});
  for (std::uint32_t i = 0; i < 128; ++i) {
    CHECK(fabric.rate({i}) == Approx(100).epsilon(1e-12));
  }
  SharedFabric hashed(std::make_shared<Clos>(fat_tree(8, {100, {1}})), {});
  for (std::uint32_t i = 0; i < 128; ++i) hashed.start(flow_of(i, 127 - i, 1000), {0});
  double all = 0;
  for (std::uint32_t i = 0; i < 128; ++i) all += hashed.rate({i});
  CHECK(all < 0.8 * 128 * 100);
}

TEST_CASE("a flow over two planes has both ports when it is spread, one when it is not") {
  // Accelerator 0 of server 0 and of server 1: one leaf of each plane.
  SharedFabric spread(dual_plane(), with(Routing::spray));
  CHECK(spread.rate(spread.start(flow_of(0, 4, 100), {0})) == 200);
  SharedFabric hashed(dual_plane(), with(Routing::ecmp));
  CHECK(hashed.rate(hashed.start(flow_of(0, 4, 100), {0})) == 100);
}

TEST_CASE("a spread flow loses the share of a dead link and gets it back") {
  SharedFabric fabric(four_spines(10), with(Routing::spray));
  const FlowId one = fabric.start(flow_of(0, 4, 1000), {0});
  fabric.set_capacity({kFirstUp + 1}, 0, {kNsPerSecond});
  CHECK(fabric.rate(one) == 30);
  CHECK(fabric.load({kFirstUp + 1}) == 0);
  fabric.set_capacity({kDown + 4 + 1}, 0, {2 * kNsPerSecond});  // of the same path
  CHECK(fabric.rate(one) == 30);
  for (const std::uint32_t s : {0U, 2U, 3U})
    fabric.set_capacity({kFirstUp + s}, 0, {2 * kNsPerSecond});
  CHECK(fabric.waiting() == 1);
  CHECK(fabric.rate(one) == 0);
  fabric.set_capacity({kFirstUp + 1}, 1, {3 * kNsPerSecond});
  CHECK(fabric.waiting() == 1);  // the same path is dead on its way down
  fabric.set_capacity({kDown + 4 + 1}, 1, {3 * kNsPerSecond});
  CHECK(fabric.rate(one) == 10);
  fabric.set_capacity({kFirstUp + 2}, 0.5, {4 * kNsPerSecond});
  CHECK(fabric.rate(one) == 10);  // half of it on a link of 5 B/s
  fabric.set_capacity({kFirstUp + 0}, 1, {5 * kNsPerSecond});
  fabric.set_capacity({kFirstUp + 2}, 1, {5 * kNsPerSecond});
  fabric.set_capacity({kFirstUp + 3}, 1, {5 * kNsPerSecond});
  CHECK(fabric.rate(one) == 40);
  run_out(fabric);
  // 40 B, 30 B, none, 10 B, 10 B; 910 B at 40 B/s.
  std::uint64_t up = 0;
  std::uint64_t down = 0;
  for (std::uint32_t s = 0; s < 4; ++s) {
    CHECK(fabric.link_bytes({kFirstUp + s}) == fabric.link_bytes({kDown + 4 + s}));
    up += fabric.link_bytes({kFirstUp + s});
    down += fabric.link_bytes({kDown + 4 + s});
  }
  CHECK(up == 1000);
  CHECK(down == 1000);
  CHECK(fabric.bytes().delivered == 1000);
}

TEST_CASE("of more paths than are allowed a flow takes so many, or one that is alive") {
  SharedFabric fabric(four_spines(10), with(Routing::spray, 2));
  const FlowId one = fabric.start(flow_of(0, 4, 1000), {0});
  CHECK(fabric.rate(one) == 20);
  std::vector<std::uint32_t> taken;
  for (std::uint32_t s = 0; s < 4; ++s) {
    if (fabric.load({kFirstUp + s}) > 0) taken.push_back(kFirstUp + s);
  }
  REQUIRE(taken.size() == 2);
  for (const std::uint32_t l : taken) fabric.set_capacity({l}, 0, {kNsPerSecond});
  CHECK(fabric.rate(one) == 10);
  CHECK(fabric.waiting() == 0);
  fabric.set_capacity({taken[0]}, 1, {2 * kNsPerSecond});
  CHECK(fabric.load({taken[0]}) == 10);
}

TEST_CASE("adaptive flows go where the fewest are") {
  SharedFabric fabric(four_spines(), with(Routing::adaptive));
  for (std::uint32_t i = 0; i < 4; ++i) fabric.start(flow_of(i, 4 + i, 1000, i), {0});
  for (std::uint32_t i = 0; i < 4; ++i) CHECK(fabric.rate({i}) == 100);  // a spine each
  for (std::uint32_t i = 0; i < 8; ++i) fabric.start(flow_of(i % 4, 7 - i % 4, 1000, 9 + i), {0});
  for (std::uint32_t s = 0; s < 4; ++s) CHECK(fabric.load({kFirstUp + s}) == 100);
  // A spine whose links have a quarter of their capacity is as loaded by one flow as others by
  // four.
  SharedFabric slow(four_spines(), with(Routing::adaptive));
  for (const std::uint32_t l : {kFirstUp + 2, kDown + 4 + 2}) slow.set_capacity({l}, 0.25, {0});
  for (std::uint32_t i = 0; i < 9; ++i) {
    slow.start(flow_of(i % 4, 4 + i % 4, 1000, i), {0});
    REQUIRE(slow.choice({i}).value() != 2);
  }
}

TEST_CASE("adaptive flows take a detour when the direct cable has more for its length") {
  DragonflySpec spec;
  spec.groups = 5;
  spec.routers = 2;
  spec.hosts = 4;
  spec.globals = 2;
  spec.host = {1000, {10}};
  spec.local = {1000, {10}};
  spec.global = {100, {30}};
  const auto net = std::make_shared<Dragonfly>(spec);
  SharedFabric fabric(net, with(Routing::adaptive));
  std::uint32_t direct = 0;
  std::uint32_t around = 0;
  for (std::uint32_t i = 0; i < 8; ++i) {
    const FlowId id = fabric.start(flow_of(i, 8 + i, 1000, i), {0});
    if (i == 0) CHECK_FALSE(fabric.route(id)->detour);  // nobody is there yet
    ++(fabric.route(id)->detour ? around : direct);
  }
  CHECK(direct >= 2);
  CHECK(around >= 4);
  double all = 0;
  for (std::uint32_t i = 0; i < 8; ++i) all += fabric.rate({i});
  CHECK(all > 300);  // the one direct cable has 100
  SharedFabric hashed(net, {});
  for (std::uint32_t i = 0; i < 8; ++i) hashed.start(flow_of(i, 8 + i, 1000, i), {0});
  double direct_only = 0;
  for (std::uint32_t i = 0; i < 8; ++i) direct_only += hashed.rate({i});
  CHECK(direct_only == Approx(100).epsilon(1e-12));
  run_out(fabric);
  CHECK(fabric.bytes().delivered == 8000);
}

TEST_CASE("valiant flows take detours by hash, and the rail of the receiver in rails") {
  SharedFabric fabric(dual_plane(), with(Routing::valiant));
  const FlowId far = fabric.start(flow_of(0, 9, 1000), {0});  // rail 0 to rail 1
  REQUIRE(fabric.route(far).has_value());
  CHECK(fabric.route(far)->detour);
  CHECK_FALSE(fabric.choice(far).has_value());
  const FlowId rail = fabric.start(flow_of(0, 8, 1000), {0});  // no detour: its own rail
  CHECK_FALSE(fabric.route(rail)->detour);
  SharedFabric clos(four_spines(), with(Routing::valiant));
  SharedFabric ecmp(four_spines(), with(Routing::ecmp));
  for (std::uint32_t i = 0; i < 20; ++i) {
    CHECK(clos.route(clos.start(flow_of(0, 4, 10, i), {0})) ==
          ecmp.route(ecmp.start(flow_of(0, 4, 10, i), {0})));
  }
}

TEST_CASE("more flows to one endpoint than it bears leave a share of its link") {
  SharedFabric::Options options;
  options.rules.incast = Incast{2, 0.1};
  SharedFabric fabric(four_spines(1000), options);
  const FlowId one = fabric.start(flow_of(0, 7, 1000), {0});
  fabric.start(flow_of(1, 7, 1000), {0});
  CHECK(fabric.rate(one) == 50);
  const FlowId third = fabric.start(flow_of(2, 7, 1000), {0});
  CHECK(fabric.load({8 + 7}) == Approx(10).epsilon(1e-12));
  CHECK(fabric.rate(one) == Approx(10.0 / 3).epsilon(1e-12));
  fabric.set_capacity({8 + 7}, 0.5, {1});
  CHECK(fabric.load({8 + 7}) == Approx(5).epsilon(1e-12));
  fabric.cancel(third, {2});
  CHECK(fabric.rate(one) == 25);
  // What three send from one endpoint is not incast.
  SharedFabric out(four_spines(1000), options);
  for (std::uint32_t to = 4; to < 7; ++to) out.start(flow_of(0, to, 1000), {0});
  CHECK(out.load({0}) == 100);
}

TEST_CASE("two flows on a link get what contention leaves, one gets all") {
  SharedFabric::Options options;
  options.rules.contention = 0.9;
  SharedFabric fabric(four_spines(1000), options);
  const FlowId one = fabric.start(flow_of(0, 7, 1000), {0});
  CHECK(fabric.rate(one) == 100);
  const FlowId two = fabric.start(flow_of(0, 6, 450), {0});
  CHECK(fabric.rate(one) == 45);
  CHECK(fabric.advance({10 * kNsPerSecond}).front().flow == two);
  CHECK(fabric.rate(one) == 100);
  options.rules.sharing = FlowSharing::constant;
  CHECK_THROWS_AS(SharedFabric(four_spines(), options), InvariantError);
}

TEST_CASE("constant flows get what their links have, whoever else is there") {
  SharedFabric::Options options;
  options.rules.sharing = FlowSharing::constant;
  SharedFabric fabric(four_spines(10), options);
  FlowSpec capped = flow_of(0, 4, 100);
  capped.cap_Bps = 4;
  const FlowId one = fabric.start(flow_of(0, 4, 100), {0});
  const FlowId two = fabric.start(capped, {0});
  const FlowId near = fabric.start(flow_of(0, 1, 100), {0});
  CHECK(fabric.rate(one) == 10);
  CHECK(fabric.rate(two) == 4);
  CHECK(fabric.rate(near) == 100);
  CHECK(fabric.load({0}) == 114);
  fabric.set_capacity({0}, 0.02, {kNsPerSecond / 2});
  CHECK(fabric.rate(one) == 2);
  CHECK(fabric.rate(near) == 2);
  fabric.set_capacity({0}, 0, {kNsPerSecond});
  CHECK(fabric.waiting() == 3);
  fabric.set_capacity({0}, 1, {2 * kNsPerSecond});
  CHECK(fabric.rate(two) == 4);
  run_out(fabric);
  CHECK(fabric.bytes().delivered == 300);
  CHECK(fabric.link_bytes({0}) == 300);
  options.rules.routing = Routing::spray;
  SharedFabric spread(four_spines(10), options);
  CHECK(spread.rate(spread.start(flow_of(0, 4, 100), {0})) == 40);
}

}  // namespace
}  // namespace hyperdc
