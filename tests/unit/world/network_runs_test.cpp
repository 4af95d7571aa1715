// Collectives, jobs that exchange, parts of a network that fail and services on it, on paper.
#include <catch2/catch.hpp>

#include "support/load_example.hpp"
#include "world/simulate.hpp"

namespace hyperdc {
namespace {

double network_metric(const Simulation& run, const std::string& name) {
  for (const MetricValue& metric : run.metrics) {
    if (metric.name != name) continue;
    INFO(name << ": " << metric.reason);
    REQUIRE(metric.value);
    return *metric.value;
  }
  FAIL("no metric is called " << name);
  return 0;
}

Simulation run_file(const std::string& file, std::vector<Override> overrides) {
  return simulate(test::load_file("tests/property/" + file, overrides), {});
}

/// Eight ranks in two racks of four (clos of network.json), 10 Gbit/s everywhere.
Simulation ring_run(std::vector<Override> overrides) {
  overrides.insert(
      overrides.begin(),
      {"workloads.mix", R"({"kind": "collectives", "generate": null, "ranks": 8, "bytes": "4 MB",
                           "algorithm": "ring", "compute": "2 ms", "count": 5})"});
  return run_file("network.json", overrides);
}

}  // namespace

TEST_CASE("a ring takes what its closed form says, alone", "[network]") {
  const Simulation run = ring_run({});
  // 2 (8-1)/8 4 MB over 1.25 GB/s is 5.6 ms; 14 steps, of which the two laps' slowest hops count.
  const double exchange = network_metric(run, "workloads.mix.exchange.mean");
  CHECK(exchange == Approx(network_metric(run, "workloads.mix.exchange_alone")));
  CHECK(exchange > 5.6e-3);
  CHECK(exchange < 5.6e-3 + 14 * 4e-6);
  CHECK(network_metric(run, "workloads.mix.iteration.mean") == Approx(2e-3 + exchange));
  CHECK(network_metric(run, "workloads.mix.collectives") == 5);
  CHECK(network_metric(run, "workloads.mix.bus_bandwidth") ==
        Approx(4e6 * 1.75 / exchange).epsilon(1e-6));
  CHECK(network_metric(run, "workloads.mix.exchange_share") ==
        Approx(exchange / (2e-3 + exchange)).epsilon(1e-6));
  // Flows and closed form are two ways to the same time.
  const Simulation form = ring_run({{"workloads.mix.fidelity", "closed-form"}});
  CHECK(network_metric(form, "workloads.mix.exchange.mean") == Approx(exchange));
  CHECK(network_metric(form, "fabrics.lab.delivered") == 0);
  CHECK(network_metric(run, "fabrics.lab.delivered") == 5 * 8 * 7e6);
}

TEST_CASE("ranks in a random order send more between racks, and take longer", "[network]") {
  const double listed = network_metric(ring_run({}), "workloads.mix.exchange.mean");
  const double shuffled = network_metric(ring_run({{"workloads.mix.order", "\"shuffled\""}}),
                                         "workloads.mix.exchange.mean");
  CHECK(shuffled > 1.2 * listed);
}

TEST_CASE("two rings share the links that both need", "[network]") {
  const std::string other = R"({"kind": "collectives", "ranks": 8, "bytes": "4 MB",
                               "algorithm": "ring", "compute": "2 ms", "count": 5})";
  const Simulation run = ring_run({{"workloads.other", other}});
  CHECK(network_metric(run, "workloads.mix.exchange.mean") > 1.9 * 5.6e-3);
  CHECK(network_metric(run, "workloads.mix.exchange_slowdown.mean") > 1.9);
}

namespace {

/// Four servers each; 4 s of work, an exchange after each second of it.
Simulation jobs(std::vector<Override> overrides) {
  const std::vector<Override> given = {
      {"regions.lab.racks",
       R"({"r": {"server": "general-32c", "count": 8, "servers_per_rack": 4}})"},
      {"pools", R"({"all": {}})"},
      {"duration", "\"60 s\""},
      {"workloads.mix", R"({"kind": "jobs", "generate": {"count": 1, "run": "4 s", "cores": 20,
                           "members": 4}, "arrivals": {"every": "1 s"},
                           "communication": {"bytes": "1 GB", "algorithm": "ring",
                                             "every": "1 s"}})"}};
  overrides.insert(overrides.begin(), given.begin(), given.end());
  return run_file("network.json", overrides);
}

}  // namespace

