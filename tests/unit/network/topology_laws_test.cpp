// Laws that every family keeps, on small instances: paths are walks over their links, cables have
// two directions, and the summary agrees with searches over the explicit graph.
#include <algorithm>
#include <bit>
#include <catch2/catch.hpp>
#include <deque>
#include <limits>
#include <set>

#include "support/topology_cases.hpp"

namespace hyperdc {
namespace {

constexpr std::uint32_t kFar = 0xFFFF'FFFF;

std::vector<std::uint32_t> hops_from(const Topology& net, std::uint32_t source) {
  std::vector<std::vector<std::uint32_t>> next(net.vertices());
  for (std::uint32_t l = 0; l < net.links(); ++l) {
    next[net.ends({l}).from].push_back(net.ends({l}).to);
  }
  std::vector<std::uint32_t> hops(net.vertices(), kFar);
  std::deque<std::uint32_t> queue = {source};
  hops[source] = 0;
  while (!queue.empty()) {
    const std::uint32_t here = queue.front();
    queue.pop_front();
    for (const std::uint32_t to : next[here]) {
      if (hops[to] != kFar) continue;
      hops[to] = hops[here] + 1;
      queue.push_back(to);
    }
  }
  return hops;
}

/// What is wrong with a path; asked so often that a macro for each question would take seconds.
std::string walk_problem(const Topology& net, std::uint32_t from, std::uint32_t to,
                         const std::vector<std::uint32_t>& links) {
  std::uint32_t here = from;
  for (const std::uint32_t link : links) {
    if (link >= net.links()) return "there is no such link";
    if (net.ends({link}).from != here) return "it jumps";
    here = net.ends({link}).to;
  }
  if (here != to) return "it ends elsewhere";
  if (links.size() > net.longest_path()) return "it is too long";
  std::vector<std::uint32_t> sorted = links;
  std::sort(sorted.begin(), sorted.end());
  const bool twice = std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end();
  return twice ? "it crosses a link twice" : "";
}

std::string pair_problem(const Topology& net, std::uint32_t from, std::uint32_t to,
                         std::uint32_t hops) {
  const std::uint32_t choices = net.choices({from}, {to});
  if (from == to) {
    const bool nothing = choices == 1 && path_links(net, from, to, 0).empty();
    return nothing && net.detours({from}, {to}) == 0 ? "" : "there is a path to itself";
  }
  if (choices == 0) return "there is no path";
  std::set<std::vector<std::uint32_t>> different;
  for (std::uint32_t choice = 0; choice < choices; ++choice) {
    const std::vector<std::uint32_t> links = path_links(net, from, to, choice);
    const std::string problem = walk_problem(net, from, to, links);
    if (!problem.empty()) return "choice " + std::to_string(choice) + ": " + problem;
    if (links.size() < hops) return "a path is shorter than the shortest";
    different.insert(links);
  }
  if (different.size() != choices) return "two choices are one path";
  for (std::uint32_t choice = 0; choice < net.detours({from}, {to}); ++choice) {
    const std::vector<std::uint32_t> links = path_links(net, from, to, choice, true);
    const std::string problem = walk_problem(net, from, to, links);
    if (!problem.empty()) return "detour " + std::to_string(choice) + ": " + problem;
  }
  return "";
}

void check_links(const Topology& net) {
  REQUIRE(net.longest_path() <= kLongestPath);
  std::vector<std::uint64_t> directed(net.link_tiers().size(), 0);
  for (std::uint32_t l = 0; l < net.links(); ++l) {
    CAPTURE(l);
    const LinkEnds ends = net.ends({l});
    REQUIRE(std::max(ends.from, ends.to) < net.vertices());
    REQUIRE(ends.from != ends.to);
    REQUIRE(net.link({l}).capacity_Bps > 0);
    REQUIRE(net.link({l}).tier < directed.size());
    ++directed[net.link({l}).tier];
    const LinkId back = net.opposite({l});
    REQUIRE(back != LinkId{l});
    REQUIRE(net.opposite(back) == LinkId{l});
    REQUIRE(net.ends(back).from == ends.to);
    REQUIRE(net.ends(back).to == ends.from);
    REQUIRE(net.link(back) == net.link({l}));
  }
  const TopologySummary all = net.summary();
  CHECK(all.hosts == net.hosts());
  CHECK(all.links == net.links());
  CHECK(all.hosts + all.switches() == net.vertices());
  REQUIRE(all.cables.size() == directed.size());
  for (std::size_t tier = 0; tier < directed.size(); ++tier) {
    CHECK(2 * all.cables[tier] == directed[tier]);
  }
}

/// Ports in use and the radix, counted at the switches.
void check_ports(const Topology& net) {
  std::vector<std::uint32_t> ports(net.vertices(), 0);
  for (std::uint32_t l = 0; l < net.links(); ++l) ++ports[net.ends({l}).from];
  std::uint32_t vertex = net.hosts();
  for (const SwitchTier& tier : net.summary().tiers) {
    std::uint32_t most = 0;
    for (std::uint32_t i = 0; i < tier.switches; ++i) most = std::max(most, ports[vertex++]);
    CAPTURE(tier.name);
    CHECK(most == tier.ports);
  }
  if (vertex == net.hosts()) return;
  CHECK(net.summary().radix == *std::max_element(ports.begin() + net.hosts(), ports.end()));
}

void check_endpoints(const Topology& net) {
  REQUIRE(net.endpoints_per_server() >= 1);
  CHECK(net.hosts() % net.endpoints_per_server() == 0);
  std::set<std::uint32_t> racks;
  for (std::uint32_t host = 0; host < net.hosts(); ++host) {
    racks.insert(net.rack({host}));
    const std::uint32_t first = host - host % net.endpoints_per_server();
    REQUIRE(net.rack({host}) == net.rack({first}));
  }
  CHECK(racks.size() == net.racks());
  CHECK(*racks.rbegin() == net.racks() - 1);
}

/// What is spread evenly lies on links as a look at every path has it.
void check_spread(const Topology& net, std::uint32_t from, std::uint32_t to) {
  std::vector<double> fast(net.links());
  std::vector<double> slow(net.links());
  net.add_spread({from}, {to}, 3, fast);
  net.Topology::add_spread({from}, {to}, 3, slow);
  for (std::uint32_t l = 0; l < net.links(); ++l) {
    if (std::abs(fast[l] - slow[l]) > 1e-12) FAIL_CHECK("link " << l << " has another share");
  }
}

void check_laws(const Topology& net) {
  check_links(net);
  check_ports(net);
  check_endpoints(net);
  std::uint32_t farthest = 0;
  for (std::uint32_t from = 0; from < net.hosts(); ++from) {
    const std::vector<std::uint32_t> hops = hops_from(net, from);
    for (std::uint32_t to = 0; to < net.hosts(); ++to) {
      farthest = std::max(farthest, hops[to]);
      CAPTURE(from, to);
      REQUIRE(pair_problem(net, from, to, hops[to]) == "");
      if (to % 3 == 0) check_spread(net, from, to);
    }
  }
  CHECK(net.summary().diameter == farthest);
}

/// Most that can flow from the hosts of `side` to the others, by augmenting paths.
class SlowCut {
 public:
  SlowCut(const Topology& net, std::uint64_t side) : out_(net.vertices() + 2) {
    const std::uint32_t source = net.vertices();
    for (std::uint32_t l = 0; l < net.links(); ++l) {
      join(net.ends({l}).from, net.ends({l}).to, net.link({l}).capacity_Bps);
    }
    for (std::uint32_t host = 0; host < net.hosts(); ++host) {
      const bool here = (side >> host & 1) != 0;
      join(here ? source : host, here ? host : source + 1, 1e18);
    }
  }
  double flow_Bps() {
    double all = 0;
    while (const double more = augment()) all += more;
    return all;
  }

