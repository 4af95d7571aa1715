// Slim Fly: sizes of the source's table, two links between routers, and the Hoffman-Singleton
// graph.
#include <catch2/catch.hpp>

#include "support/topology_cases.hpp"

namespace hyperdc {
namespace {

std::unique_ptr<Topology> slim_fly(double q, double hosts) {
  return make_topology("slim-fly", {{"q", q},
                                    {"hosts", hosts},
                                    {"host_bandwidth", 1000},
                                    {"router_bandwidth", 1},
                                    {"latency", 600e-9}});
}

TEST_CASE("a Slim Fly has the sizes of its graph and diameter two") {
  // q, ports for routers (3q - d) / 2 with q = 4w + d.
  for (const auto& [q, ports] : {std::pair{3U, 5U}, {5U, 7U}, {7U, 11U}, {11U, 17U}, {13U, 19U}}) {
    CAPTURE(q);
    const auto net = slim_fly(q, 2);
    const TopologySummary all = net->summary();
    CHECK(all.switches() == 2 * q * q);
    CHECK(all.radix == ports + 2);
    CHECK(all.cables[1] == std::uint64_t{q} * q * ports);
    CHECK(all.diameter == 4);
  }
}

TEST_CASE("the Slim Fly of the source's evaluation") {
  const TopologySummary all = slim_fly(19, 15)->summary();
  CHECK(all.hosts == 10830);
  CHECK(all.switches() == 722);
  CHECK(all.radix == 44);
  CHECK(all.diameter == 4);
}

// q = 5: 50 routers of 7 ports without triangles and squares, so that each pair has one path.
TEST_CASE("the smallest prime of the form 4w + 1 gives the graph of Hoffman and Singleton") {
  const auto net = slim_fly(5, 1);
  std::uint32_t at_two = 0;
  for (std::uint32_t a = 0; a < 50; ++a) {
    for (std::uint32_t b = 0; b < 50; ++b) {
      if (a == b) continue;
      REQUIRE(net->choices({a}, {b}) == 1);
      at_two += path_links(*net, a, b, 0).size() == 4 ? 1 : 0;
    }
  }
  CHECK(at_two == 50 * 42);
  // Each directed link carries (7 + 2 * 42) * 50 / 350 = 13 pairs: at least 50^2 / 4 / 13 are cut.
  CHECK(net->summary().bisection_Bps == Approx(50.0 * 50 / 4 / 13).epsilon(1e-12));
  CHECK(net->detours({0}, {1}) == 48);
}

TEST_CASE("q must be a prime") {
  const auto problem = [](double q) {
    return problem_of(
        "slim-fly",
        {{"q", q}, {"hosts", 1}, {"host_bandwidth", 1}, {"router_bandwidth", 1}, {"latency", 0}});
  };
  CHECK(problem(5).empty());
  CHECK(problem(9) == "q must be a prime");
}

}  // namespace
}  // namespace hyperdc
