// Jellyfish: the random graph is simple, regular, connected and a function of its seed.
#include <catch2/catch.hpp>
#include <set>

#include "support/topology_cases.hpp"

namespace hyperdc {
namespace {

std::unique_ptr<Topology> jellyfish(double switches, double degree, double hosts, double seed) {
  return make_topology("jellyfish", {{"routers", switches},
                                     {"degree", degree},
                                     {"hosts", hosts},
                                     {"seed", seed},
                                     {"host_bandwidth", 25e9},
                                     {"switch_bandwidth", 50e9},
                                     {"latency", 600e-9}});
}

std::set<std::pair<std::uint32_t, std::uint32_t>> neighbours(const Topology& net) {
  std::set<std::pair<std::uint32_t, std::uint32_t>> all;
  for (std::uint32_t l = 0; l < net.links(); ++l) {
    if (net.link({l}).tier == 1) all.emplace(net.ends({l}).from, net.ends({l}).to);
  }
  return all;
}

TEST_CASE("a jellyfish is a simple regular graph") {
  for (const auto& [switches, degree] :
       {std::array{4, 3}, {8, 7}, {10, 3}, {20, 5}, {50, 11}, {12, 8}, {9, 6}, {100, 4}}) {
    CAPTURE(switches, degree);
    for (const double seed : {1.0, 2.0, 3.0}) {
      const auto net = jellyfish(switches, degree, 1, seed);
      const TopologySummary all = net->summary();
      CHECK(all.switches() == static_cast<std::uint32_t>(switches));
      CHECK(all.cables[1] == static_cast<std::uint64_t>(switches) * degree / 2);
      CHECK(neighbours(*net).size() == 2 * all.cables[1]);  // no two cables are alike
      std::vector<int> ports(net->vertices(), 0);
      for (const auto& [from, to] : neighbours(*net)) ++ports[from];
      for (std::uint32_t s = net->hosts(); s < net->vertices(); ++s) CHECK(ports[s] == degree);
    }
  }
}

TEST_CASE("the seed makes the graph") {
  CHECK(neighbours(*jellyfish(40, 5, 2, 7)) == neighbours(*jellyfish(40, 5, 2, 7)));
  CHECK(neighbours(*jellyfish(40, 5, 2, 7)) != neighbours(*jellyfish(40, 5, 2, 8)));
}

// 245 switches of 14 ports (a size of the source), 10 of them for others: 10 are near, and the 90
// ports behind them meet 234 (1 - (1 - 1/234)^90) = 75 more at random; nearly all else is 3 away.
TEST_CASE("the paths of a jellyfish are as short as at random") {
  const auto net = jellyfish(245, 10, 4, 1);
  const TopologySummary all = net->summary();
  CHECK(all.hosts == 980);
  CHECK(all.radix == 14);
  CHECK(all.diameter <= 6);
  double links = 0;
  for (std::uint32_t to = 4; to < all.hosts; ++to) {
    links += static_cast<double>(path_links(*net, 0, to, 0).size()) - 2;
  }
  CHECK(links / (all.hosts - 4) == Approx((10 + 2 * 75 + 3 * 159) / 244.0).epsilon(0.03));
}

TEST_CASE("graphs that cannot be drawn are told") {
  const auto problem = [](double switches, double degree, double hosts) {
    return problem_of("jellyfish", {{"routers", switches},
                                    {"degree", degree},
                                    {"hosts", hosts},
                                    {"host_bandwidth", 1},
                                    {"switch_bandwidth", 1},
                                    {"latency", 0}});
  };
  CHECK(problem(10, 3, 1).empty());
  CHECK(problem(10, 10, 1) == "the degree must be below the number of switches");
  CHECK(problem(9, 3, 1) == "the switches times the degree must be even");
}

}  // namespace
}  // namespace hyperdc
