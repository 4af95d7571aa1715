// Tori and meshes of one to three dimensions: each endpoint is joined to its neighbours.
//
// Endpoint (a, b, c) is number a + x (b + y c). Cable i of a dimension joins coordinate i and i + 1
// of one row; with `wrap` the last joins the ends (a ring of two has two cables). Paths go through
// one dimension after the other, each the shorter way round. Choices: k! orders of the k dimensions
// in which the two differ, times 2 for each in which they are exactly half a ring apart.
// Detours: by way of a third endpoint (Valiant), each half in the order of the dimensions. It has
// another first coordinate than the receiver and another second than the sender, so that the halves
// have no row in common and no link is crossed twice; some are no longer than the shortest. On a
// ring: the longer way round. None where one could have more than 64 links.
// Bisection: the cut across the longest dimension; exact where that is even, else a lower bound.
// Sources: Dally and Towles, "Principles and practices of interconnection networks", 2004, chapters
// 5 and 8; Valiant, "A scheme for fast parallel communication", SIAM J. Comput. 11(2), 1982. Valid:
// shortest paths of up to 64 links. Leaves out: twisted tori, deadlock and its virtual channels.
#pragma once

#include "network/topology/clos.hpp"

namespace hyperdc {

struct TorusSpec {
  std::array<std::uint32_t, 3> extents = {1, 1, 1};
  bool wrap = true;
  std::uint32_t chips_per_server = 1;  // neighbours along x: 1, 2 or 4
  ClosLink link;
};

/// What is wrong with the sizes, as one sentence; empty: nothing.
std::string torus_problem(const TorusSpec& spec);

class Torus final : public Topology {
 public:
  explicit Torus(const TorusSpec& spec);

  std::uint32_t hosts() const override { return hosts_; }
  std::uint32_t links() const override { return links_; }
  std::uint32_t vertices() const override { return hosts_; }
  std::uint32_t longest_path() const override;
  LinkInfo link(LinkId link) const override;
  LinkEnds ends(LinkId link) const override;
  LinkId opposite(LinkId link) const override;
  std::uint32_t choices(EndpointId from, EndpointId to) const override;
  void path(EndpointId from, EndpointId to, std::uint32_t choice, LinkPath& out) const override;
  std::uint32_t detours(EndpointId from, EndpointId to) const override;
  void detour(EndpointId from, EndpointId to, std::uint32_t choice, LinkPath& out) const override;
  std::uint32_t endpoints_per_server() const override { return spec_.chips_per_server; }
  /// Blocks of 4 by 4 by 4.
  std::uint32_t rack(EndpointId endpoint) const override;
  std::uint32_t racks() const override;
  std::span<const std::string_view> link_tiers() const override { return names_; }
  std::span<const std::uint32_t> torus_extents() const override;
  /// Cubes of 4 by 4 by 4 are joined by 48 optical switches: one for each of the 16 places of a
  /// face and each of the three dimensions, through which go the cables at that place of all cubes
  /// (Jouppi et al., "TPU v4", ISCA 2023). None unless it is made of such cubes.
  std::uint32_t optical_switches() const override { return is_of_cubes() ? 48 : 0; }
  std::optional<std::uint32_t> optical_switch(LinkId link) const override;
  TopologySummary summary() const override;

 private:
  struct Axis {
    std::uint32_t extent;
    std::uint32_t stride;  // from an endpoint to the next
    std::uint32_t cables;  // of all rows
    std::uint32_t first;   // link upwards
  };
  struct Way {
    std::uint32_t steps = 0;
    bool up = true;
    bool both = false;  // the other way is as short
  };
  std::uint32_t coordinate(std::uint32_t endpoint, std::uint32_t axis) const;
  std::uint32_t cable(std::uint32_t axis, std::uint32_t endpoint) const;
  std::uint32_t axis_of(std::uint32_t link) const;
  Way way(std::uint32_t axis, std::uint32_t from, std::uint32_t to) const;
  /// Moves `at` along one dimension.
  void walk(std::uint32_t axis, Way way, std::uint32_t& at, LinkPath& out) const;
  void walk_all(std::uint32_t at, std::uint32_t to, LinkPath& out) const;
  bool is_of_cubes() const;
  std::uint32_t diameter() const;
  std::uint32_t longest_detour() const;

  TorusSpec spec_;
  std::uint32_t hosts_ = 1;
  std::uint32_t links_ = 0;
  std::vector<Axis> axes_;  // those with more than one coordinate
  std::vector<std::string_view> names_;
};

}  // namespace hyperdc
