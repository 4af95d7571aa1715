// Topologies by hand, by formulas, and against shortest paths and cuts on the explicit graph.
#include <algorithm>
#include <bit>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/breadth_first_search.hpp>
#include <boost/graph/push_relabel_max_flow.hpp>
#include <catch2/catch.hpp>
#include <set>

#include <hyperdc/core/assert.hpp>

#include "core/rng.hpp"
#include "network/topology/fat_tree.hpp"

namespace hyperdc {
namespace {

constexpr ClosLink kPlain{1, {1}};

std::vector<std::uint32_t> links_of(const Topology& net, std::uint32_t from, std::uint32_t to,
                                    std::uint32_t choice) {
  LinkPath path;
  net.path({from}, {to}, choice, path);
  std::vector<std::uint32_t> links;
  for (const LinkId link : path.links()) links.push_back(link.value);
  return links;
}

using Links = std::vector<std::uint32_t>;

// k = 4: 16 hosts, 8 leaves, 8 aggregation switches, 4 cores; 16 cables a tier. Links: host up 0,
// down 16; leaf up 32, down 48; aggregation up 64, down 80.
TEST_CASE("the paths of a fat tree of 4 ports by hand") {
  const Clos net(fat_tree(4, kPlain));
  CHECK(net.hosts() == 16);
  CHECK(net.links() == 96);
  CHECK(net.vertices() == 36);
  CHECK(links_of(net, 3, 3, 0).empty());
  CHECK(net.choices({0}, {1}) == 1);
  CHECK(links_of(net, 0, 1, 0) == Links{0, 17});
  CHECK(net.choices({0}, {2}) == 2);
  CHECK(links_of(net, 0, 2, 0) == Links{0, 32, 50, 18});
  CHECK(links_of(net, 0, 2, 1) == Links{0, 33, 51, 18});
  CHECK(net.choices({0}, {15}) == 4);
  CHECK(links_of(net, 0, 15, 0) == Links{0, 32, 64, 92, 62, 31});
  CHECK(links_of(net, 0, 15, 1) == Links{0, 33, 66, 94, 63, 31});
  CHECK(links_of(net, 0, 15, 2) == Links{0, 32, 65, 93, 62, 31});
  CHECK(links_of(net, 0, 15, 3) == Links{0, 33, 67, 95, 63, 31});
  // Host 0 is on leaf 16; its pod has the aggregation switches 24 and 25; cores from 32.
  CHECK(net.ends({33}).from == 16);
  CHECK(net.ends({33}).to == 25);
  CHECK(net.ends({66}).to == 34);
  CHECK(net.ends({94}).from == 34);
  CHECK(net.ends({94}).to == 31);
  CHECK(net.ends({63}).from == 31);
  CHECK(net.ends({63}).to == 23);
}

TEST_CASE("a fat tree has the sizes of the paper") {
  for (const std::uint32_t k : {2U, 4U, 16U, 32U, 48U}) {
    const TopologySummary all = Clos(fat_tree(k, {50e9, {600}})).summary();
    CAPTURE(k);
    CHECK(all.hosts == k * k * k / 4);
    CHECK(all.links == 3 * k * k * k / 2);
    REQUIRE(all.tiers.size() == 3);
    CHECK(all.tiers[0].switches == k * k / 2);
    CHECK(all.tiers[1].switches == k * k / 2);
    CHECK(all.tiers[2].switches == k * k / 4);
    CHECK(all.switches() == 5 * k * k / 4);
    for (const SwitchTier& tier : all.tiers) CHECK(tier.ports == k);
    CHECK(all.radix == k);
    CHECK(all.tiers[0].oversubscription == 1.0);
    CHECK(all.tiers[1].oversubscription == 1.0);
    CHECK_FALSE(all.tiers[2].oversubscription.has_value());
    CHECK(all.diameter == 6);
    CHECK(all.bisection_Bps == all.hosts * 50e9 / 2);
  }
}

ClosSpec leaf_spine(std::uint32_t leaves, std::uint32_t hosts, std::uint32_t spines) {
  ClosSpec spec;
  spec.leaves = leaves;
  spec.hosts = hosts;
  spec.spines = spines;
  spec.host = {50e9, {300}};
  spec.leaf = {100e9, {700}};
  return spec;
}

TEST_CASE("oversubscription by hand") {
  // 56 hosts of 50 GB/s below 28, 14, 7 or 4 links of 100 GB/s.
  for (const auto& [spines, ratio] : {std::pair{28U, 1.0}, {14U, 2.0}, {7U, 4.0}, {4U, 7.0}}) {
    const TopologySummary all = Clos(leaf_spine(10, 56, spines)).summary();
    CHECK(all.tiers[0].oversubscription == ratio);
    CHECK_FALSE(all.tiers[1].oversubscription.has_value());
    CHECK(all.bisection_Bps == 10 * 56 * 50e9 / ratio / 2);
    CHECK(all.diameter == 4);
    CHECK(all.radix == 56 + spines);
  }
  // Three tiers: 2:1 at the leaf (16 * 50 over 4 * 100) and 7:2 above (14 * 100 over 2 * 2 * 100).
  ClosSpec spec = leaf_spine(14, 16, 4);
  spec.pods = 6;
  spec.cores = 2;
  spec.core_links = 2;
  spec.core = {100e9, {900}};
  const Clos net(spec);
  const TopologySummary all = net.summary();
  CHECK(all.hosts == 1344);
  CHECK(all.tiers[0].oversubscription == 2.0);
  CHECK(all.tiers[1].oversubscription == 3.5);
  CHECK(all.tiers[1].name == "aggregation");
  CHECK(all.tiers[2].switches == 8);
  CHECK(all.tiers[2].ports == 12);
  CHECK(all.links == 2 * (1344 + 6 * 14 * 4 + 6 * 4 * 2 * 2));
  CHECK(all.cables == std::vector<std::uint64_t>{1344, 6 * 14 * 4, 6 * 4 * 2 * 2});
  CHECK(all.bisection_Bps == 1344 * 50e9 / 7 / 2);
  CHECK(net.choices({0}, {16}) == 4);
  CHECK(net.choices({0}, {1343}) == 4 * 2 * 2 * 2);
  CHECK(net.link({0}) == LinkInfo{50e9, {300}, 0});
  CHECK(net.link({2 * 1344}) == LinkInfo{100e9, {700}, 1});
  CHECK(net.link({all.links - 1}) == LinkInfo{100e9, {900}, 2});
}

TEST_CASE("sizes that cannot be are told") {
  CHECK(clos_problem(leaf_spine(2, 2, 2)).empty());
  CHECK_FALSE(clos_problem(leaf_spine(2, 2, 0)).empty());
  CHECK_FALSE(clos_problem(leaf_spine(65536, 65536, 2)).empty());
  ClosSpec spec = leaf_spine(2, 2, 2);
  spec.pods = 2;
  CHECK(clos_problem(spec) == "several pods need cores");
  spec = leaf_spine(2, 2, 16);
  spec.leaf_links = 65536;
  CHECK_FALSE(clos_problem(spec).empty());
  CHECK_THROWS_AS(Clos(spec), InvariantError);
  CHECK_THROWS_AS(fat_tree(5, kPlain), InvariantError);
}

using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, boost::no_property,
                                    boost::property<boost::edge_index_t, std::uint32_t>>;

Graph explicit_graph(const Topology& net) {
  Graph graph(net.vertices());
  for (std::uint32_t l = 0; l < net.links(); ++l) {
    const LinkEnds ends = net.ends({l});
    boost::add_edge(ends.from, ends.to, l, graph);
  }
  return graph;
}

struct Shortest {
  std::vector<std::uint32_t> distance;
  std::vector<std::uint64_t> paths;  // number of shortest ones, over different links
};

Shortest shortest_from(const Graph& graph, std::uint32_t source) {
  const std::size_t n = num_vertices(graph);
  Shortest all{std::vector<std::uint32_t>(n, 0), std::vector<std::uint64_t>(n, 0)};
  std::vector<std::uint32_t> order;
  const auto distance = boost::record_distances(all.distance.data(), boost::on_tree_edge());
  const auto visit = boost::write_property(boost::identity_property_map(),
                                           std::back_inserter(order), boost::on_discover_vertex());
  boost::breadth_first_search(
      graph, source, boost::visitor(boost::make_bfs_visitor(std::make_pair(distance, visit))));
  REQUIRE(order.size() == n);
  all.paths[source] = 1;
  for (const std::uint32_t vertex : order) {
    for (const auto edge : boost::make_iterator_range(out_edges(vertex, graph))) {
      const auto next = target(edge, graph);
      if (all.distance[next] == all.distance[vertex] + 1) all.paths[next] += all.paths[vertex];
    }
  }
  return all;
}

void paths_are_the_shortest(const Topology& net) {
  const Graph graph = explicit_graph(net);
  std::uint32_t farthest = 0;
  for (std::uint32_t from = 0; from < net.hosts(); ++from) {
    const Shortest shortest = shortest_from(graph, from);
    for (std::uint32_t to = 0; to < net.hosts(); ++to) {
      CAPTURE(from, to);
      REQUIRE(net.choices({from}, {to}) == shortest.paths[to]);
      farthest = std::max(farthest, shortest.distance[to]);
      std::set<Links> different;
      for (std::uint32_t choice = 0; choice < net.choices({from}, {to}); ++choice) {
        const Links links = links_of(net, from, to, choice);
        REQUIRE(links.size() == shortest.distance[to]);
        std::uint32_t here = from;
        for (const std::uint32_t link : links) {
          REQUIRE(net.ends({link}).from == here);
          here = net.ends({link}).to;
        }
        REQUIRE(here == to);
        different.insert(links);
      }
      REQUIRE(different.size() == shortest.paths[to]);
    }
  }
  CHECK(net.summary().diameter == farthest);
  CHECK(net.longest_path() == farthest);
  for (std::uint32_t l = 0; l < net.links(); ++l) {
    const LinkId back = net.opposite({l});
    REQUIRE(net.opposite(back) == LinkId{l});
    REQUIRE(net.ends(back).from == net.ends({l}).to);
    REQUIRE(net.ends(back).to == net.ends({l}).from);
    REQUIRE(net.link(back) == net.link({l}));
  }
}

ClosSpec small_three_tier() {
  ClosSpec spec = leaf_spine(2, 2, 2);
  spec.pods = 2;
  spec.cores = 3;
  spec.leaf_links = 2;
  spec.core_links = 2;
  spec.core = {10e9, {1}};
  return spec;
}

TEST_CASE("every path is a shortest one, and the choices are all of them") {
  paths_are_the_shortest(Clos(fat_tree(2, kPlain)));
  paths_are_the_shortest(Clos(fat_tree(4, kPlain)));
  paths_are_the_shortest(Clos(fat_tree(6, kPlain)));
  paths_are_the_shortest(Clos(leaf_spine(3, 5, 4)));
  paths_are_the_shortest(Clos(leaf_spine(1, 5, 4)));
  paths_are_the_shortest(Clos(small_three_tier()));
}

/// Most that can flow from the hosts of `side` to the others.
double cut_Bps(const Topology& net, std::uint64_t side) {
  using Traits = boost::adjacency_list_traits<boost::vecS, boost::vecS, boost::directedS>;
  using Residual = boost::property<boost::edge_residual_capacity_t, std::int64_t>;
  using Reverse = boost::property<boost::edge_reverse_t, Traits::edge_descriptor, Residual>;
  using FlowGraph =
      boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, boost::no_property,
                            boost::property<boost::edge_capacity_t, std::int64_t, Reverse>>;
  const std::uint32_t source = net.vertices();
  FlowGraph graph(source + 2);
  const auto join = [&](std::uint32_t from, std::uint32_t to, std::int64_t capacity) {
    const auto there = add_edge(from, to, graph).first;
    const auto back = add_edge(to, from, graph).first;
    put(boost::edge_capacity, graph, there, capacity);
    put(boost::edge_capacity, graph, back, 0);
    put(boost::edge_reverse, graph, there, back);
    put(boost::edge_reverse, graph, back, there);
  };
  for (std::uint32_t l = 0; l < net.links(); ++l) {
    join(net.ends({l}).from, net.ends({l}).to,
         static_cast<std::int64_t>(net.link({l}).capacity_Bps));
  }
  for (std::uint32_t host = 0; host < net.hosts(); ++host) {
    const bool here = (side >> host & 1) != 0;
    join(here ? source : host, here ? host : source + 1, std::int64_t{1} << 50);
  }
  return static_cast<double>(boost::push_relabel_max_flow(graph, source, source + 1));
}

double least_cut_Bps(const Topology& net) {
  double least = 1e18;
  for (std::uint64_t side = 0; side < std::uint64_t{1} << (net.hosts() - 1); ++side) {
    if (std::popcount(side) * 2 != static_cast<int>(net.hosts())) continue;
    least = std::min(least, cut_Bps(net, side));
  }
  return least;
}

TEST_CASE("the bisection is the least cut into halves") {
  ClosSpec three = small_three_tier();
  for (const ClosSpec& spec :
       {leaf_spine(4, 2, 1), leaf_spine(2, 4, 1), leaf_spine(2, 4, 4), three}) {
    const Clos net(spec);
    CHECK(net.summary().bisection_Bps == Approx(least_cut_Bps(net)).epsilon(1e-12));
  }
  CHECK(Clos(three).summary().bisection_Bps == 2 * 2 * 3 * 2 * 10e9 / 2);
  // Three leaves cannot be halved: 2 links of 100 are cut (the hosts' being 50), 150 are promised.
  const Clos odd(leaf_spine(3, 2, 1));
  CHECK(odd.summary().bisection_Bps == 3 * 100e9 / 2);
  CHECK(least_cut_Bps(odd) >= odd.summary().bisection_Bps);
  // Fat tree of 16 hosts: the halves by pods, and random ones.
  const Clos tree(fat_tree(4, kPlain));
  CHECK(cut_Bps(tree, 0xFF) == 8);
  const RandomStream chance(1, "halves");
  for (std::uint64_t i = 0; i < 200; ++i) {
    std::uint64_t side = 0;
    for (std::uint64_t a = 0; std::popcount(side) < 8; ++a) side |= 1ULL << chance.below(16, i, a);
    CHECK(cut_Bps(tree, side) >= 8);
  }
}

Params values(std::initializer_list<std::pair<std::string_view, double>> pairs) {
  Params params;
  for (const auto& [name, number] : pairs) params.set(name, number);
  return params;
}

TEST_CASE("the listed families are made from their parameters") {
  const std::span<const TopologyEntry> all = topologies();
  REQUIRE(all.size() >= 3);
  const Params tree = values({{"ports", 4}, {"bandwidth", 50e9}, {"latency", 600e-9}});
  CHECK(all[0].name == "fat-tree");
  CHECK(all[0].check(tree).empty());
  CHECK_FALSE(all[0].check(values({{"ports", 5}})).empty());
  CHECK(all[0].make(tree)->hosts() == 16);
  CHECK(all[0].make(tree)->link({0}) == LinkInfo{50e9, {600}, 0});
  const Params two = values({{"leaves", 10},
                             {"hosts", 56},
                             {"spines", 7},
                             {"leaf_links", 1},
                             {"host_bandwidth", 50e9},
                             {"leaf_bandwidth", 100e9},
                             {"latency", 1e-6}});
  CHECK(all[1].name == "leaf-spine");
  CHECK(all[1].check(two).empty());
  CHECK(all[1].make(two)->summary().tiers[0].oversubscription == 4.0);
  const Params three = values({{"pods", 6},
                               {"leaves", 14},
                               {"hosts", 16},
                               {"aggregations", 4},
                               {"cores", 2},
                               {"leaf_links", 1},
                               {"core_links", 2},
                               {"host_bandwidth", 50e9},
                               {"leaf_bandwidth", 100e9},
                               {"core_bandwidth", 100e9},
                               {"latency", 1e-6}});
  CHECK(all[2].name == "clos");
  CHECK(all[2].check(three).empty());
  CHECK(all[2].make(three)->summary().tiers[1].oversubscription == 3.5);
}

}  // namespace
}  // namespace hyperdc
