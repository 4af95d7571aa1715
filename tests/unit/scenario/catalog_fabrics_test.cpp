// The fabrics of the catalog: each builds, and has the numbers that its sources publish.
#include <catch2/catch.hpp>
#include <map>

#include "files.hpp"
#include "scenario/catalog.hpp"
#include "scenario/load.hpp"

using namespace hyperdc;

namespace {

constexpr double kGbit = 1e9 / 8;

FabricSpec fabric_named(const std::string& name) {
  auto loaded = load_fabric({}, name);
  if (const auto* issues = std::get_if<Issues>(&loaded)) FAIL(test::print(*issues));
  return std::get<FabricSpec>(std::move(loaded));
}

TopologySummary summary_of(const std::string& name) {
  return fabric_named(name).topology->summary();
}

/// Switches by the name of their tier.
std::map<std::string, std::uint32_t> switches_of(const TopologySummary& summary) {
  std::map<std::string, std::uint32_t> out;
  for (const SwitchTier& tier : summary.tiers) out[std::string(tier.name)] = tier.switches;
  return out;
}

}  // namespace

TEST_CASE("every fabric of the catalog builds, and its first and last endpoint reach each other") {
  Sources sources;
  Problems problems(sources);
  const Catalog catalog({}, sources, problems);
  const auto names = catalog.names(kFabrics);
  REQUIRE(names.size() >= 20);
  for (const std::string& name : names) {
    INFO(name);
    const FabricSpec fabric = fabric_named(name);
    const Topology& topology = *fabric.topology;
    const TopologySummary summary = topology.summary();
    CHECK(summary.bisection_Bps > 0);
    CHECK(summary.links == topology.links());
    LinkPath path;
    topology.path({0}, {topology.hosts() - 1}, 0, path);
    REQUIRE_FALSE(path.links().empty());
    CHECK(path.links().size() <= summary.diameter);
    CHECK(topology.ends(path.links().front()).from == 0);
    CHECK(topology.ends(path.links().back()).to == topology.hosts() - 1);
  }
}

TEST_CASE("clusters of the catalog have the published numbers of accelerators and switches") {
  const auto hpn = summary_of("alibaba-hpn7");
  CHECK(hpn.hosts == 15360);
  CHECK(switches_of(hpn)["leaf"] == 240);
  CHECK(switches_of(hpn)["spine"] == 120);
  CHECK(hpn.tiers[0].oversubscription.value() == Approx(25.6 / 24));  // 1.067
  CHECK(hpn.bisection_Bps == Approx(240 * 60 * 400 * kGbit / 2));

  const auto dcn = summary_of("alibaba-dcn-plus");
  CHECK(dcn.hosts == 512);
  CHECK(switches_of(dcn)["leaf"] == 8);
  CHECK(switches_of(dcn)["spine"] == 8);

  const auto spectrum = summary_of("spectrum-x");
  CHECK(spectrum.hosts == 4096);
  CHECK(switches_of(spectrum)["leaf"] == 64);
  CHECK(switches_of(spectrum)["spine"] == 64);
  CHECK(spectrum.bisection_Bps == Approx(4096 * 400 * kGbit / 2));

  const auto roce = summary_of("meta-roce-24k");
  CHECK(roce.hosts == 24576);
  CHECK(roce.tiers[0].oversubscription.value() == Approx(1 / 1.125));
  CHECK(roce.tiers[1].oversubscription.value() == Approx(7).epsilon(0.02));
  CHECK(to_seconds(fabric_named("meta-roce-24k").topology->link({0}).latency) * 12 ==
        Approx(22e-6).epsilon(0.02));

  const auto infiniband = summary_of("meta-ib-24k");
  CHECK(infiniband.hosts == 24576);
  CHECK(infiniband.radix <= 64);
  CHECK(infiniband.bisection_Bps == Approx(24576 * 400 * kGbit / 2));
}

TEST_CASE("SuperPODs of the catalog have the switches of NVIDIA's reference architecture") {
  struct Size {
    std::uint32_t accelerators, leaves, spines, cores;
  };
  const std::map<std::string, Size> published{
      {"1su", {248, 8, 4, 0}}, {"4su", {1016, 32, 16, 0}}, {"16su", {4088, 128, 128, 64}}};
  for (const auto& [name, size] : published) {
    INFO(name);
    const auto summary = summary_of("dgx-superpod-h100-" + name);
    auto switches = switches_of(summary);
    CHECK(summary.hosts == size.accelerators + 8);  // the ports of one server manage the fabric
    CHECK(switches["leaf"] == size.leaves);
    CHECK(switches["spine"] == size.spines);
    CHECK(switches["core"] == size.cores);
    CHECK(summary.radix == 64);
    CHECK(summary.bisection_Bps == Approx(summary.hosts * 400 * kGbit / 2));
  }
}

