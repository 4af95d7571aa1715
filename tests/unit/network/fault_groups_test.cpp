// What fails together: links of a switch, a cable, a plane, an optical switch.
#include "network/fault_groups.hpp"

#include <catch2/catch.hpp>

#include "network/topology/fat_tree.hpp"
#include "network/topology/torus.hpp"

namespace hyperdc {
namespace {

const ClosLink kCable{1e9, nanoseconds(100)};

std::size_t links_in(const FaultGroups& groups) {
  std::size_t all = 0;
  for (const auto& group : groups.links) all += group.size();
  return all;
}

TEST_CASE("a switch takes the links of its ports along", "[faults]") {
  const Clos tree(fat_tree(4, kCable));
  const FaultGroups cores = fault_groups(tree, NetworkPart::network_switch, "core");
  REQUIRE(cores.links.size() == 4);
  for (const auto& links : cores.links) CHECK(links.size() == 2 * 4);
  const FaultGroups leaves = fault_groups(tree, NetworkPart::network_switch, "leaf");
  REQUIRE(leaves.links.size() == 8);
  for (const auto& links : leaves.links) CHECK(links.size() == 2 * 4);
  CHECK(fault_groups(tree, NetworkPart::network_switch, "spine").links.empty());
  CHECK(fault_tiers(tree, NetworkPart::network_switch) ==
        std::vector<std::string>{"leaf", "aggregation", "core"});
}

TEST_CASE("a cable is two links, and has two optical modules", "[faults]") {
  const Clos tree(fat_tree(4, kCable));
  const FaultGroups cables = fault_groups(tree, NetworkPart::cable, "aggregation-core");
  CHECK(cables.links.size() == 16);
  for (const auto& links : cables.links) {
    REQUIRE(links.size() == 2);
    CHECK(tree.opposite(links[0]) == links[1]);
    CHECK(tree.link(links[0]).tier == 2);
  }
  CHECK(fault_groups(tree, NetworkPart::optics, "aggregation-core").links.size() == 32);
}

TEST_CASE("the planes of a fat tree share its links evenly", "[faults]") {
  const Clos tree(fat_tree(8, kCable));
  const FaultGroups planes = fault_groups(tree, NetworkPart::plane, "");
  REQUIRE(planes.links.size() == 4);
  // Of the 2 x 3 x 128 directed links those of hosts belong to no plane.
  for (const auto& links : planes.links) CHECK(links.size() == 2 * 2 * 128 / 4);
  for (const auto& links : planes.links) {
    for (const LinkId link : links) CHECK(tree.link(link).tier > 0);
  }
}

TEST_CASE("48 optical switches join the cubes of a TPU pod", "[faults]") {
  TorusSpec spec;
  spec.extents = {16, 16, 16};
  spec.link = kCable;
  const Torus pod(spec);
  const FaultGroups ocs = fault_groups(pod, NetworkPart::optical_switch, "");
  REQUIRE(ocs.links.size() == 48);
  // 64 cubes have 6 faces of 16 links: as many cables as half of them.
  for (const auto& links : ocs.links) CHECK(links.size() == 2 * 64);
  CHECK(links_in(ocs) == 2 * 64 * 6 * 16 / 2);
  spec.extents = {6, 4, 4};
  CHECK(fault_groups(Torus(spec), NetworkPart::optical_switch, "").links.empty());
}

TEST_CASE("a cube takes the links within it and those at its faces along", "[faults]") {
  TorusSpec spec;
  spec.extents = {8, 8, 12};
  spec.link = kCable;
  const Torus slice(spec);
  const FaultGroups cubes = fault_groups(slice, NetworkPart::cube, "");
  REQUIRE(cubes.links.size() == 2 * 2 * 3);
  // Inside 3 x 3 x 16 cables; 6 faces of 16 cables; two links each.
  for (const auto& links : cubes.links) CHECK(links.size() == 2 * (3 * 48 + 6 * 16));
  for (std::uint32_t cube = 0; cube < cubes.links.size(); ++cube) {
    for (const LinkId link : cubes.links[cube]) {
      const LinkEnds ends = slice.ends(link);
      const bool there = slice.rack({ends.from}) == cube || slice.rack({ends.to}) == cube;
      REQUIRE(there);
    }
  }
  // Each link of a chip is of its cube; those between cubes are of two.
  CHECK(links_in(cubes) == slice.links() + 12 * 2 * 6 * 16 / 2);
  spec.extents = {4, 4, 4};  // its faces are joined to each other
  CHECK(fault_groups(Torus(spec), NetworkPart::cube, "").links.at(0).size() == 2 * 3 * 64);
  spec.wrap = false;
  CHECK(fault_groups(Torus(spec), NetworkPart::cube, "").links.empty());
}

}  // namespace
}  // namespace hyperdc
