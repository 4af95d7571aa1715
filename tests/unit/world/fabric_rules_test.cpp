// Rules of a fabric in a run: two planes give a collective both ports only when flows are spread.
#include <catch2/catch.hpp>

#include "support/load_example.hpp"
#include "world/simulate.hpp"

namespace hyperdc {
namespace {

/// Four servers of 4 accelerators in two segments, two planes of 100 Gbit/s a port.
constexpr const char* kDualPlane = R"({
  "family": "rail-optimised", "segments": 2, "servers_per_segment": 2,
  "accelerators_per_server": 4, "planes": 2, "spines": 2, "nic_bandwidth": "100 Gbit/s",
  "spine_bandwidth": "100 Gbit/s", "scale_up_bandwidth": "3200 Gbit/s", "nic_latency": "1 us",
  "spine_latency": "1 us", "scale_up_latency": "300 ns"})";

/// A ring all-reduce of one rail: its mean slowdown over the closed form.
double ring_slowdown(const std::string& routing) {
  const Scenario scenario =
      test::load_file("tests/property/network.json",
                      {{"fabric_types.small", kDualPlane},
                       {"fabric_types.small.routing", "\"" + routing + "\""},
                       {"workloads.mix", "null"},
                       {"workloads.train",
                        R"({"kind": "collectives", "operation": "all-reduce", "algorithm": "ring",
            "bytes": "64 MB", "ranks": 4, "stride": 4, "count": 3})"}});
  const Simulation run = simulate(scenario, {});
  for (const MetricValue& metric : run.metrics) {
    if (metric.name == "workloads.train.exchange_slowdown.mean") return metric.value.value();
  }
  FAIL("there is no slowdown");
  return 0;
}

TEST_CASE("a ring over two planes takes its closed form when spread, twice by hash", "[fabrics]") {
  CHECK(ring_slowdown("spray") == Approx(1).epsilon(1e-6));
  CHECK(ring_slowdown("ecmp") > 1.9);
  CHECK(ring_slowdown("adaptive") == Approx(2).epsilon(0.05));  // a plane a flow, no collision
}

}  // namespace
}  // namespace hyperdc