TEST_CASE("networks of datacenters in the catalog have the published bandwidths") {
  const auto f16 = fabric_named("meta-f16").topology->summary();
  CHECK(f16.radix <= 128);
  CHECK(switches_of(f16)["aggregation"] == 48U * 16);
  CHECK(f16.tiers[1].oversubscription.value() == Approx(48.0 / 36));

  // Google counts what all blocks send: 1.3 Pbit/s; a cut into halves carries half of it each way.
  const auto jupiter = summary_of("google-jupiter");
  CHECK(2 * jupiter.bisection_Bps == Approx(1.3e15 / 8).epsilon(0.01));
  CHECK(jupiter.tiers[0].oversubscription.value() == Approx(3));
  CHECK(jupiter.hosts >= 100'000);

  const auto first = summary_of("aws-ultracluster1");
  CHECK(first.hosts >= 4000);
  CHECK(first.bisection_Bps == Approx(first.hosts / 8 * 400 * kGbit / 2));
  // 64 leaves and 32 spines; four NICs a server are no switches, and their ends are copper.
  FabricSpec p4d = fabric_named("aws-ultracluster1");
  CHECK(gear_of(*p4d.topology).switches == 64 + 32);
  CHECK(gear_of(*p4d.topology).cables == 512 * 4 + 64 * 32);
  p4d.switches.power_w = 100;
  p4d.optics.power_w = 1;
  CHECK(fabric_power_w(p4d) == 96 * 100 + 2 * 64 * 32);
  // Three links a chip, of which three of a server of four in a row are inside it.
  const FabricGear tpu = gear_of(*fabric_named("tpu-v4").topology);
  CHECK(tpu.switches == 0);
  CHECK(tpu.cables == 3 * 4096 - 3 * 1024);
  const auto second = summary_of("aws-ultracluster2");
  CHECK(second.hosts >= 20000);
  CHECK(second.radix <= 128);
  CHECK(second.bisection_Bps == Approx(second.hosts / 8 * 3200 * kGbit / 2));
  for (const auto& [name, most_s] :
       std::map<std::string, double>{{"aws-ultracluster1", 8e-6}, {"aws-ultracluster2", 5e-6}}) {
    const FabricSpec fabric = fabric_named(name);
    const Topology& topology = *fabric.topology;
    LinkPath path;
    topology.path({0}, {topology.hosts() - 1}, 0, path);
    double latency_s = 0;
    for (const LinkId link : path.links()) latency_s += to_seconds(topology.link(link).latency);
    INFO(name << " " << latency_s);
    CHECK(latency_s <= most_s * 1.0001);
  }

  const auto slingshot = summary_of("dragonfly-slingshot");
  CHECK(slingshot.radix <= 64);
  const double global = 2.0 * static_cast<double>(slingshot.cables.back()) * 200 * kGbit;
  CHECK(global / (slingshot.hosts * 200 * kGbit) == Approx(0.57).epsilon(0.02));
}

TEST_CASE("scale-up domains and TPU pods of the catalog have the published bandwidths") {
  const FabricSpec nvl = fabric_named("nvl72");
  LinkPath path;
  nvl.topology->path({0}, {71}, 0, path);
  REQUIRE(path.links().size() == 2);
  // 18 switches; both directions of 72 accelerators are 130 TB/s.
  CHECK(nvl.topology->link(path.links()[0]).capacity_Bps * 18 * 72 * 2 ==
        Approx(130e12).epsilon(0.01));
  CHECK(nvl.topology->choices({0}, {71}) == 18);

  CHECK(summary_of("tpu-v4").hosts == 4096);
  CHECK(summary_of("tpu-v4").bisection_Bps == Approx(24e12).epsilon(0.07));  // printed: 24 TB/s
  CHECK(summary_of("tpu-v5p").hosts == 6144);
  CHECK(summary_of("tpu-v5e").bisection_Bps == Approx(1.6e12));
  CHECK(summary_of("tpu-v6e").bisection_Bps == Approx(3.2e12));
  CHECK(summary_of("tpu7x").hosts == 9216);
  CHECK(summary_of("trn2").hosts == 16);
}
