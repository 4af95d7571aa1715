// Rail-optimised networks: Alibaba HPN 7.0 by its published sizes, and paths by hand.
#include <catch2/catch.hpp>

#include "support/topology_cases.hpp"

namespace hyperdc {
namespace {

constexpr std::string_view kFamily = "rail-optimised";

// 15 segments of 128 servers of 8; ports of 200 Gbit/s in each of two planes; 60 spines a plane.
std::unique_ptr<Topology> hpn() {
  return make_topology(kFamily, {{"segments", 15},
                                 {"servers_per_segment", 128},
                                 {"accelerators_per_server", 8},
                                 {"planes", 2},
                                 {"spines", 60},
                                 {"nic_bandwidth", 25e9},
                                 {"spine_bandwidth", 50e9},
                                 {"scale_up_bandwidth", 450e9},
                                 {"nic_latency", 500e-9},
                                 {"spine_latency", 500e-9},
                                 {"scale_up_latency", 25e-9}});
}

TEST_CASE("HPN 7.0 has the published sizes") {
  const auto net = hpn();
  const TopologySummary all = net->summary();
  CHECK(all.hosts == 15360);
  REQUIRE(all.tiers.size() == 3);
  CHECK(all.tiers[0].name == "leaf");
  CHECK(all.tiers[0].switches == 240);
  CHECK(all.tiers[0].ports == 128 + 60);
  CHECK(all.tiers[0].oversubscription == Approx(1.0667).epsilon(1e-4));
  CHECK(all.tiers[1].name == "spine");
  CHECK(all.tiers[1].switches == 120);
  CHECK(all.tiers[1].ports == 120);
  CHECK(all.tiers[2].name == "scale-up");
  CHECK(all.tiers[2].switches == 1920);
  CHECK(all.tiers[2].ports == 8);
  CHECK(all.diameter == 4);
  CHECK(all.cables == std::vector<std::uint64_t>{15360 * 2, 240 * 60, 15360});
  CHECK(all.links == 2 * (15360 * 2 + 240 * 60 + 15360));
  CHECK(all.bisection_Bps == 240 * 60 * 50e9 / 2);
  CHECK(net->endpoints_per_server() == 8);
  CHECK(net->racks() == 15);
  CHECK(net->rack({1023}) == 0);
  CHECK(net->rack({1024}) == 1);
  CHECK(net->link({0}) == LinkInfo{25e9, {500}, 0});
  CHECK(net->link({all.links - 1}) == LinkInfo{450e9, {25}, 2});
}

TEST_CASE("rails, planes and proxies of HPN by hand") {
  const auto net = hpn();
  CHECK(net->choices({0}, {7}) == 1);       // one server: scale-up
  CHECK(net->choices({0}, {8}) == 2);       // one segment and rail: the leaf of either plane
  CHECK(net->choices({0}, {9}) == 2 * 60);  // other rail
  CHECK(net->choices({0}, {1024}) == 2 * 60);
  CHECK(path_vertices(*net, 0, 7, 0)[1] >= 15360 + 240 + 120);
  // Leaves of plane 0 are vertices 15360 to 15479, those of plane 1 follow.
  CHECK(path_vertices(*net, 0, 8, 0) == std::vector<std::uint32_t>{0, 15360, 8});
  CHECK(path_vertices(*net, 0, 8, 1) == std::vector<std::uint32_t>{0, 15480, 8});
  CHECK(path_vertices(*net, 3, 1024 + 3, 0) ==
        std::vector<std::uint32_t>{3, 15363, 15600, 15371, 1027});
  CHECK(net->detours({0}, {7}) == 0);
  CHECK(net->detours({0}, {8}) == 0);
  CHECK(net->detours({0}, {9}) == 2);
  CHECK(path_vertices(*net, 0, 9, 1, true) ==
        std::vector<std::uint32_t>{0, 15360 + 240 + 120, 1, 15481, 9});
  CHECK(net->detours({0}, {1025}) == 2 * 60);
  CHECK(path_links(*net, 0, 1025, 5, true).size() == 6);
  CHECK(net->longest_path() == 6);
}

TEST_CASE("pods of rails are joined by cores") {
  const auto net = make_topology(kFamily, {{"pods", 2},
                                           {"segments", 2},
                                           {"servers_per_segment", 2},
                                           {"accelerators_per_server", 2},
                                           {"planes", 2},
                                           {"spines", 3},
                                           {"spine_links", 2},
                                           {"cores", 2},
                                           {"core_links", 2},
                                           {"nic_bandwidth", 1},
                                           {"spine_bandwidth", 1},
                                           {"core_bandwidth", 1},
                                           {"scale_up_bandwidth", 9},
                                           {"nic_latency", 1e-6},
                                           {"spine_latency", 1e-6},
                                           {"scale_up_latency", 1e-6}});
  CHECK(net->hosts() == 16);
  CHECK(net->choices({0}, {4}) == 2 * 3 * 4);
  CHECK(net->choices({0}, {8}) == 2 * 3 * 4 * 2 * 4);
  const TopologySummary all = net->summary();
  CHECK(all.tiers[2].name == "core");
  CHECK(all.tiers[2].switches == 2 * 3 * 2);
  CHECK(all.tiers[1].oversubscription == 4 * 2.0 / (2 * 2));
  CHECK(all.diameter == 6);
  CHECK(net->longest_path() == 8);
}

TEST_CASE("rails that cannot be are told") {
  const auto problem = [](double pods, double cores, double spines, double links) {
    return problem_of(kFamily, {{"pods", pods},
                                {"segments", 65536},
                                {"servers_per_segment", 2},
                                {"accelerators_per_server", 2},
                                {"spines", spines},
                                {"spine_links", links},
                                {"cores", cores},
                                {"nic_bandwidth", 1},
                                {"spine_bandwidth", 1},
                                {"scale_up_bandwidth", 9},
                                {"nic_latency", 1e-6},
                                {"spine_latency", 1e-6},
                                {"scale_up_latency", 1e-6}});
  };
  CHECK(problem(1, 0, 2, 1).empty());
  CHECK(problem(2, 0, 2, 1) == "several pods need cores");
  CHECK(problem(2, 2, 2, 1) == "cores need a core_bandwidth");
  CHECK(problem(1, 0, 65536, 1) == "there are more than 2^32 links");
}

}  // namespace
}  // namespace hyperdc
