// Dragonflies: the published example and size, and how cables between groups are dealt.
#include <catch2/catch.hpp>
#include <set>

#include "network/topology/dragonfly.hpp"
#include "support/topology_cases.hpp"

namespace hyperdc {
namespace {

DragonflySpec dragonfly(std::uint32_t groups, std::uint32_t routers, std::uint32_t hosts,
                        std::uint32_t globals) {
  DragonflySpec spec;
  spec.groups = groups;
  spec.routers = routers;
  spec.hosts = hosts;
  spec.globals = globals;
  spec.host = {25e9, {300}};
  spec.local = {25e9, {300}};
  spec.global = {25e9, {900}};
  return spec;
}

// Figure 5 of the source: p = h = 2, a = 4, 9 groups, 72 hosts, routers of 7 ports.
TEST_CASE("the dragonfly of 72 hosts by hand") {
  const Dragonfly net(dragonfly(9, 4, 2, 2));
  const TopologySummary all = net.summary();
  CHECK(all.hosts == 72);
  CHECK(all.switches() == 36);
  CHECK(all.radix == 7);
  CHECK(all.diameter == 5);
  CHECK(all.cables == std::vector<std::uint64_t>{72, 9 * 6, 36});
  CHECK(all.bisection_Bps == 81.0 / 4 * 25e9);
  CHECK(net.racks() == 9);
  CHECK(net.rack({8}) == 1);
  CHECK(net.link({0}) == LinkInfo{25e9, {300}, 0});
  CHECK(net.link({all.links - 1}) == LinkInfo{25e9, {900}, 2});
  // Routers are vertices 72 to 107, four a group; port d - 1 leads d groups on, two ports a router.
  CHECK(net.choices({0}, {71}) == 1);
  // Group 0 to 8 is 8 on: port 7, router 3; back it is 1 on: port 0, router 0 of group 8.
  CHECK(path_vertices(net, 0, 71, 0) ==
        std::vector<std::uint32_t>{0, 72, 72 + 3, 72 + 32, 72 + 35, 71});
  CHECK(path_vertices(net, 0, 2, 0) == std::vector<std::uint32_t>{0, 72, 73, 2});
  CHECK(path_vertices(net, 0, 1, 0) == std::vector<std::uint32_t>{0, 72, 1});
  CHECK(net.detours({0}, {1}) == 0);
  CHECK(net.detours({0}, {2}) == 2);
  CHECK(path_vertices(net, 0, 2, 1, true) == std::vector<std::uint32_t>{0, 72, 75, 73, 2});
  CHECK(net.detours({0}, {71}) == 7);
  // By group 1: port 0 (router 0) to port 7 (router 3) there; on to 8, 7 on: port 6, router 3; it
  // arrives from 2 groups before: port 1, router 0.
  CHECK(path_vertices(net, 0, 71, 0, true) ==
        std::vector<std::uint32_t>{0, 72, 72 + 7, 72 + 32, 72 + 35, 71});
}

TEST_CASE("a dragonfly of routers of 63 ports has 262,656 hosts") {
  const Dragonfly net(dragonfly(513, 32, 16, 16));
  CHECK(net.summary().hosts == 262656);
  CHECK(net.summary().radix == 63);
  CHECK(net.summary().diameter == 5);
  CHECK(net.choices({0}, {262655}) == 1);
}

TEST_CASE("cables between groups are spread evenly") {
  for (const auto& [groups, ports] : {std::pair{2U, 5U},
                                      {3U, 2U},
                                      {4U, 8U},
                                      {5U, 7U},
                                      {6U, 8U},
                                      {7U, 9U},
                                      {8U, 12U},
                                      {9U, 31U},
                                      {74U, 512U}}) {
    CAPTURE(groups, ports);
    const GroupLinks links(groups, ports);
    const std::uint32_t free = ports - links.used_ports();
    CHECK(free == (groups % 2 == 1 && (ports % (groups - 1)) % 2 == 1 ? 1U : 0U));
    CHECK(links.cables() * 2 == groups * links.used_ports());
    std::set<std::pair<std::uint32_t, std::uint32_t>> used;
    std::uint32_t wrong = 0;
    for (std::uint32_t a = 0; a < groups; ++a) {
      for (std::uint32_t b = 0; b < groups; ++b) {
        if (a == b) continue;
        const std::uint32_t count = links.between(a, b);
        wrong += count == links.between(b, a) && count - links.least() <= 1 ? 0 : 1;
        for (std::uint32_t i = 0; i < count; ++i) {
          const GroupLinks::Hop hop = links.hop(a, b, i);
          const GroupLinks::Cable ends = links.ends(hop.cable);
          const GroupLinks::Port& here = hop.forward ? ends.a : ends.b;
          const GroupLinks::Port& there = hop.forward ? ends.b : ends.a;
          const bool agree = here.group == a && here.port == hop.leave && there.group == b &&
                             there.port == hop.arrive && hop.leave < ports;
          wrong += agree && used.emplace(a, hop.leave).second ? 0 : 1;
        }
      }
    }
    CHECK(wrong == 0);
    CHECK(used.size() == std::size_t{groups} * links.used_ports());
  }
}

TEST_CASE("dragonflies that cannot be are told") {
  CHECK(dragonfly_problem(dragonfly(9, 4, 2, 2)).empty());
  CHECK(dragonfly_problem(dragonfly(10, 4, 2, 2)) ==
        "there are more groups than one and the global links of a group");
  CHECK(dragonfly_problem(dragonfly(1, 65536, 65536, 1)) == "there are more than 2^32 links");
  CHECK(dragonfly_problem(dragonfly(3, 1000, 1, 1000)) ==
        "there are more than 2^32 detours between two hosts");
  CHECK_THROWS_AS(Dragonfly(dragonfly(10, 4, 2, 2)), InvariantError);
}

}  // namespace
}  // namespace hyperdc
