// Scale-up islands: NVL72 by its published sizes, shared NICs by hand.
#include <catch2/catch.hpp>

#include "support/topology_cases.hpp"

namespace hyperdc {
namespace {

std::unique_ptr<Topology> nvl72() {
  return make_topology("islands", {{"leaves", 4},
                                   {"islands_per_leaf", 1},
                                   {"accelerators_per_island", 72},
                                   {"accelerators_per_server", 4},
                                   {"scale_up_switches", 18},
                                   {"spines", 36},
                                   {"scale_up_bandwidth", 900e9},
                                   {"nic_bandwidth", 50e9},
                                   {"spine_bandwidth", 50e9},
                                   {"scale_up_latency", 300e-9},
                                   {"nic_latency", 500e-9},
                                   {"spine_latency", 500e-9}});
}

TEST_CASE("islands of NVL72 by hand") {
  const auto net = nvl72();
  const TopologySummary all = net->summary();
  CHECK(all.hosts == 288);
  CHECK(all.tiers[0].oversubscription == 2.0);  // 72 NICs over 36 links
  CHECK(all.tiers[2].name == "scale-up");
  CHECK(all.tiers[2].switches == 4 * 18);
  CHECK(all.tiers[2].ports == 72);
  CHECK(all.radix == 72 + 36);
  CHECK(all.cables == std::vector<std::uint64_t>{288, 4 * 36, 288 * 18});
  CHECK(all.bisection_Bps == 4 * 36 * 50e9 / 2);
  CHECK(all.diameter == 4);
  CHECK(net->link({all.links - 1}) == LinkInfo{50e9, {300}, 2});  // 900 GB/s over 18
  CHECK(net->endpoints_per_server() == 4);
  CHECK(net->racks() == 4);
  CHECK(net->rack({72}) == 1);
  CHECK(net->choices({0}, {71}) == 18);
  CHECK(net->choices({0}, {72}) == 36);
  CHECK(net->detours({0}, {72}) == 0);
  const std::uint32_t first = 288 + 4 + 36;  // endpoints, leaves, spines
  CHECK(path_vertices(*net, 0, 71, 17) == std::vector<std::uint32_t>{0, first + 17, 71});
  CHECK(path_vertices(*net, 72, 73, 2) == std::vector<std::uint32_t>{72, first + 18 + 2, 73});
}

TEST_CASE("one island has the bisection of its switches and of its leaf") {
  const auto net = make_topology("islands", {{"leaves", 1},
                                             {"islands_per_leaf", 1},
                                             {"accelerators_per_island", 8},
                                             {"accelerators_per_server", 8},
                                             {"scale_up_switches", 4},
                                             {"spines", 1},
                                             {"scale_up_bandwidth", 400},
                                             {"nic_bandwidth", 50},
                                             {"spine_bandwidth", 50},
                                             {"scale_up_latency", 0},
                                             {"nic_latency", 0},
                                             {"spine_latency", 0}});
  CHECK(net->summary().bisection_Bps == 4 * 400 + 4 * 50);
  CHECK(net->summary().diameter == 2);
}

TEST_CASE("accelerators may share a NIC") {
  const auto net = make_topology("islands", {{"leaves", 2},
                                             {"islands_per_leaf", 2},
                                             {"accelerators_per_island", 4},
                                             {"accelerators_per_server", 4},
                                             {"accelerators_per_nic", 2},
                                             {"scale_up_switches", 2},
                                             {"spines", 3},
                                             {"spine_links", 2},
                                             {"scale_up_bandwidth", 400},
                                             {"nic_bandwidth", 50},
                                             {"host_bandwidth", 64},
                                             {"spine_bandwidth", 50},
                                             {"scale_up_latency", 0},
                                             {"nic_latency", 0},
                                             {"spine_latency", 0}});
  const TopologySummary all = net->summary();
  CHECK(all.hosts == 16);
  CHECK(all.tiers[0].name == "NIC");
  CHECK(all.tiers[0].switches == 8);
  CHECK(all.tiers[0].oversubscription == 2 * 64.0 / 50);
  CHECK(all.cables == std::vector<std::uint64_t>{8, 12, 32, 16});
  CHECK(net->link_tiers().size() == 4);
  // NICs are vertices 16 to 23, leaves 24 and 25.
  CHECK(path_vertices(*net, 1, 4, 0) == std::vector<std::uint32_t>{1, 16, 24, 18, 4});
  CHECK(path_links(*net, 0, 15, 11).size() == 6);
  CHECK(net->choices({0}, {15}) == 3 * 2 * 2);
  CHECK(all.diameter == 6);
  CHECK(problem_of("islands", {{"leaves", 2},
                               {"islands_per_leaf", 2},
                               {"accelerators_per_island", 6},
                               {"accelerators_per_server", 4},
                               {"accelerators_per_nic", 1},
                               {"scale_up_switches", 2},
                               {"spines", 3},
                               {"scale_up_bandwidth", 400},
                               {"nic_bandwidth", 50},
                               {"spine_bandwidth", 50},
                               {"scale_up_latency", 0},
                               {"nic_latency", 0},
                               {"spine_latency", 0}}) ==
        "an island must be a whole number of servers");
}

}  // namespace
}  // namespace hyperdc
