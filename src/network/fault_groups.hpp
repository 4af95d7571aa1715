// Which links a part of a network takes along when it fails.
//
// A switch: all links at it. A cable: both directions. An optical module: the cable at one end of
// which it is. A plane: every link of it (Topology::plane). An optical circuit switch: the cables
// that it joins (Topology::optical_switch). A cube of 4 x 4 x 4 chips of a torus of such cubes: all
// links at one of its chips, so that a cable between two cubes is of both; cubes are numbered as
// Topology::rack has them. Leaves out: line cards, power feeds of switches.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "network/topology/topology.hpp"

namespace hyperdc {

enum class NetworkPart { network_switch, cable, optics, plane, optical_switch, cube };

struct FaultGroups {
  std::vector<std::vector<LinkId>> links;  // by item
};

/// Items of a kind. `tier`: of switches (SwitchTier::name) or of cables and optics
/// (Topology::link_tiers); not used by the others. No items: the topology has none.
FaultGroups fault_groups(const Topology& topology, NetworkPart part, std::string_view tier);

/// Names that `tier` may have; empty: the kind has no tiers.
std::vector<std::string> fault_tiers(const Topology& topology, NetworkPart part);

}  // namespace hyperdc
