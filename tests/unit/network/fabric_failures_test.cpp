// Links that die together, and paths that stand in for others, by hand.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

#include "network/fabric.hpp"
#include "network/topology/fat_tree.hpp"
#include "network/topology/graph.hpp"

namespace hyperdc {
namespace {

constexpr std::uint32_t kUp = 16;  // first link from leaf 0 to the spines

/// Two leaves of 4 hosts at 100 B/s, 4 spines at 10 B/s.
std::shared_ptr<const Topology> narrow_spines() {
  ClosSpec spec;
  spec.leaves = 2;
  spec.hosts = 4;
  spec.spines = 4;
  spec.host = {100, {10}};
  spec.leaf = {10, {20}};
  return std::make_shared<Clos>(spec);
}

FlowSpec flow_across(std::uint32_t label, std::uint64_t bytes = 1000) {
  FlowSpec spec;
  spec.from = {label % 4};
  spec.to = {4 + label / 4 % 4};
  spec.bytes = bytes;
  spec.label = label;
  return spec;
}

std::vector<LinkFraction> both_ways(const Topology& net, std::uint32_t spine, double fraction) {
  std::vector<LinkFraction> out;
  for (std::uint32_t l = 0; l < net.links(); ++l) {
    const LinkEnds ends = net.ends({l});
    const std::uint32_t vertex = net.hosts() + 2 + spine;
    if (ends.from == vertex || ends.to == vertex) out.push_back({{l}, fraction});
  }
  return out;
}

TEST_CASE("flows of links that die together go where they would go had these never been") {
  const auto net = narrow_spines();
  std::vector<LinkFraction> die = both_ways(*net, 0, 0);
  for (const LinkFraction& one : both_ways(*net, 1, 0)) die.push_back(one);
  REQUIRE(die.size() == 8);
  SharedFabric fabric(net, {});
  SharedFabric without(net, {});
  without.set_capacities(die, {0});
  std::size_t moved = 0;
  for (std::uint32_t i = 0; i < 64; ++i) {
    fabric.start(flow_across(i), {0});
    without.start(flow_across(i), {0});
    moved += *fabric.choice({i}) < 2 ? 1U : 0U;
  }
  REQUIRE(moved > 20);
  fabric.set_capacities(die, {0});
  // Who was on a path that lives stays; who moves takes what it takes where the others never were.
  for (std::uint32_t i = 0; i < 64; ++i) CHECK(fabric.choice({i}) == without.choice({i}));
  CHECK(fabric.waiting() == 0);
  const std::uint64_t before = fabric.counts().settled;
  CHECK(fabric.rate({0}) > 0);
  CHECK(fabric.counts().settled == before + 1);  // one solution for all of it
}

TEST_CASE("all die and come back at once: bytes wait and are whole") {
  for (const Routing routing : {Routing::ecmp, Routing::spray, Routing::adaptive}) {
    const auto net = narrow_spines();
    SharedFabric::Options options;
    options.rules.routing = routing;
    SharedFabric fabric(net, options);
    for (std::uint32_t i = 0; i < 16; ++i) fabric.start(flow_across(i), {0});
    std::vector<LinkFraction> all;
    for (std::uint32_t l = kUp; l < net->links(); ++l) all.push_back({{l}, 0});
    fabric.set_capacities(all, {kNsPerSecond});
    CHECK(fabric.waiting() == 16);
    for (LinkFraction& one : all) one.fraction = 1;
    fabric.set_capacities(all, {5 * kNsPerSecond});
    CHECK(fabric.waiting() == 0);
    while (const auto next = fabric.next_end()) fabric.advance(next->at);
    CHECK(fabric.bytes().delivered == 16000);
    std::uint64_t up = 0;
    for (std::uint32_t l = kUp; l < kUp + 4; ++l) up += fabric.link_bytes({l});
    CHECK(up == 16000);
  }
}

TEST_CASE("a path that stands in for one is left when that comes back, and its bytes are its own") {
  SharedFabric::Options options;
  options.rules.routing = Routing::spray;
  options.rules.most_paths = 1;
  SharedFabric fabric(narrow_spines(), options);
  const FlowId flow = fabric.start(flow_across(3), {0});
  const auto in_use = [&]() {
    for (std::uint32_t l = kUp; l < kUp + 4; ++l) {
      if (fabric.load({l}) > 0) return l;
    }
    return 0U;
  };
  const std::uint32_t own = in_use();
  fabric.set_capacity({own}, 0, {1 * kNsPerSecond});
  const std::uint32_t other = in_use();
  REQUIRE(other != own);
  // The others die while it is elsewhere: nothing of it may be charged to them.
  for (std::uint32_t l = kUp; l < kUp + 4; ++l) {
    if (l != own && l != other) fabric.set_capacity({l}, 0, {3 * kNsPerSecond});
  }
  CHECK(in_use() == other);
  fabric.set_capacity({own}, 1, {6 * kNsPerSecond});
  CHECK(in_use() == own);
  fabric.cancel(flow, {8 * kNsPerSecond});
  for (std::uint32_t l = kUp; l < kUp + 4; ++l) {
    const std::uint64_t expected = l == own ? 10 + 20 : l == other ? 50 : 0;
    CHECK(fabric.link_bytes({l}) == expected);
  }
}

TEST_CASE("alone is over the fastest of paths that differ") {
  GraphSpec spec;
  spec.hosts = 2;
  spec.switches = 2;
  spec.add_cable(0, 2, {1000, {0}});
  spec.add_cable(1, 3, {1000, {0}});
  spec.add_cable(2, 3, {10, {0}});
  spec.add_cable(2, 3, {100, {0}});
  auto made = GraphTopology::make(spec);
  const std::shared_ptr<const Topology> net = std::move(std::get<0>(made));
  REQUIRE(net->choices({0}, {1}) == 2);
  CHECK_FALSE(net->alike_paths());
  SharedFabric fabric(net, {});
  FlowSpec flow;
  flow.from = {0};
  flow.to = {1};
  flow.bytes = 1000;
  CHECK(fabric.alone(flow) == seconds(10));
  for (flow.label = 0; flow.label < 8; ++flow.label) {
    const SimTime now = fabric.next_end() ? fabric.next_end()->at : SimTime{};
    fabric.advance(now);
    fabric.start(flow, now);
    CHECK(fabric.next_end()->at - now >= fabric.alone(flow));
  }
}

TEST_CASE("alone is the best of all paths, for each pair anew") {
  // Two leaves of 3 hosts, 4 spines whose cables differ; hosts' own cables differ too.
  GraphSpec spec;
  spec.hosts = 6;
  spec.switches = 6;
  for (std::uint32_t h = 0; h < 6; ++h) spec.add_cable(h, 6 + h / 3, {30.0 + 20 * h, {1000 * h}});
  for (std::uint32_t s = 0; s < 4; ++s) {
    spec.add_cable(6, 8 + s, {20.0 * (s + 1), {s % 2 == 0 ? 5 : 100}});
    spec.add_cable(7, 8 + s, {100.0 - 10 * s, {7}});
  }
  auto made = GraphTopology::make(spec);
  const std::shared_ptr<const Topology> net = std::move(std::get<0>(made));
  SharedFabric fabric(net, {});
  LinkPath path;
  for (std::uint32_t from = 0; from < 6; ++from) {
    for (std::uint32_t to = 0; to < 6; ++to) {
      if (from == to) continue;
      FlowSpec flow;
      flow.from = {from};
      flow.to = {to};
      flow.bytes = 1'000'000;
      Duration best{std::int64_t{1} << 62};
      for (std::uint32_t choice = 0; choice < net->choices({from}, {to}); ++choice) {
        net->path({from}, {to}, choice, path);
        double rate = kNoCap_Bps;
        std::int64_t ns = 0;
        for (const LinkId link : path.links()) {
          rate = std::min(rate, net->link(link).capacity_Bps);
          ns += net->link(link).latency.ns;
        }
        best =
            std::min(best, Duration{ns + static_cast<std::int64_t>(std::ceil(1e6 / rate * 1e9))});
      }
      CHECK(fabric.alone(flow) == best);
    }
  }
}

TEST_CASE("a spread flow reaches what there is any way to") {
  // A direct cable and one by way of another switch.
  GraphSpec spec;
  spec.hosts = 2;
  spec.switches = 3;
  spec.add_cable(0, 2, {100, {0}});
  spec.add_cable(1, 3, {100, {0}});
  spec.add_cable(2, 3, {100, {0}});
  spec.add_cable(2, 4, {100, {0}});
  spec.add_cable(4, 3, {100, {0}});
  auto made = GraphTopology::make(spec);
  const std::shared_ptr<const Topology> net = std::move(std::get<0>(made));
  for (const Routing routing : {Routing::spray, Routing::ecmp}) {
    SharedFabric::Options options;
    options.rules.routing = routing;
    SharedFabric fabric(net, options);
    FlowSpec flow;
    flow.from = {0};
    flow.to = {1};
    flow.bytes = 1000;
    fabric.set_capacities(std::vector<LinkFraction>{{{4}, 0}, {{5}, 0}}, {0});
    CHECK(fabric.reaches(flow));
    CHECK(fabric.rate(fabric.start(flow, {0})) == 100);
    fabric.set_capacity({6}, 0, {1});
    CHECK_FALSE(fabric.reaches(flow));
  }
}

}  // namespace
}  // namespace hyperdc
