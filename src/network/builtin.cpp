// The built-in families of topologies, listed by hand in the order of the reference.
#include <array>

#include "network/topology/topologies.hpp"

namespace hyperdc {

std::span<const TopologyEntry> topologies() {
  static const std::array<TopologyEntry, 6> entries = {
      fat_tree_topology(),
      leaf_spine_topology(),
      clos_topology(),
      rail_optimised_topology(),
      islands_topology(),
      torus_topology(),
  };
  return entries;
}

}  // namespace hyperdc
