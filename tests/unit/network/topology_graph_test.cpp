// Any graph: paths by hand, shortest paths against a slow enumeration, bad graphs.
#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "core/rng.hpp"
#include "network/topology/graph.hpp"
#include "support/topology_cases.hpp"

namespace hyperdc {
namespace {

using Vertices = std::vector<std::uint32_t>;
constexpr ClosLink kPatch{10, {5}};

std::unique_ptr<GraphTopology> made(GraphSpec spec) {
  auto result = GraphTopology::make(std::move(spec));
  REQUIRE(result.index() == 0);
  return std::move(std::get<0>(result));
}

std::string refused(GraphSpec spec) {
  const auto result = GraphTopology::make(std::move(spec));
  REQUIRE(result.index() == 1);
  return std::get<1>(result);
}

/// Hosts 0 to 3 on a ring of the switches 4 to 7.
GraphSpec ring() {
  GraphSpec spec;
  spec.switches = 4;
  spec.add_hosts(1, {20, {1}});
  for (std::uint32_t s = 0; s < 4; ++s) spec.add_cable(4 + s, 4 + (s + 1) % 4, kPatch);
  return spec;
}

TEST_CASE("the paths of a ring of switches by hand") {
  const auto net = made(ring());
  CHECK(net->hosts() == 4);
  CHECK(net->choices({0}, {1}) == 1);
  CHECK(net->choices({0}, {2}) == 2);
  CHECK(path_vertices(*net, 0, 2, 0) == Vertices{0, 4, 5, 6, 2});
  CHECK(path_vertices(*net, 0, 2, 1) == Vertices{0, 4, 7, 6, 2});
  CHECK(net->link({0}) == LinkInfo{20, {1}, 0});
  CHECK(net->link({8}) == LinkInfo{10, {5}, 1});
  CHECK(net->detours({0}, {1}) == 2);  // by switch 6 or 7
  CHECK(path_vertices(*net, 0, 1, 1, true) == Vertices{0, 4, 7, 4, 5, 1});
  const TopologySummary all = net->summary();
  CHECK(all.diameter == 4);
  CHECK(all.radix == 3);
  CHECK(all.cables == std::vector<std::uint64_t>{4, 4});
  // Load of each directed link of the ring: 1 + 2 * 1/2 * 2 / 2 hops: 4 * (1 + 1 + 2) / 8 = 2.
  CHECK(all.bisection_Bps == 4 * 4 / (4 * 2 / 10.0));
  CHECK(net->racks() == 4);
}

TEST_CASE("routes that are given replace the shortest paths of a pair") {
  GraphSpec spec = ring();
  // Links: host cables 0 to 7; ring cable s is 8 + 2 s one way and 9 + 2 s back.
  spec.routes = {{0, 1, {0, 15, 13, 11, 3}}, {0, 1, {0, 8, 3}}, {2, 3, {4, 12, 7}}};
  const auto net = made(spec);
  CHECK(net->choices({0}, {1}) == 2);
  CHECK(path_vertices(*net, 0, 1, 0) == Vertices{0, 4, 7, 6, 5, 1});
  CHECK(path_vertices(*net, 0, 1, 1) == Vertices{0, 4, 5, 1});
  CHECK(net->detours({0}, {1}) == 0);
  CHECK(net->choices({1}, {0}) == 1);
  CHECK(net->choices({0}, {2}) == 2);
  spec.routes = {{0, 1, {0, 8, 3}}, {0, 1, {0, 8, 3}}};
  CHECK(refused(spec) == "a route from host 0 to host 1 is given twice");
  spec.routes = {{0, 1, {0, 3}}};
  CHECK(refused(spec) ==
        "the route from host 0 to host 1 has a link 2 that does not start at switch 0");
  spec.routes = {{0, 1, {0, 8}}};
  CHECK(refused(spec) == "the route from host 0 to host 1 ends at switch 1");
  spec.routes = {{0, 1, {0, 99}}};
  CHECK(refused(spec) == "the route from host 0 to host 1 names a link that does not exist");
  spec.routes = {{0, 1, {0, 8, 9, 8, 3}}};
  CHECK(refused(spec) == "the route from host 0 to host 1 crosses a link twice");
  spec.routes = {{0, 0, {}}};
  CHECK(refused(spec) == "the route from host 0 to host 0 must lead to another host");
}

TEST_CASE("hosts with two cables do not forward, unless there are no switches") {
  GraphSpec two;  // host 1 is on both switches, 0 and 2 on one each
  two.hosts = 3;
  two.switches = 2;
  for (const auto& [host, leaf] : {std::pair{0U, 3U}, {1U, 3U}, {1U, 4U}, {2U, 4U}}) {
    two.add_cable(host, leaf, kPatch);
  }
  CHECK(refused(two) == "there is no path of up to 64 links from host 2 to host 0");
  two.add_cable(3, 4, kPatch);
  const auto net = made(two);
  CHECK(path_vertices(*net, 0, 2, 0) == Vertices{0, 3, 4, 2});
  CHECK(path_vertices(*net, 0, 1, 0) == Vertices{0, 3, 1});
  CHECK(net->racks() == 3);
  GraphSpec line;
  line.hosts = 3;
  line.add_cable(0, 1, kPatch);
  line.add_cable(1, 2, kPatch);
  const auto hosts = made(line);
  CHECK(path_vertices(*hosts, 0, 2, 0) == Vertices{0, 1, 2});
  CHECK(hosts->detours({0}, {2}) == 0);
  CHECK(hosts->link_tiers().size() == 1);
  CHECK(hosts->summary().switches() == 0);
  CHECK(hosts->summary().bisection_Bps <= 10);
}

TEST_CASE("a route may pass where no shortest path does") {
  GraphSpec spec;  // two hosts on switches that only a host with two cables joins
  spec.hosts = 3;
  spec.switches = 2;
  for (const auto& [host, leaf] : {std::pair{0U, 3U}, {1U, 3U}, {1U, 4U}, {2U, 4U}}) {
    spec.add_cable(host, leaf, kPatch);
  }
  spec.routes = {{0, 2, {0, 3, 4, 7}}, {2, 0, {6, 5, 2, 1}}};
  const auto net = made(spec);
  CHECK(path_vertices(*net, 0, 2, 0) == Vertices{0, 3, 1, 4, 2});
  CHECK(net->longest_path() == 4);
  CHECK(net->summary().bisection_Bps == 0);  // not known
}

TEST_CASE("links of one direction are their own opposite") {
  GraphSpec spec;  // 0 -> 1 -> 2 -> 0
  spec.hosts = 3;
  for (std::uint32_t v = 0; v < 3; ++v) spec.links.push_back({v, (v + 1) % 3, kPatch});
  const auto net = made(spec);
  CHECK(net->opposite({1}) == LinkId{1});
  CHECK(path_vertices(*net, 0, 2, 0) == Vertices{0, 1, 2});
  CHECK(path_vertices(*net, 2, 0, 0) == Vertices{2, 0});
  CHECK(net->summary().cables == std::vector<std::uint64_t>{3});
}

TEST_CASE("graphs that cannot be are told") {
  CHECK(refused({}) == "a graph needs hosts");
  GraphSpec spec = ring();
  spec.links[8].of.capacity_Bps = 0;
  CHECK(refused(spec) ==
        "the link from switch 0 to switch 1 needs a capacity above 0 and a latency from 0 on");
  spec = ring();
  spec.links[8].to = 99;
  CHECK(refused(spec) == "a link joins two vertices");
  spec = ring();
  spec.links[8].to = 4;
  CHECK(refused(spec) == "a link joins switch 0 and itself");
  spec = ring();
  spec.links[8].back = 11;
  CHECK(refused(spec) == "the other direction of a link must be between the same vertices");
  spec = ring();
  spec.names = {"a"};
  CHECK(refused(spec) == "not all vertices have a name");
  spec = ring();
  spec.switches = 9000;
  CHECK(refused(spec) ==
        "there are 9000 switches and hosts with several cables, and at most 8192 can be");
  spec = ring();
  spec.hosts = 5;  // the first switch is now a host, and its neighbours its peers
  spec.switches = 3;
  CHECK(refused(spec).find("there is no path") == 0);
}

/// Random cables between `switches`, and hosts with one or two of them each.
GraphSpec random_graph(std::uint64_t seed) {
  const RandomStream chance(seed, "graphs");
  std::uint64_t draw = 0;
  const auto below = [&](std::uint32_t n) {
    return static_cast<std::uint32_t>(chance.below(n, seed, draw++));
  };
  GraphSpec spec;
  spec.hosts = 2 + below(7);
  spec.switches = 2 + below(6);
  const auto any_switch = [&] { return spec.hosts + below(spec.switches); };
  for (std::uint32_t s = 1; s < spec.switches; ++s) {  // a tree, then anything
    spec.add_cable(spec.hosts + s, spec.hosts + below(s), {1.0 + below(9), {below(9)}});
  }
  for (std::uint32_t i = below(10); i > 0; --i) {
    const std::uint32_t a = any_switch();
    const std::uint32_t b = any_switch();
    if (a != b) spec.add_cable(a, b, {1.0 + below(9), {below(9)}});
  }
  for (std::uint32_t host = 0; host < spec.hosts; ++host) {
    for (std::uint32_t i = 1 + below(2); i > 0; --i) {
      spec.add_cable(host, any_switch(), {1.0 + below(9), {below(9)}});
    }
  }
  return spec;
}

/// All paths of exactly `left` links, hosts not passed, by trying every link.
void slow_paths(const GraphSpec& spec, std::uint32_t at, std::uint32_t to, std::uint32_t left,
                Vertices& links, std::set<Vertices>& all) {
  if (at == to) {
    if (left == 0) all.insert(links);
    return;
  }
  if (left == 0 || (at < spec.hosts && !links.empty())) return;
  for (std::uint32_t l = 0; l < spec.links.size(); ++l) {
    if (spec.links[l].from != at) continue;
    links.push_back(l);
    slow_paths(spec, spec.links[l].to, to, left - 1, links, all);
    links.pop_back();
  }
}

TEST_CASE("the choices of a graph are all its shortest paths") {
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    CAPTURE(seed);
    const GraphSpec spec = random_graph(seed);
    const auto net = made(spec);
    std::uint32_t wrong = 0;
    for (std::uint32_t from = 0; from < spec.hosts; ++from) {
      for (std::uint32_t to = 0; to < spec.hosts; ++to) {
        if (from == to) continue;
        std::set<Vertices> slow;
        Vertices links;
        for (std::uint32_t n = 1; slow.empty(); ++n) slow_paths(spec, from, to, n, links, slow);
        std::set<Vertices> fast;
        for (std::uint32_t choice = 0; choice < net->choices({from}, {to}); ++choice) {
          fast.insert(path_links(*net, from, to, choice));
        }
        wrong += fast == slow && slow.size() == net->choices({from}, {to}) ? 0 : 1;
      }
    }
    CHECK(wrong == 0);
  }
}

// A leaf-spine network as a graph: the same sizes, choices and bisection as by arithmetic.
TEST_CASE("a leaf-spine network as a graph is the one by arithmetic") {
  const auto clos = make_topology("leaf-spine", {{"leaves", 4},
                                                 {"hosts", 3},
                                                 {"spines", 2},
                                                 {"leaf_links", 2},
                                                 {"host_bandwidth", 8},
                                                 {"leaf_bandwidth", 3},
                                                 {"latency", 1e-6}});
  GraphSpec spec;
  spec.hosts = clos->hosts();
  spec.switches = clos->vertices() - clos->hosts();
  for (std::uint32_t l = 0; l < clos->links(); ++l) {
    const LinkEnds ends = clos->ends({l});
    const LinkInfo info = clos->link({l});
    spec.links.push_back(
        {ends.from, ends.to, {info.capacity_Bps, info.latency}, clos->opposite({l}).value});
  }
  const auto net = made(spec);
  const TopologySummary a = clos->summary();
  const TopologySummary b = net->summary();
  CHECK(a.cables == b.cables);
  CHECK(a.diameter == b.diameter);
  CHECK(a.radix == b.radix);
  // A bound: of what a leaf sends to the 9 hosts elsewhere only that to 6 crosses a cut into
  // halves.
  CHECK(a.bisection_Bps == 24);
  CHECK(b.bisection_Bps == Approx(24.0 * 6 / 9).epsilon(1e-12));
  for (std::uint32_t to = 1; to < net->hosts(); ++to) {
    CHECK(net->choices({0}, {to}) == clos->choices({0}, {to}));
  }
  CHECK(net->racks() == clos->racks());
}

}  // namespace
}  // namespace hyperdc
