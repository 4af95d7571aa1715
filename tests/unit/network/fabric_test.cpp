// Moments at which flows end, by hand; failures; laws.
#include "network/fabric.hpp"

#include <catch2/catch.hpp>
#include <numeric>
#include <set>

#include <hyperdc/core/assert.hpp>

#include "core/rng.hpp"
#include "network/topology/fat_tree.hpp"

namespace hyperdc {
namespace {

constexpr std::int64_t kSecond = kNsPerSecond;

/// Leaves of `hosts` hosts at 100 B/s with links of 100 B/s to each of the spines; 10 ns a host
/// link, 20 ns a link above.
std::shared_ptr<const Topology> two_tiers(std::uint32_t leaves, std::uint32_t hosts,
                                          std::uint32_t spines, double host_Bps = 100) {
  ClosSpec spec;
  spec.leaves = leaves;
  spec.hosts = hosts;
  spec.spines = spines;
  spec.host = {host_Bps, {10}};
  spec.leaf = {100, {20}};
  return std::make_shared<Clos>(spec);
}

FlowSpec flow(std::uint32_t from, std::uint32_t to, std::uint64_t bytes, std::uint32_t label = 0) {
  FlowSpec spec;
  spec.from = {from};
  spec.to = {to};
  spec.bytes = bytes;
  spec.label = label;
  return spec;
}

/// Runs to the next end; that of one flow.
FlowEnd run_to_end(SharedFabric& fabric) {
  const std::optional<FlowEnd> next = fabric.next_end();
  REQUIRE(next.has_value());
  const std::span<const FlowEnd> ended = fabric.advance(next->at);
  REQUIRE(ended.size() == 1);
  REQUIRE(ended[0] == *next);
  return ended[0];
}

TEST_CASE("two flows share a link; when one leaves, the other gets all") {
  SharedFabric fabric(two_tiers(1, 4, 1), {});
  const FlowId small = fabric.start(flow(0, 1, 100), {0});
  const FlowId large = fabric.start(flow(0, 2, 300), {0});
  CHECK(fabric.rate(small) == 50);
  CHECK(fabric.load({0}) == 100);
  CHECK(fabric.load({4 + 1}) == 50);
  // 100 B at 50 B/s: 2 s. Then 200 B at 100 B/s: 2 s more. Two links of 10 ns.
  CHECK(run_to_end(fabric) == FlowEnd{small, {2 * kSecond}, {2 * kSecond + 20}});
  CHECK(fabric.rate(large) == 100);
  CHECK(run_to_end(fabric) == FlowEnd{large, {4 * kSecond}, {4 * kSecond + 20}});
  CHECK_FALSE(fabric.next_end().has_value());
  CHECK(fabric.link_bytes({0}) == 400);
  CHECK(fabric.link_bytes({4 + 1}) == 100);
  CHECK(fabric.live() == 0);
}

TEST_CASE("a cap and a weight") {
  SharedFabric fabric(two_tiers(1, 4, 1), {});
  FlowSpec capped = flow(0, 1, 100);
  capped.cap_Bps = 10;
  FlowSpec heavy = flow(0, 2, 120);
  heavy.weight = 2;
  fabric.start(capped, {0});
  fabric.start(heavy, {0});
  fabric.start(flow(0, 3, 90), {0});
  // 10, and 60 and 30 of the other 90: ends at 10 s, 2 s; the last has 30 B left at 90 B/s.
  CHECK(run_to_end(fabric).at == SimTime{2 * kSecond});
  CHECK(run_to_end(fabric).at == SimTime{2 * kSecond + kSecond / 3 + 1});
  CHECK(run_to_end(fabric).at == SimTime{10 * kSecond});
}

TEST_CASE("a link that loses half of its capacity") {
  SharedFabric fabric(two_tiers(1, 4, 1), {});
  fabric.start(flow(0, 1, 300), {0});
  fabric.set_capacity({0}, 0.5, {kSecond});  // 200 B left at 50 B/s
  CHECK(fabric.next_end()->at == SimTime{5 * kSecond});
  fabric.set_capacity({0}, 1, {3 * kSecond});
  CHECK(run_to_end(fabric).at == SimTime{4 * kSecond});
}

TEST_CASE("equal ends come in the order of the starts, whatever the slots") {
  SharedFabric fabric(two_tiers(1, 4, 1), {});
  const FlowId first = fabric.start(flow(0, 1, 7), {0});
  const FlowId second = fabric.start(flow(1, 2, 100), {0});
  fabric.cancel(first, {0});
  const FlowId third = fabric.start(flow(2, 3, 100), {0});  // in the slot of the first
  const FlowId fourth = fabric.start(flow(3, 0, 100), {0});
  CHECK(third == first);
  CHECK(fabric.next_end()->flow == second);
  const std::span<const FlowEnd> ended = fabric.advance({kSecond});
  REQUIRE(ended.size() == 3);
  CHECK(ended[0].flow == second);
  CHECK(ended[1].flow == third);
  CHECK(ended[2].flow == fourth);
}

TEST_CASE("an end is not early: 1 byte at 3 B/s takes 333,333,334 ns") {
  SharedFabric fabric(two_tiers(1, 2, 1, 3), {});
  fabric.start(flow(0, 1, 1), {0});
  CHECK(run_to_end(fabric).at == SimTime{333'333'334});
  fabric.start(flow(0, 1, 3), {kSecond});
  CHECK(run_to_end(fabric).at == SimTime{2 * kSecond});
}

TEST_CASE("within a host: at the cap, or at once; without bytes: at once") {
  SharedFabric fabric(two_tiers(2, 2, 1), {});
  FlowSpec local = flow(1, 1, 50);
  const FlowId free = fabric.start(local, {5});
  CHECK(run_to_end(fabric) == FlowEnd{free, {5}, {5}});
  local.cap_Bps = 10;
  const FlowId slow = fabric.start(local, {5});
  const FlowId empty = fabric.start(flow(0, 2, 0), {6});
  CHECK(run_to_end(fabric) == FlowEnd{empty, {6}, {6 + 60}});
  CHECK(run_to_end(fabric) == FlowEnd{slow, {5 + 5 * kSecond}, {5 + 5 * kSecond}});
  CHECK(fabric.path_latency({0}, {2}) == Duration{60});
  CHECK(fabric.path_latency({0}, {1}) == Duration{20});
  CHECK(fabric.path_latency({0}, {0}) == Duration{0});
}

TEST_CASE("a cancelled flow says what it has sent") {
  SharedFabric fabric(two_tiers(1, 4, 1), {});
  const FlowId one = fabric.start(flow(0, 1, 1000), {0});
  const FlowId two = fabric.start(flow(0, 2, 1000), {0});
  CHECK(fabric.cancel(one, {kSecond + kSecond / 2 + 10'000'000}) == 75);  // 75.5, in whole bytes
  CHECK(fabric.rate(two) == 100);
  const FabricBytes bytes = fabric.bytes();
  CHECK(bytes.offered == 2000);
  CHECK(bytes.delivered == 75);
  CHECK(bytes.withdrawn == 925);
  CHECK(bytes.in_flight == 1000);
  CHECK(fabric.link_bytes({0}) == 75);
  CHECK_THROWS_AS(fabric.cancel(one, {2 * kSecond}), InvariantError);
}

TEST_CASE("changes of a fabric that cannot be are refused") {
  SharedFabric fabric(two_tiers(1, 2, 1), {});
  CHECK_THROWS_AS(fabric.start(flow(0, 2, 1), {0}), InvariantError);
  fabric.start(flow(0, 1, 100), {10});
  CHECK_THROWS_AS(fabric.start(flow(0, 1, 1), {9}), InvariantError);
  CHECK_THROWS_AS(fabric.advance({kSecond + 11}), InvariantError);  // over the end at 1 s + 10 ns
  CHECK_THROWS_AS(fabric.set_capacity({0}, 1.5, {10}), InvariantError);
  CHECK_THROWS_AS(fabric.set_capacity({100}, 1, {10}), InvariantError);
}

/// Takes both directions of the links between spine 0 and the leaves to `fraction`.
void set_spine(SharedFabric& fabric, std::uint32_t spine, double fraction, SimTime now) {
  const Topology& net = fabric.topology();
  const std::uint32_t vertex = net.vertices() - net.summary().tiers.back().switches + spine;
  for (std::uint32_t l = 0; l < net.links(); ++l) {
    const LinkEnds ends = net.ends({l});
    if (ends.from == vertex || ends.to == vertex) fabric.set_capacity({l}, fraction, now);
  }
}

TEST_CASE("a dead spine: its flows move, and throughput falls by its share") {
  // Hosts of 1000 B/s below 4 spines of 100 B/s: the links up are full.
  SharedFabric fabric(two_tiers(2, 4, 4, 1000), {});
  std::vector<FlowId> flows;
  for (std::uint32_t i = 0; i < 400; ++i) {
    flows.push_back(fabric.start(flow(i % 4, 4 + i / 4 % 4, 1'000'000, i), {0}));
  }
  const auto throughput = [&] {
    return std::accumulate(flows.begin(), flows.end(), 0.0,
                           [&](double sum, FlowId id) { return sum + fabric.rate(id); });
  };
  const auto on_each_spine = [&] {
    std::vector<int> count(4, 0);
    for (const FlowId id : flows) ++count[fabric.choice(id).value()];
    return count;
  };
  CHECK(throughput() == Approx(400).epsilon(1e-12));
  const std::vector<int> before = on_each_spine();
  for (const int n : before) CHECK(std::abs(n - 100) < 40);  // 4.6 standard deviations
  set_spine(fabric, 2, 0, {kSecond});
  CHECK(throughput() == Approx(300).epsilon(1e-12));
  const std::vector<int> after = on_each_spine();
  CHECK(after[2] == 0);
  for (const int spine : {0, 1, 3}) {
    CHECK(after[static_cast<std::size_t>(spine)] - before[static_cast<std::size_t>(spine)] >
          before[2] / 3 - 20);
  }
  set_spine(fabric, 2, 1, {2 * kSecond});
  CHECK(on_each_spine() == after);  // flows stay where they are
  fabric.set_capacity({0}, 0.001, {2 * kSecond});
  CHECK(throughput() == Approx(300).epsilon(1e-12));
}

TEST_CASE("without any path flows wait, and go on where they were") {
  SharedFabric fabric(two_tiers(2, 2, 2), {});
  const FlowId there = fabric.start(flow(0, 2, 300), {0});
  set_spine(fabric, 0, 0, {kSecond});  // 100 B are sent
  set_spine(fabric, 1, 0, {kSecond});
  CHECK(fabric.waiting() == 1);
  CHECK(fabric.rate(there) == 0);
  CHECK_FALSE(fabric.next_end().has_value());
  const FlowId later = fabric.start(flow(1, 3, 100), {2 * kSecond});
  const FlowId near = fabric.start(flow(0, 1, 100), {2 * kSecond});
  CHECK(fabric.waiting() == 2);
  CHECK(run_to_end(fabric).flow == near);
  set_spine(fabric, 1, 1, {4 * kSecond});
  CHECK(fabric.waiting() == 0);
  CHECK(fabric.choice(there) == 1U);
  CHECK(fabric.rate(later) == 50);
  CHECK(run_to_end(fabric) == FlowEnd{later, {6 * kSecond}, {6 * kSecond + 60}});
  CHECK(run_to_end(fabric).at == SimTime{7 * kSecond});
  const FabricBytes bytes = fabric.bytes();
  CHECK(bytes.delivered == 500);
  CHECK(bytes.in_flight == 0);
  CHECK(fabric.link_bytes({0}) == 400);
  // Each byte between the leaves crossed one of the two spines.
  CHECK(fabric.link_bytes({8}) + fabric.link_bytes({9}) == 400);
}

TEST_CASE("a flow that ends in the moment in which its path dies has ended") {
  // Caps for which rate * (bytes / rate) may be a little less than the bytes.
  for (const double cap : {0.1, 0.3, 0.7}) {
    for (std::uint64_t bytes = 1; bytes <= 100; ++bytes) {
      SharedFabric fabric(two_tiers(1, 2, 1), {});
      FlowSpec spec = flow(0, 1, bytes);
      spec.cap_Bps = cap;
      const FlowId one = fabric.start(spec, {0});
      const SimTime end = fabric.next_end()->at;
      fabric.set_capacity({0}, 0, end);
      REQUIRE(fabric.next_end() == FlowEnd{one, end, end + nanoseconds(20)});
      REQUIRE(run_to_end(fabric).flow == one);
      REQUIRE(fabric.waiting() == 0);
      REQUIRE(fabric.bytes().delivered == bytes);
    }
  }
}

TEST_CASE("the seed decides who collides, and nothing else") {
  const auto net = std::make_shared<Clos>(fat_tree(8, {100, {1}}));
  const auto choices = [&](std::uint64_t seed) {
    SharedFabric fabric(net, {seed});
    std::vector<std::uint32_t> all;
    for (std::uint32_t i = 0; i < 64; ++i) {
      all.push_back(fabric.choice(fabric.start(flow(i, 127 - i, 1, 0), {0})).value());
    }
    return all;
  };
  CHECK(choices(1) == choices(1));
  CHECK(choices(1) != choices(2));
  const std::vector<std::uint32_t> drawn = choices(3);
  CHECK(std::set<std::uint32_t>(drawn.begin(), drawn.end()).size() > 8);  // of 16
}

}  // namespace
}  // namespace hyperdc