 private:
  struct Edge {
    std::uint32_t to;
    double left;
  };
  void join(std::uint32_t from, std::uint32_t to, double capacity) {
    out_[from].push_back(static_cast<std::uint32_t>(edges_.size()));
    edges_.push_back({to, capacity});
    out_[to].push_back(static_cast<std::uint32_t>(edges_.size()));
    edges_.push_back({from, 0});
  }
  double augment() {
    const auto source = static_cast<std::uint32_t>(out_.size() - 2);
    std::vector<std::uint32_t> by(out_.size(), kFar);
    std::deque<std::uint32_t> queue = {source};
    while (!queue.empty() && by[source + 1] == kFar) {
      const std::uint32_t here = queue.front();
      queue.pop_front();
      for (const std::uint32_t e : out_[here]) {
        if (edges_[e].left <= 0 || by[edges_[e].to] != kFar || edges_[e].to == source) continue;
        by[edges_[e].to] = e;
        queue.push_back(edges_[e].to);
      }
    }
    if (by[source + 1] == kFar) return 0;
    double least = std::numeric_limits<double>::infinity();
    for (std::uint32_t v = source + 1; v != source; v = edges_[by[v] ^ 1].to) {
      least = std::min(least, edges_[by[v]].left);
    }
    for (std::uint32_t v = source + 1; v != source; v = edges_[by[v] ^ 1].to) {
      edges_[by[v]].left -= least;
      edges_[by[v] ^ 1].left += least;
    }
    return least;
  }

