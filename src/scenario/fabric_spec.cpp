#include "scenario/fabric_spec.hpp"

#include <algorithm>

namespace hyperdc {

namespace {

std::optional<double> sum_of(const FabricSpec& fabric, std::optional<double> GearSpec::*of_one) {
  const std::optional<double> each_switch = fabric.switches.*of_one;
  const std::optional<double> each_optic = fabric.optics.*of_one;
  if (!each_switch && !each_optic) return std::nullopt;
  const auto switches = static_cast<double>(gear_of(*fabric.topology).switches);
  const auto optics = 2 * static_cast<double>(switch_cables(*fabric.topology));
  return each_switch.value_or(0) * switches + each_optic.value_or(0) * optics;
}

/// Of a torus: those between neighbours of one server.
std::uint64_t cables_inside_servers(const Topology& torus) {
  const std::uint32_t server = torus.endpoints_per_server();
  std::uint64_t directed = 0;
  for (std::uint32_t l = 0; l < torus.links(); ++l) {
    const LinkEnds ends = torus.ends({l});
    directed += ends.from / server == ends.to / server ? 1 : 0;
  }
  return directed / 2;
}

}  // namespace

std::optional<std::uint32_t> fabric_of_region(std::span<const FabricSpec> fabrics,
                                              std::uint32_t region) {
  const auto at = std::ranges::find(fabrics, region, &FabricSpec::region);
  if (at == fabrics.end()) return std::nullopt;
  return static_cast<std::uint32_t>(at - fabrics.begin());
}

FabricGear gear_of(const Topology& topology) {
  constexpr std::string_view kScaleUp = "scale-up";  // as topologies call these tiers
  constexpr std::string_view kNic = "NIC";
  const TopologySummary all = topology.summary();
  FabricGear gear{all.switches(), all.links / 2};
  for (const SwitchTier& tier : all.tiers) {
    const bool joins_server =
        tier.name == kScaleUp && tier.ports == topology.endpoints_per_server();
    if (!joins_server && tier.name != kNic) continue;
    gear.switches -= tier.switches;
    gear.cables -= joins_server ? std::uint64_t{tier.switches} * tier.ports : all.hosts;
  }
  if (!topology.torus_extents().empty()) gear.cables -= cables_inside_servers(topology);
  return gear;
}

std::uint64_t switch_cables(const Topology& topology) {
  std::uint64_t directed = 0;
  for (std::uint32_t l = 0; l < topology.links(); ++l) {
    if (topology.link({l}).tier == 0) continue;  // of hosts, or of the NICs that they share
    const LinkEnds ends = topology.ends({l});
    directed += ends.from >= topology.hosts() && ends.to >= topology.hosts() ? 1 : 0;
  }
  return directed / 2;
}

std::optional<double> fabric_power_w(const FabricSpec& fabric) {
  return sum_of(fabric, &GearSpec::power_w);
}

std::optional<double> fabric_price_usd(const FabricSpec& fabric) {
  return sum_of(fabric, &GearSpec::price_usd);
}

EndpointRacks endpoint_racks(const FabricSpec& fabric) {
  EndpointRacks racks;
  racks.hosts = fabric.topology->hosts();
  racks.rack_of.reserve(racks.hosts);
  for (std::uint32_t e = 0; e < racks.hosts; ++e) {
    racks.rack_of.push_back(fabric.topology->rack({e}));
  }
  return racks;
}

}  // namespace hyperdc
