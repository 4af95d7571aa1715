#include "scenario/resolve_service_network.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace hyperdc {
namespace {

/// Gateways are endpoints without a server.
void check_gateways(Resolution& r, const View& network, const ServiceNetworkSpec& spec,
                    const FabricSpec& fabric) {
  std::uint64_t servers = 0;
  for (const RackGroup& rack : r.scenario.racks) {
    if (rack.region == fabric.region) servers += servers_in(rack);
  }
  const std::uint64_t hosts = fabric.topology->hosts();
  const std::uint64_t used = servers * fabric.topology->endpoints_per_server();
  if (used > hosts || used + spec.gateways <= hosts) return;  // more servers than that: reported
  r.error(
      "E034", network["gateways"],
      fmt::format("{} gateways, and the servers leave {} of the {} endpoints of the fabric free",
                  spec.gateways, hosts - used, hosts),
      "a larger fabric, or fewer gateways");
}

}  // namespace

std::optional<std::uint32_t> fabric_of_pools(Resolution& r, const View& at,
                                             std::span<const DeploymentSpec> pools,
                                             const PoolsMessage& apart) {
  const std::uint32_t region = pools.front().region;
  if (!std::ranges::all_of(pools, [&](const auto& each) { return each.region == region; })) {
    r.error("E034", at, std::string(apart.problem), std::string(apart.hint));
    return std::nullopt;
  }
  const auto fabric = fabric_of_region(r.scenario.fabrics, region);
  const std::string& name = r.scenario.regions[region].name;
  if (!fabric && r.spec["regions"][name]["fabric"].json() == nullptr) {
    r.error("E034", at, fmt::format("region {} has no fabric", name), "add \"fabric\" to it");
  }
  return fabric;
}

std::optional<ServiceNetworkSpec> service_network_of(
    Resolution& r, const View& network, const std::vector<DeploymentSpec>& deployments) {
  if (!network) return std::nullopt;
  ServiceNetworkSpec out;
  out.request_bytes = network["request"].number();
  out.response_bytes = network["response"].number();
  out.interval = network["interval"].duration();
  out.gateways = std::max(1U, static_cast<std::uint32_t>(network["gateways"].number()));
  out.weight = network["weight"].number();
  if (deployments.empty()) return std::nullopt;  // reported
  const auto fabric = fabric_of_pools(r, network, deployments,
                                      {"the pools of this service lie in several regions",
                                       "its replicas move bytes over the fabric of one"});
  if (!fabric) return std::nullopt;
  check_gateways(r, network, out, r.scenario.fabrics[*fabric]);
  return out;
}

}  // namespace hyperdc
