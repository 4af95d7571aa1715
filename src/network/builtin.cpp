// The built-in families of topologies, listed by hand in the order of the reference.
#include <array>

#include "network/topology/topologies.hpp"

namespace hyperdc {

std::span<const TopologyEntry> topologies() {
  static const std::array<TopologyEntry, 10> entries = {
      fat_tree_topology(),  leaf_spine_topology(), clos_topology(),      rail_optimised_topology(),
      islands_topology(),   torus_topology(),      dragonfly_topology(), dragonfly_plus_topology(),
      jellyfish_topology(), slim_fly_topology(),
  };
  return entries;
}

}  // namespace hyperdc