  std::vector<std::vector<std::uint32_t>> out_;
  std::vector<Edge> edges_;
};

/// The least cut into halves, over all of them.
double slow_bisection_Bps(const Topology& net) {
  REQUIRE(net.hosts() % 2 == 0);
  double least = std::numeric_limits<double>::infinity();
  for (std::uint64_t side = 0; side < std::uint64_t{1} << (net.hosts() - 1); ++side) {
    if (std::popcount(side) * 2 != static_cast<int>(net.hosts())) continue;
    least = std::min(least, SlowCut(net, side).flow_Bps());
  }
  return least;
}

TEST_CASE("folded Clos networks keep the laws") {
  check_laws(*make_topology("fat-tree", {{"ports", 4}, {"bandwidth", 1}, {"latency", 0}}));
  check_laws(*make_topology("leaf-spine", {{"leaves", 3},
                                           {"hosts", 2},
                                           {"spines", 2},
                                           {"leaf_links", 2},
                                           {"host_bandwidth", 1},
                                           {"leaf_bandwidth", 2},
                                           {"latency", 0}}));
  check_laws(*make_topology("clos", {{"pods", 3},
                                     {"leaves", 2},
                                     {"hosts", 2},
                                     {"aggregations", 2},
                                     {"cores", 3},
                                     {"leaf_links", 1},
                                     {"core_links", 2},
                                     {"host_bandwidth", 1},
                                     {"leaf_bandwidth", 2},
                                     {"core_bandwidth", 3},
                                     {"latency", 0}}));
}

std::unique_ptr<Topology> small_rails(double segments, double servers, double accelerators,
                                      double planes, double pods = 1) {
  return make_topology("rail-optimised", {{"pods", pods},
                                          {"segments", segments},
                                          {"servers_per_segment", servers},
                                          {"accelerators_per_server", accelerators},
                                          {"planes", planes},
                                          {"spines", 2},
                                          {"spine_links", 2},
                                          {"cores", pods > 1 ? 2.0 : 0.0},
                                          {"core_links", 2},
                                          {"nic_bandwidth", 4},
                                          {"spine_bandwidth", 1},
                                          {"core_bandwidth", 1},
                                          {"scale_up_bandwidth", 20},
                                          {"nic_latency", 1e-6},
                                          {"spine_latency", 2e-6},
                                          {"scale_up_latency", 0}});
}

TEST_CASE("rail-optimised networks keep the laws") {
  check_laws(*small_rails(2, 3, 4, 1));
  check_laws(*small_rails(2, 2, 2, 2));
  check_laws(*small_rails(1, 3, 2, 2));
  check_laws(*small_rails(1, 1, 4, 2));
  check_laws(*small_rails(3, 2, 1, 1));
  check_laws(*small_rails(2, 2, 2, 2, 2));
  for (const auto& net : {small_rails(2, 2, 2, 2), small_rails(4, 1, 2, 1), small_rails(2, 1, 4, 1),
                          small_rails(1, 1, 4, 2)}) {
    CHECK(net->summary().bisection_Bps == slow_bisection_Bps(*net));
  }
  // One segment of two servers: 4 NICs are cut, while the links up would carry less.
  const auto one = small_rails(1, 2, 2, 1);
  CHECK(one->summary().bisection_Bps == 2 * 4 / 2);
  CHECK(slow_bisection_Bps(*one) == 2 * 4);
}

std::unique_ptr<Topology> small_islands(double leaves, double islands, double size, double per_nic,
                                        double switches) {
  return make_topology("islands", {{"leaves", leaves},
                                   {"islands_per_leaf", islands},
                                   {"accelerators_per_island", size},
                                   {"accelerators_per_server", 2},
                                   {"accelerators_per_nic", per_nic},
                                   {"scale_up_switches", switches},
                                   {"spines", 2},
                                   {"spine_links", 2},
                                   {"scale_up_bandwidth", 36},
                                   {"nic_bandwidth", 4},
                                   {"host_bandwidth", 8},
                                   {"spine_bandwidth", 1},
                                   {"scale_up_latency", 0},
                                   {"nic_latency", 0},
                                   {"spine_latency", 0}});
}

TEST_CASE("islands keep the laws") {
  check_laws(*small_islands(2, 2, 4, 1, 3));
  check_laws(*small_islands(2, 2, 4, 2, 2));
  check_laws(*small_islands(1, 3, 4, 1, 1));
  check_laws(*small_islands(1, 1, 4, 2, 2));
  for (const auto& net : {small_islands(2, 1, 4, 1, 3), small_islands(2, 2, 2, 2, 2),
                          small_islands(1, 2, 4, 1, 1), small_islands(1, 1, 4, 2, 2)}) {
    CHECK(net->summary().bisection_Bps == slow_bisection_Bps(*net));
  }
}

std::unique_ptr<Topology> small_torus(double x, double y, double z, double wrap) {
  return make_topology("torus", {{"x", x},
                                 {"y", y},
                                 {"z", z},
                                 {"wrap", wrap},
                                 {"chips_per_server", x == 4 ? 2.0 : 1.0},
                                 {"bandwidth", 3},
                                 {"latency", 1e-6}});
}

TEST_CASE("tori and meshes keep the laws") {
  for (const double wrap : {0.0, 1.0}) {
    CAPTURE(wrap);
    for (const auto& [x, y, z] : {std::array{4, 3, 2},
                                  {5, 1, 1},
                                  {6, 1, 1},
                                  {2, 1, 1},
                                  {1, 4, 5},
                                  {5, 1, 4},
                                  {3, 3, 3},
                                  {4, 4, 4},
                                  {5, 9, 1},
                                  {1, 1, 3}}) {
      CAPTURE(x, y, z);
      check_laws(*small_torus(x, y, z, wrap));
    }
    for (const auto& [x, y, z] :
         {std::array{4, 2, 1}, {2, 2, 2}, {4, 1, 1}, {2, 1, 1}, {3, 4, 1}, {2, 6, 1}}) {
      CAPTURE(x, y, z);
      const auto net = small_torus(x, y, z, wrap);
      CHECK(net->summary().bisection_Bps == slow_bisection_Bps(*net));
    }
    for (const auto& [x, y, z] : {std::array{3, 2, 1}, {5, 2, 1}, {3, 2, 2}}) {
      const auto net = small_torus(x, y, z, wrap);
      CHECK(net->summary().bisection_Bps <= slow_bisection_Bps(*net));
    }
  }
}

std::unique_ptr<Topology> small_dragonfly(double groups, double routers, double hosts,
                                          double globals) {
  return make_topology("dragonfly", {{"groups", groups},
                                     {"routers", routers},
                                     {"hosts", hosts},
                                     {"global_links", globals},
                                     {"host_bandwidth", 5},
                                     {"local_bandwidth", 4},
                                     {"global_bandwidth", 1},
                                     {"local_latency", 1e-6},
                                     {"global_latency", 2e-6}});
}

TEST_CASE("dragonflies keep the laws") {
  for (const auto& [g, a, p, h] : {std::array{9, 4, 2, 2},
                                   {5, 4, 1, 1},
                                   {4, 2, 2, 3},
                                   {6, 4, 1, 2},
                                   {7, 4, 1, 2},
                                   {4, 3, 1, 3},
                                   {1, 1, 3, 1},
                                   {1, 4, 2, 1},
                                   {2, 3, 2, 2},
                                   {5, 1, 2, 4},
                                   {3, 2, 1, 2},
                                   {8, 3, 1, 4}}) {
    CAPTURE(g, a, p, h);
    check_laws(*small_dragonfly(g, a, p, h));
  }
  for (const auto& [g, a, p, h] : {std::array{4, 3, 1, 1},
                                   {2, 4, 1, 1},
                                   {4, 2, 1, 2},
                                   {1, 4, 2, 1},
                                   {6, 2, 1, 3},
                                   {2, 2, 2, 3},
                                   {4, 2, 1, 3},
                                   {1, 1, 4, 1}}) {
    CAPTURE(g, a, p, h);
    const auto net = small_dragonfly(g, a, p, h);
    CHECK(net->summary().bisection_Bps == slow_bisection_Bps(*net));
  }
}

std::unique_ptr<Topology> small_plus(double groups, double leaves, double hosts, double spines,
                                     double globals) {
  return make_topology("dragonfly-plus", {{"groups", groups},
                                          {"leaves", leaves},
                                          {"hosts", hosts},
                                          {"spines", spines},
                                          {"global_links", globals},
                                          {"host_bandwidth", 5},
                                          {"leaf_bandwidth", 4},
                                          {"global_bandwidth", 1},
                                          {"local_latency", 1e-6},
                                          {"global_latency", 2e-6}});
}

TEST_CASE("cables that are left over add to the bisection of a dragonfly") {
  const auto net = small_dragonfly(6, 1, 2, 8);
  CHECK(net->summary().bisection_Bps == 9);
  CHECK(slow_bisection_Bps(*net) > 9);
}

TEST_CASE("dragonflies with leaves and spines keep the laws") {
  for (const auto& [g, l, p, s, h] : {std::array{5, 2, 2, 2, 2},
                                      {4, 3, 1, 2, 3},
                                      {6, 2, 1, 3, 2},
                                      {1, 3, 2, 2, 1},
                                      {1, 1, 2, 2, 1},
                                      {2, 2, 2, 3, 1},
                                      {4, 2, 2, 1, 4},
                                      {3, 1, 2, 2, 2}}) {
    CAPTURE(g, l, p, s, h);
    check_laws(*small_plus(g, l, p, s, h));
  }
  for (const auto& [g, l, p, s, h] : {std::array{4, 2, 1, 2, 2},
                                      {2, 2, 2, 2, 1},
                                      {1, 4, 2, 1, 1},
                                      {4, 1, 2, 3, 1},
                                      {6, 1, 1, 2, 3}}) {
    CAPTURE(g, l, p, s, h);
    const auto net = small_plus(g, l, p, s, h);
    CHECK(net->summary().bisection_Bps == slow_bisection_Bps(*net));
  }
}

TEST_CASE("random and slim graphs keep the laws") {
  for (const auto& [switches, degree, hosts] :
       {std::array{10, 3, 2}, {6, 4, 1}, {16, 4, 2}, {8, 7, 1}, {30, 3, 1}}) {
    CAPTURE(switches, degree, hosts);
    const auto net = make_topology("jellyfish", {{"routers", switches},
                                                 {"degree", degree},
                                                 {"hosts", hosts},
                                                 {"host_bandwidth", 2},
                                                 {"switch_bandwidth", 1},
                                                 {"latency", 1e-6}});
    check_laws(*net);
    if (net->hosts() > 10) continue;
    CHECK(net->summary().bisection_Bps <= slow_bisection_Bps(*net));
    CHECK(net->summary().bisection_Bps >= slow_bisection_Bps(*net) / 2);
  }
  check_laws(*make_topology(
      "slim-fly",
      {{"q", 3}, {"hosts", 2}, {"host_bandwidth", 2}, {"router_bandwidth", 1}, {"latency", 1e-6}}));
}

TEST_CASE("every family has a case among the laws") {
  constexpr std::array<std::string_view, 10> kTried = {
      "fat-tree", "leaf-spine", "clos",           "rail-optimised", "islands",
      "torus",    "dragonfly",  "dragonfly-plus", "jellyfish",      "slim-fly"};
  for (const TopologyEntry& entry : topologies()) {
    CAPTURE(entry.name);
    CHECK(std::find(kTried.begin(), kTried.end(), entry.name) != kTried.end());
  }
}

TEST_CASE("one endpoint has no bisection, whatever the family") {
  std::set<std::string_view> families;
  for (const TopologyEntry& entry : topologies()) {
    Params params = params_of(entry, {});
    for (const ParamSpec& spec : entry.params) {
      if (spec.fallback.empty()) params.set(spec.name, std::max(spec.min, 1.0));
    }
    if (!entry.check(params).empty()) continue;  // others have two or more
    const auto net = entry.make(params);
    if (net->hosts() != 1) continue;
    INFO(entry.name);
    CHECK(net->summary().bisection_Bps == 0);
    families.insert(entry.name);
  }
  CHECK(families ==
        std::set<std::string_view>{"clos", "dragonfly", "dragonfly-plus", "leaf-spine"});
}

}  // namespace
}  // namespace hyperdc
