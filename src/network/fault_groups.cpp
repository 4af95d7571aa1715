#include "network/fault_groups.hpp"

#include <algorithm>
#include <optional>

namespace hyperdc {

namespace {

/// First vertex of a tier of switches and how many there are.
struct Vertices {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
};

Vertices vertices_of(const Topology& topology, std::string_view tier) {
  std::uint32_t first = topology.hosts();
  for (const SwitchTier& each : topology.summary().tiers) {
    if (each.name == tier) return {first, each.switches};
    first += each.switches;
  }
  return {};
}

FaultGroups switches(const Topology& topology, std::string_view tier) {
  const Vertices of = vertices_of(topology, tier);
  FaultGroups groups;
  groups.links.resize(of.count);
  for (std::uint32_t l = 0; l < topology.links(); ++l) {
    const LinkEnds ends = topology.ends({l});
    for (const std::uint32_t end : {ends.from, ends.to}) {
      if (end < of.first || end - of.first >= of.count) continue;
      groups.links[end - of.first].push_back({l});
    }
  }
  return groups;
}

/// `times`: how often each cable is an item.
FaultGroups cables(const Topology& topology, std::string_view tier, std::uint32_t times) {
  FaultGroups groups;
  const auto names = topology.link_tiers();
  const auto at = static_cast<std::uint32_t>(std::ranges::find(names, tier) - names.begin());
  for (std::uint32_t l = 0; l < topology.links(); ++l) {
    const LinkId back = topology.opposite({l});
    if (topology.link({l}).tier != at || back.value < l) continue;
    std::vector<LinkId> both{{l}};
    if (back.value != l) both.push_back(back);
    for (std::uint32_t i = 0; i < times; ++i) groups.links.push_back(both);
  }
  return groups;
}

template <class GroupOf>
FaultGroups by_group(const Topology& topology, std::uint32_t count, const GroupOf& group_of) {
  FaultGroups groups;
  groups.links.resize(count);
  for (std::uint32_t l = 0; l < topology.links(); ++l) {
    const std::optional<std::uint32_t> group = group_of(LinkId{l});
    if (group) groups.links[*group].push_back({l});
  }
  return groups;
}

FaultGroups cubes_of_torus(const Topology& topology) {
  FaultGroups groups;
  if (topology.optical_switches() == 0) return groups;  // not made of cubes
  groups.links.resize(topology.racks());
  for (std::uint32_t l = 0; l < topology.links(); ++l) {
    const LinkEnds ends = topology.ends({l});
    const std::uint32_t from = topology.rack({ends.from});
    const std::uint32_t to = topology.rack({ends.to});
    groups.links[from].push_back({l});
    if (to != from) groups.links[to].push_back({l});
  }
  return groups;
}

}  // namespace

FaultGroups fault_groups(const Topology& topology, NetworkPart part, std::string_view tier) {
  switch (part) {
    case NetworkPart::network_switch:
      return switches(topology, tier);
    case NetworkPart::cable:
      return cables(topology, tier, 1);
    case NetworkPart::optics:
      return cables(topology, tier, 2);
    case NetworkPart::plane:
      return by_group(topology, topology.planes(), [&](LinkId l) { return topology.plane(l); });
    case NetworkPart::cube:
      return cubes_of_torus(topology);
    case NetworkPart::optical_switch:
      break;
  }
  return by_group(topology, topology.optical_switches(),
                  [&](LinkId l) { return topology.optical_switch(l); });
}

std::vector<std::string> fault_tiers(const Topology& topology, NetworkPart part) {
  std::vector<std::string> names;
  if (part == NetworkPart::network_switch) {
    for (const SwitchTier& tier : topology.summary().tiers) names.emplace_back(tier.name);
  } else if (part == NetworkPart::cable || part == NetworkPart::optics) {
    for (const std::string_view tier : topology.link_tiers()) names.emplace_back(tier);
  }
  return names;
}

}  // namespace hyperdc