TEST_CASE("a job stands still while it exchanges", "[network]") {
  const Simulation run = jobs({});
  // Three exchanges within the work; the servers are in one rack: 2 links of 1 us a step, 6 steps.
  const double exchange = 1.5e9 / 1.25e9 + 6 * 2e-6;
  CHECK(network_metric(run, "workloads.mix.collectives") == 3);
  CHECK(network_metric(run, "workloads.mix.exchange.mean") == Approx(exchange));
  CHECK(network_metric(run, "workloads.mix.exchange_slowdown.mean") == Approx(1));
  CHECK(network_metric(run, "workloads.mix.completion.mean") == Approx(4 + 3 * exchange));
}

TEST_CASE("a job of one rank has nobody to exchange with", "[network]") {
  const Simulation run = jobs({{"workloads.mix.generate.members", "1"}});
  CHECK(network_metric(run, "workloads.mix.completion.mean") == Approx(4));
  CHECK(network_metric(run, "fabrics.lab.delivered") == 0);
}

TEST_CASE("a job that loses a server takes its flows with it and begins anew", "[network]") {
  // At 1.5 s, in the first exchange: 0.5 s of each ring flow is sent.
  const Simulation run =
      jobs({{"failures.f", R"({"kind": "outage", "of": "server", "at": "1.5 s", "for": "1 s"})"}});
  const double exchange = 1.5e9 / 1.25e9 + 6 * 2e-6;
  CHECK(network_metric(run, "workloads.mix.interrupted") == 1);
  CHECK(network_metric(run, "workloads.mix.collectives") == 3);
  CHECK(network_metric(run, "workloads.mix.completion.mean") == Approx(2.5 + 4 + 3 * exchange));
  CHECK(network_metric(run, "fabrics.lab.delivered") ==
        Approx(4 * 0.5 * 1.25e9 + 3 * 4 * 1.5e9).epsilon(1e-6));
}

