// Dragonfly+ by hand.
#include <catch2/catch.hpp>

#include "support/topology_cases.hpp"

namespace hyperdc {
namespace {

// 5 groups of 2 leaves of 2 hosts and 2 spines of 2 global ports: hosts 0 to 19, leaves 20 to 29,
// spines 30 to 39.
TEST_CASE("a dragonfly+ of 5 groups by hand") {
  const auto make = [](double groups) {
    return std::pair{std::string_view("dragonfly-plus"),
                     params_of(family("dragonfly-plus"), {{"groups", groups},
                                                          {"leaves", 2},
                                                          {"hosts", 2},
                                                          {"spines", 2},
                                                          {"global_links", 2},
                                                          {"host_bandwidth", 25e9},
                                                          {"leaf_bandwidth", 50e9},
                                                          {"global_bandwidth", 40e9},
                                                          {"local_latency", 300e-9},
                                                          {"global_latency", 900e-9}})};
  };
  const auto net = family("dragonfly-plus").make(make(5).second);
  const TopologySummary all = net->summary();
  CHECK(all.hosts == 20);
  CHECK(all.tiers[0].switches == 10);
  CHECK(all.tiers[0].oversubscription == 2 * 25.0 / (2 * 50));
  CHECK(all.tiers[1].switches == 10);
  CHECK(all.tiers[1].ports == 4);
  CHECK(all.tiers[1].oversubscription == 2 * 50.0 / (2 * 40));
  CHECK(all.cables == std::vector<std::uint64_t>{20, 20, 10});
  CHECK(all.diameter == 5);
  CHECK(all.bisection_Bps == 20 * 25e9 / 2);  // 6.25 cables of 40 between groups are as much
  CHECK(net->link({all.links - 1}) == LinkInfo{40e9, {900}, 2});
  CHECK(net->choices({0}, {1}) == 1);
  CHECK(net->choices({0}, {3}) == 2);
  CHECK(path_vertices(*net, 0, 3, 1) == std::vector<std::uint32_t>{0, 20, 31, 21, 3});
  // Group 0 to 1: port 0, spine 0, to port 3 of group 1, its spine 1.
  CHECK(net->choices({0}, {7}) == 1);
  CHECK(path_vertices(*net, 0, 7, 0) == std::vector<std::uint32_t>{0, 20, 30, 33, 23, 7});
  // By group 2: 2 on is port 1 (spine 0) to port 2 (spine 1); from 2 to 1 is 4 on: port 3, spine 1;
  // it arrives at port 0, spine 0.
  CHECK(net->detours({0}, {7}) == 3);
  CHECK(path_vertices(*net, 0, 7, 0, true) == std::vector<std::uint32_t>{0, 20, 30, 35, 32, 23, 7});
  // By group 3: 3 on is port 2 (spine 1) to port 1 (spine 0); from 3 to 1 is 3 on: port 2, spine 1:
  // by leaf (1 + 0 + 7) mod 2 = 0 of group 3.
  CHECK(path_vertices(*net, 0, 7, 1, true) ==
        std::vector<std::uint32_t>{0, 20, 31, 36, 26, 37, 32, 23, 7});
  CHECK(net->longest_path() == 8);
  CHECK(family("dragonfly-plus").check(make(6).second) ==
        "there are more groups than one and the global links of a group");
}

}  // namespace
}  // namespace hyperdc
