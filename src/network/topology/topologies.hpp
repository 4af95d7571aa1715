// The families of topologies, one a file.
#pragma once

#include "network/topology/topology.hpp"

namespace hyperdc {

TopologyEntry fat_tree_topology();
TopologyEntry leaf_spine_topology();
TopologyEntry clos_topology();
TopologyEntry rail_optimised_topology();
TopologyEntry islands_topology();
TopologyEntry torus_topology();
TopologyEntry dragonfly_topology();
TopologyEntry dragonfly_plus_topology();
TopologyEntry jellyfish_topology();
TopologyEntry slim_fly_topology();

}  // namespace hyperdc