TEST_CASE("without a spine the others carry what they can", "[network]") {
  const std::string used = "fabrics.hall.tiers.leaf-spine.utilization.mean";
  // All go one way: 8 of the 16 directed links are full.
  CHECK(network_metric(run_file("two_leaves.json", {}), used) == Approx(0.5).epsilon(1e-3));
  const auto without = [&](const std::string& fault) {
    return network_metric(run_file("two_leaves.json", {{"failures.f", fault}}), used);
  };
  CHECK(without(R"({"kind": "network", "of": "switch", "tier": "spine", "at": "0 s",
                    "for": "1 s"})") == Approx(6.0 / 16).epsilon(1e-3));
  CHECK(without(R"({"kind": "network", "of": "plane", "items": 2, "at": "0 s", "for": "1 s"})") ==
        Approx(4.0 / 16).epsilon(1e-3));
  // Half of the time, and with half of its capacity.
  CHECK(without(R"({"kind": "network", "of": "plane", "at": "5 ms", "for": "1 s"})") ==
        Approx(0.5 * (8.0 + 6.0) / 16).epsilon(1e-3));
  CHECK(without(R"({"kind": "network", "of": "switch", "tier": "spine", "capacity": 0.5, "at":
                    "0 s", "for": "1 s"})") == Approx(7.0 / 16).epsilon(1e-3));
  // The leaf of the receivers: nothing moves, all wait.
  const Simulation cut = run_file(
      "two_leaves.json", {{"failures.f", R"({"kind": "network", "of": "switch", "tier": "leaf",
                                            "first": 1, "at": "5 ms", "for": "1 s"})"}});
  CHECK(network_metric(cut, used) == Approx(0.25).epsilon(1e-3));
  CHECK(network_metric(cut, "fabrics.hall.waiting.mean") == Approx(32));
}

TEST_CASE("without an optical switch a torus loses the links that it joins", "[network]") {
  // Each of 128 chips sends to the next along x: one of two directions is full. The 16 optical
  // switches of x join the faces of 2 cubes: each has 2 of the 128 links that are full.
  const std::string used = "fabrics.hall.tiers.x.utilization.mean";
  CHECK(network_metric(run_file("torus_shift.json", {}), used) == Approx(0.5).epsilon(1e-3));
  const Simulation one =
      run_file("torus_shift.json",
               {{"failures.f",
                 R"({"kind": "network", "of": "optical-switch", "at": "0 s", "for": "1 s"})"}});
  CHECK(network_metric(one, used) == Approx(0.5 * 126 / 128).epsilon(1e-4));
  CHECK(network_metric(one, "fabrics.hall.waiting.mean") == Approx(2));
  // All of x, for half of the time: 3 of 4 links along x are within a cube.
  const Simulation all = run_file(
      "torus_shift.json", {{"failures.f", R"({"kind": "network", "of": "optical-switch", "items":
                                             16, "at": "2.5 ms", "for": "5 ms"})"}});
  CHECK(network_metric(all, used) == Approx(0.5 * (1 + 0.75) / 2).epsilon(1e-3));
  CHECK(network_metric(all, "fabrics.hall.waiting.mean") == Approx(32.0 / 2));
}

TEST_CASE("causes that overlap count by the worst of them", "[network]") {
  const std::string used = "fabrics.hall.tiers.leaf-spine.utilization.mean";
  const Simulation run = run_file(
      "two_leaves.json",
      {{"failures.slower", R"({"kind": "network", "of": "plane", "capacity": 0.25, "at": "2 ms",
                               "for": "4 ms"})"},
       {"failures.slow", R"({"kind": "network", "of": "plane", "capacity": 0.5, "at": "0 s",
                             "for": "8 ms"})"}});
  // 8 links, of which two have half for 2 ms, a quarter for 4 ms, half for 2 ms and all for 2 ms.
  CHECK(network_metric(run, used) == Approx((6 * 10 + 2 * (1 + 1 + 1 + 2)) / 160.0).epsilon(1e-3));
  CHECK(network_metric(run, "failures.slower.count") == 1);
  CHECK(network_metric(run, "failures.slow.down.mean") == Approx(0.8));
}

TEST_CASE("parts fail as often as they should", "[network]") {
  const Simulation run = run_file(
      "two_leaves.json",
      {{"duration", "\"100 s\""},
       {"workloads", R"({"bulk": null})"},
       {"failures.f", R"({"kind": "network", "of": "optics", "tier": "leaf-spine", "mtbf": "1 s",
                          "repair": {"exponential": {"mean": "250 ms"}}})"}});
  // 16 modules, each up 0.8 of the time: 1,280 failures, 3.2 down on average.
  CHECK(network_metric(run, "failures.f.count") == Approx(1280).margin(110));
  CHECK(network_metric(run, "failures.f.down.mean") == Approx(3.2).margin(0.35));
}

TEST_CASE("an answer takes its share of the gateway's link", "[network]") {
  const Simulation run = run_file(
      "service_network.json", {{"workloads.web.network",
                                R"({"request": "1 B", "response": "100 kB", "interval": "1 s"})"}});
  // Each of 6 replicas sends 10 MB/s of 125: the others leave it 75 MB/s. 2 or 4 links of 10 us
  // each way (the gateway is in another rack).
  const double own = 100e3 / 75e6;
  const double expected = own / (1 - 10.0 / 75) + 2 * 40e-6;
  CHECK(network_metric(run, "workloads.web.network.mean") == Approx(expected).epsilon(0.04));
  // 5 ms of service, and 0.5 ms each way from the clients to the region.
  CHECK(network_metric(run, "workloads.web.latency.mean") ==
        Approx(6e-3 + network_metric(run, "workloads.web.network.mean")).epsilon(0.05));
  CHECK(network_metric(run, "fabrics.lab.delivered") == Approx(60 * 600 * 100e3).epsilon(0.05));
}

TEST_CASE("more than the link carries waits, and comes later", "[network]") {
  const Simulation run = run_file(
      "service_network.json", {{"duration", "\"10 s\""},
                               {"workloads.web.network",
                                R"({"request": "1 B", "response": "300 kB", "interval": "1 s"})"}});
  // 180 MB/s for 125: the rest waits, more and more; 10 s of it are about 440 MB, 3.5 s.
  CHECK(network_metric(run, "workloads.web.network.max") > 2);
  CHECK(network_metric(run, "workloads.web.network.max") < 8);
  CHECK(network_metric(run, "fabrics.lab.tiers.host-leaf.utilization.max") > 0.85);
}

namespace {

/// 600 requests a second to six replicas, each answered within 10 ms; the leaf of the gateway is
/// down from 20.5 s for `lasts`.
Simulation cut_service(const std::string& lasts, std::vector<Override> overrides) {
  const std::vector<Override> given = {
      {"workloads.web.network", R"({"request": "1 kB", "response": "10 kB", "interval": "1 s"})"},
      {"failures.f", R"({"kind": "network", "of": "switch", "tier": "leaf", "first": 3,
                         "at": "20.5 s", "for": ")" +
                         lasts + "\"}"}};
  overrides.insert(overrides.begin(), given.begin(), given.end());
  return run_file("service_network.json", overrides);
}

}  // namespace

TEST_CASE("answers without a path arrive once there is one", "[network]") {
  const Simulation run = cut_service("10 s", {});
  // The path is back at 30.5 s, which is seen at 31 s: the first answer that was held waits 10.5 s.
  CHECK(network_metric(run, "workloads.web.network.max") == Approx(10.5).epsilon(0.01));
  CHECK(network_metric(run, "workloads.web.latency.max") == Approx(10.5).epsilon(0.01));
  // 10.5 s of 600 answers a second are held, half of 10.5 s each in the mean.
  CHECK(network_metric(run, "workloads.web.network_held.mean") ==
        Approx(600 * 10.5 * 5.25 / 60).epsilon(0.05));
  CHECK(network_metric(run, "workloads.web.network.mean") ==
        Approx(10.5 * 5.25 / 60).epsilon(0.05));
  const double offered = network_metric(run, "workloads.web.offered");
  CHECK(offered - network_metric(run, "workloads.web.completed") < 20);  // at the end
}

TEST_CASE("answers that never get a path do not arrive", "[network]") {
  const Simulation run = cut_service("100 s", {});
  CHECK(network_metric(run, "workloads.web.completed") == Approx(20.5 * 600).epsilon(0.03));
  CHECK(network_metric(run, "workloads.web.network.max") < 0.01);
  CHECK(network_metric(run, "workloads.web.network_held.max") == Approx(39.5 * 600).epsilon(0.03));
}

TEST_CASE("clients give up what has no path", "[network]") {
  const Simulation run =
      cut_service("10 s", {{"workloads.web.client", R"({"timeout": "500 ms"})"}});
  // Those of 20.5 s to 30.5 s in vain; afterwards answers are held until 31 s, which is in time.
  const double failed = network_metric(run, "workloads.web.failed");
  CHECK(failed == Approx(600 * 10).epsilon(0.05));
  CHECK(network_metric(run, "workloads.web.timed_out") == failed);
  CHECK(network_metric(run, "workloads.web.wasted") == failed);
  CHECK(network_metric(run, "workloads.web.latency.max") < 0.52);
}

TEST_CASE("a replica that is lost takes the answers along that it holds", "[network]") {
  const Simulation run =
      cut_service("10 s", {{"workloads.web.instance.cores", "24"},
                           {"failures.server", R"({"kind": "outage", "of": "rack", "items": 1,
                                                   "at": "25 s", "for": "100 s"})"}});
  // One of two racks with four or two of six replicas: their part of 4.5 s.
  const double crashed = network_metric(run, "workloads.web.crashed");
  CHECK(crashed > 4.5 * 600 * 0.25);
  CHECK(crashed < 4.5 * 600 * 0.75);
  CHECK(network_metric(run, "workloads.web.failed") >= crashed);
}

TEST_CASE("other replicas answer while one has no path", "[network]") {
  // The leaf of the second rack: two of six replicas.
  const Simulation run =
      cut_service("10 s", {{"workloads.web.instance.cores", "24"}, {"failures.f.first", "1"}});
  const double held = network_metric(run, "workloads.web.network_held.max");
  CHECK(held > 10.5 * 600 * 0.2);
  CHECK(held < 10.5 * 600 * 0.8);
  CHECK(network_metric(run, "workloads.web.network.p50") < 0.01);
}

namespace {

/// A slice of two cubes of a pod of four, 100 ms; what fails is put into place of `fault`.
Simulation cubes(const std::string& fault) {
  return run_file("cubes.json", {{"failures.f", R"({"kind": "network", "of": "cube", )" + fault}});
}

}  // namespace

TEST_CASE("a spare cube takes the place of one that fails", "[network]") {
  const Simulation without = cubes(R"("at": "10 ms", "for": "60 ms"})");
  CHECK(network_metric(without, "failures.f.down.mean") == Approx(0.6));
  const Simulation with = cubes(R"("at": "10 ms", "for": "60 ms", "spare": {"after": "5 ms"}})");
  CHECK(network_metric(with, "failures.f.count") == 1);
  CHECK(network_metric(with, "failures.f.down.mean") == Approx(0.05));
  CHECK(network_metric(with, "failures.f.replaced") == 1);
  // Two at first; one until the broken cube is repaired and a spare itself.
  CHECK(network_metric(with, "failures.f.spares.mean") == Approx((2 * 40 + 60) / 100.0));
  // Flows of its chips wait for 5 ms and not for 60, ever more of them.
  const std::string waiting = "fabrics.lab.waiting.mean";
  CHECK(network_metric(with, waiting) > 0);
  CHECK(network_metric(without, waiting) / network_metric(with, waiting) ==
        Approx(60.0 * 60 / (5 * 5)).epsilon(0.2));
}

TEST_CASE("with one spare for two cubes, one waits for its repair", "[network]") {
  const Simulation run = cubes(
      R"("items": 2, "at": "10 ms", "for": "60 ms", "spare": {"count": 1, "after": "5 ms"}})");
  CHECK(network_metric(run, "failures.f.count") == 2);
  CHECK(network_metric(run, "failures.f.down.mean") == Approx(0.05 + 0.6));
  CHECK(network_metric(run, "failures.f.replaced") == 1);
  CHECK(network_metric(run, "failures.f.spares.mean") == Approx((10 + 30) / 100.0));
}

TEST_CASE("no spare is used where the cube itself is back sooner", "[network]") {
  const Simulation run = cubes(R"("at": "10 ms", "for": "5 ms", "spare": {"after": "5 ms"}})");
  CHECK(network_metric(run, "failures.f.down.mean") == Approx(0.05));
  CHECK(network_metric(run, "failures.f.replaced") == 0);
  CHECK(network_metric(run, "failures.f.spares.mean") == Approx(2));
}

TEST_CASE("cubes that fail at random are replaced as queueing says", "[network]") {
  // 2 places and 2 spares, each cube up for 1 s and in repair for 1 s in the mean, and spares that
  // do not fail and are there at once (almost): a closed chain of the number n of broken cubes,
  // n -> n + 1 at min(2, 4 - n) / s, back at n / s: p = 1, 2, 2, 4/3 x ... normalised below.
  const Simulation run = run_file(
      "cubes.json",
      {{"duration", "\"2000 s\""},
       {"workloads", R"({"mix": null})"},
       {"failures.f", R"({"kind": "network", "of": "cube", "mtbf": "1 s", "spare": {"after":
                          "1 us"}, "repair": {"exponential": {"mean": "1 s"}}})"}});
  const double p[] = {1, 2, 2, 2.0 * 2 / 3, 2.0 * 2 / 3 / 4};
  const double all = p[0] + p[1] + p[2] + p[3] + p[4];
  CHECK(network_metric(run, "failures.f.down.mean") ==
        Approx((p[3] + 2 * p[4]) / all).epsilon(0.1));
  CHECK(network_metric(run, "failures.f.spares.mean") ==
        Approx((2 * p[0] + p[1]) / all).epsilon(0.1));
  CHECK(network_metric(run, "failures.f.count") ==
        Approx(2000 * (2 * (p[0] + p[1] + p[2]) + p[3]) / all).epsilon(0.05));
}

}  // namespace hyperdc
