// Transfers in a run, on paper: times, slowdown, and what crossed which tier.
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "scenario/study.hpp"
#include "support/load_example.hpp"
#include "world/flow_log.hpp"
#include "world/simulate.hpp"

namespace hyperdc {
namespace {

double fabric_metric(const Simulation& run, const std::string& name) {
  for (const MetricValue& metric : run.metrics) {
    if (metric.name != name) continue;
    INFO(name << ": " << metric.reason);
    REQUIRE(metric.value);
    return *metric.value;
  }
  FAIL("no metric is called " << name);
  return 0;
}

class Rows final : public FlowLog {
 public:
  void ended(const FlowRow& row) override { rows.push_back(row); }
  std::vector<FlowRow> rows;
};

/// The base of the feature rows with the three transfers of network.csv.
Scenario listed(std::vector<Override> overrides = {}) {
  overrides.insert(overrides.begin(), {"workloads.mix.generate", "null"});
  overrides.push_back({"workloads.mix.trace", R"({"file": "network.csv"})"});
  return test::load_file("tests/property/network.json", overrides);
}

TEST_CASE("two transfers to one host share its link, a capped one has its cap", "[fabrics]") {
  const Scenario scenario = listed();
  Rows log;
  SimulateOptions options;
  options.flow_log = &log;
  const Simulation run = simulate(scenario, options);
  // 1 MB each at 0.625 GB/s is 1.6 ms, 6 links are 6 us; alone it would be 0.8 ms and 6 us.
  // The third: 0.5 MB at 0.1 GB/s from 1 ms on, 2 links, as if alone.
  REQUIRE(log.rows.size() == 3);
  CHECK(log.rows[0].from == 0);
  CHECK(log.rows[0].end->ns == 1'606'000);
  CHECK(log.rows[0].alone.ns == 806'000);
  CHECK(log.rows[1].end->ns == 1'606'000);
  CHECK(log.rows[2].end->ns == 6'002'000);
  CHECK(log.rows[2].alone.ns == 5'002'000);
  CHECK(fabric_metric(run, "workloads.mix.flow_slowdown.max") ==
        Approx(1606.0 / 806).epsilon(2e-3));
}

TEST_CASE("efficiency lengthens what is sent, not the latency", "[fabrics]") {
  Rows log;
  SimulateOptions options;
  options.flow_log = &log;
  simulate(listed({{"fabric_types.small.efficiency", "0.5"}}), options);
  CHECK(log.rows[0].end->ns == 3'206'000);
  CHECK(log.rows[2].end->ns == 6'002'000);  // the cap is below half of a link
}

TEST_CASE("a tier carries what crosses it, from the end of the warm-up on", "[fabrics]") {
  const Simulation run = simulate(listed({{"duration", "\"10 ms\""}}), {});
  // 2.5 MB up from hosts and 2.5 MB down to them, over 64 directed links of 1.25 GB/s and 10 ms.
  CHECK(fabric_metric(run, "fabrics.lab.tiers.host-leaf.utilization.mean") ==
        Approx(5e6 / (64 * 1.25e9 * 0.010)));
  // The link to host 31 carries 2 MB of the 12.5 MB that it could.
  CHECK(fabric_metric(run, "fabrics.lab.tiers.host-leaf.utilization.max") == Approx(0.16));
  CHECK(fabric_metric(run, "fabrics.lab.delivered") == 2.5e6);
  // From 1 ms on: 0.6 ms of the two at 0.625 GB/s each, and all of the third.
  const Simulation later =
      simulate(listed({{"duration", "\"10 ms\""}, {"warmup", "\"1 ms\""}}), {});
  CHECK(fabric_metric(later, "fabrics.lab.tiers.host-leaf.utilization.mean") ==
        Approx(2 * (2 * 0.6e-3 * 0.625e9 + 0.5e6) / (64 * 1.25e9 * 0.009)));
  CHECK(fabric_metric(later, "workloads.mix.flow_time.count") == 1);
}

TEST_CASE("what has not arrived at the end is in flight, and is logged without an end",
          "[fabrics]") {
  Rows log;
  SimulateOptions options;
  options.flow_log = &log;
  const Simulation run = simulate(listed({{"duration", "\"1.5 ms\""}}), options);
  REQUIRE(log.rows.size() == 3);
  CHECK_FALSE(log.rows[0].end);
  CHECK(log.rows[2].number == 2);
  CHECK(fabric_metric(run, "workloads.mix.flows_unfinished") == 3);
  CHECK(fabric_metric(run, "fabrics.lab.flows.max") == 3);
  // Half of what the two had to send by then has crossed: 2 x 0.9375 MB, and 0.05 MB of the third.
  CHECK(fabric_metric(run, "fabrics.lab.tiers.host-leaf.utilization.mean") ==
        Approx(2 * (2 * 0.9375e6 + 0.05e6) / (64 * 1.25e9 * 0.0015)).epsilon(1e-5));
}

TEST_CASE("switches and optics draw their power all the time", "[fabrics]") {
  const Simulation run = simulate(listed({{"duration", "\"100 s\""}}), {});
  // 8 leaves, 8 aggregations, 4 cores; 16 and 16 cables between them with two modules each.
  CHECK(fabric_metric(run, "regions.lab.energy") == Approx(100 * (20 * 200 + 2 * 32 * 4)));
}

TEST_CASE("complexity counts gear by tier, failures and decisions", "[fabrics]") {
  const Simulation tree = simulate(listed({{"complexity", "true"}}), {});
  CHECK(fabric_metric(tree, "fabrics.lab.endpoints") == 32);
  CHECK(fabric_metric(tree, "fabrics.lab.switches") == 20);
  CHECK(fabric_metric(tree, "fabrics.lab.cables") == 32 + 16 + 16);
  CHECK(fabric_metric(tree, "fabrics.lab.tiers.leaf-aggregation.cables") == 16);
  CHECK(fabric_metric(tree, "fabrics.lab.tiers.core.switches") == 4);
  CHECK(fabric_metric(tree, "complexity.decisions") == 0);
  // Rails: 81 servers of 8 on leaves of 41 with 9 links to each of 5 spines; what joins the
  // accelerators of a server is part of it.
  const Simulation hall = simulate(
      test::load_file("scenarios/studies/scale-out/fleet.json", {{"duration", "\"30 d\""}}), {});
  CHECK(fabric_metric(hall, "complexity.switches") == 16 + 5);
  CHECK(fabric_metric(hall, "complexity.cables") == 2 * 41 * 8 + 16 * 5 * 9);
  CHECK(fabric_metric(hall, "fabrics.us-east.tiers.scale-up.switches") == 82);
  CHECK(fabric_metric(hall, "complexity.accelerators") == 648);
  const double failures = fabric_metric(hall, "failures.gpu.count") +
                          fabric_metric(hall, "failures.software.count") +
                          fabric_metric(hall, "failures.server.count");
  CHECK(failures > 0);
  CHECK(fabric_metric(hall, "complexity.failures_per_day") == Approx(failures / 30));
  // The run is placed once, and again after each restart.
  CHECK(fabric_metric(hall, "complexity.scheduling") ==
        Approx((1 + fabric_metric(hall, "workloads.train.restarts")) / (30 * 86400)));
}

TEST_CASE("halls of 1 MW to 1 GW have switches of 144 ports, and room for all of them",
          "[fabrics]") {
  for (const char* name : {"scale-out-service", "scale-out-fleet", "scale-out-runs"}) {
    const auto study =
        load_study(fmt::format("{}/scenarios/studies/{}.json", HYPERDC_SOURCE_DIR, name));
    REQUIRE(std::holds_alternative<Study>(study));
    for (const Variation& variation : std::get<Study>(study).variations) {
      INFO(name << ": " << variation.name);
      const auto loaded = load_variation(std::get<Study>(study), variation, {});
      REQUIRE(std::holds_alternative<Loaded>(loaded));
      const Scenario& hall = std::get<Loaded>(loaded).scenario;
      const Topology& rails = *hall.fabrics[0].topology;
      CHECK(rails.summary().radix <= 144);
      std::uint64_t servers = 0;
      for (const RackGroup::Run& run : hall.racks[0].servers) servers += run.count;
      CHECK(rails.hosts() >= 8 * servers);
      for (const SwitchTier& tier : rails.summary().tiers) {
        CHECK(tier.oversubscription.value_or(1) <= 1);
      }
    }
  }
}

TEST_CASE("complexity counts attempts and evaluations of autoscalers a second", "[fabrics]") {
  const double warmup_s = GENERATE(0, 1800);
  const Simulation run =
      simulate(test::load_example("storefront-hpa", {{"complexity", "true"},
                                                     {"warmup", fmt::format("\"{} s\"", warmup_s)},
                                                     {"duration", "\"2 h\""}}),
               {});
  const double measured_s = 7200 - warmup_s;
  double routed = 0;
  for (const MetricValue& metric : run.metrics) {
    const bool asked = metric.name.ends_with(".offered") || metric.name.ends_with(".retries");
    if (asked && metric.value) routed += *metric.value;
  }
  // Each attempt is sent to a region and there to a replica; two deployments decide every 15 s.
  CHECK(fabric_metric(run, "complexity.routing") == Approx(2 * routed / measured_s));
  CHECK(fabric_metric(run, "complexity.scaling") == Approx(2.0 / 15).margin(2.0 / measured_s));
  CHECK(fabric_metric(run, "complexity.decisions") ==
        Approx(fabric_metric(run, "complexity.routing") +
               fabric_metric(run, "complexity.scheduling") +
               fabric_metric(run, "complexity.scaling")));
}

}  // namespace
}  // namespace hyperdc
