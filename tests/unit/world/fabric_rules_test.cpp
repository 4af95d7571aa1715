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

struct Ring {
  double time_s = 0;
  double slowdown = 0;  // over the closed form
};

/// A ring all-reduce of 64 MB on one rail of four servers, means of three.
Ring ring(const std::string& routing) {
  const Scenario scenario =
      test::load_file("tests/property/network.json",
                      {{"fabric_types.small", kDualPlane},
                       {"fabric_types.small.routing", "\"" + routing + "\""},
                       {"workloads.mix", "null"},
                       {"workloads.train",
                        R"({"kind": "collectives", "operation": "all-reduce", "algorithm": "ring",
            "bytes": "64 MB", "ranks": 4, "stride": 4, "count": 3})"}});
  Ring mean;
  for (const MetricValue& metric : simulate(scenario, {}).metrics) {
    if (metric.name == "workloads.train.exchange.mean") mean.time_s = metric.value.value();
    if (metric.name == "workloads.train.exchange_slowdown.mean") {
      mean.slowdown = metric.value.value();
    }
  }
  return mean;
}

TEST_CASE("a ring over two planes has both ports when spread, one by hash", "[fabrics]") {
  // 6 steps of 16 MB, at 25 GB/s, or at 12.5 GB/s and less where flows meet. Of the 8 hops of two
  // laps, 2 us in a segment and 4 us between them in turn, a byte makes 6: 18 us.
  const Ring spread = ring("spray");
  CHECK(spread.time_s == Approx(6 * 0.00064 + 18e-6).epsilon(1e-6));
  CHECK(spread.slowdown == Approx(1).epsilon(1e-6));
  const Ring hashed = ring("ecmp");
  CHECK(hashed.time_s >= (6 * 0.00128 + 18e-6) * (1 - 1e-6));
  CHECK(hashed.slowdown >= 1 - 1e-6);
  const Ring adaptive = ring("adaptive");  // a plane a flow, and nobody meets
  CHECK(adaptive.time_s == Approx(6 * 0.00128 + 18e-6).epsilon(1e-6));
}

}  // namespace
}  // namespace hyperdc
