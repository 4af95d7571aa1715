// FabricSpec: the network of a region, or the WAN between regions, resolved; and transfers over it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ai/collective/prepare.hpp"
#include "network/fabric_rules.hpp"
#include "network/topology/topology.hpp"
#include "network/topology/tpu_slices.hpp"
#include "workload/transfer.hpp"

namespace hyperdc {

/// One piece of network gear. Nothing: not known.
struct GearSpec {
  std::optional<double> power_w;
  std::optional<double> price_usd;
};

inline constexpr std::string_view kWan = "wan";

struct FabricSpec {
  std::string name;    // in metrics: that of its region, or kWan
  std::string type;    // name of the fabric type: "alibaba-hpn7"
  std::string family;  // "rail-optimised"
  /// Endpoints are numbered through its racks, in their order. Nothing: the WAN, whose endpoints
  /// are the regions of the scenario, in their order.
  std::optional<std::uint32_t> region;
  std::vector<std::string> endpoint_names = {};  // empty: numbers are their names
  std::shared_ptr<const Topology> topology;
  double efficiency = 1;  // share of a link's capacity that payload gets
  FabricRules rules;
  GearSpec switches;
  GearSpec optics;            // two to each cable between switches
  std::optional<TpuPod> pod;  // of a torus that is a slice: what it is cut from
};

struct TransfersWorkload {
  std::string name;
  std::uint32_t fabric = 0;  // index into Scenario::fabrics
  TransfersSpec transfers;
};

/// Ranks that compute, exchange, compute again: the traffic of training.
struct CollectivesWorkload {
  std::string name;
  std::uint32_t fabric = 0;
  std::vector<EndpointId> ranks;
  CollectiveRequest request;
  PreparedCollective prepared;
  bool closed_form = false;  // its time is that of a fabric without other traffic; no flows
  SimTime start;
  DistributionSpec compute_s;  // before each collective
  std::uint64_t count = 0;     // 0: until the end of the run
};

/// The fabric of a region, by its place; nothing where it has none.
std::optional<std::uint32_t> fabric_of_region(std::span<const FabricSpec> fabrics,
                                              std::uint32_t region);
/// Switches and cables but those inside a server: what joins its accelerators is part of it, and
/// so are NICs that they share.
struct FabricGear {
  std::uint64_t switches = 0, cables = 0;
};
FabricGear gear_of(const Topology& topology);
/// Cables between switches (a NIC is none): each has two optical modules.
std::uint64_t switch_cables(const Topology& topology);
/// Of all switches (gear_of) and optics; nothing where neither is stated.
std::optional<double> fabric_power_w(const FabricSpec& fabric);
std::optional<double> fabric_price_usd(const FabricSpec& fabric);

/// The racks of all endpoints of a fabric.
EndpointRacks endpoint_racks(const FabricSpec& fabric);

}  // namespace hyperdc
