// Dragonfly: groups of routers that are joined all to all, and groups joined all to all.
//
// g groups of a routers of p hosts; each router has a link to each other router of its group and h
// ports for cables to other groups, which group_links.hpp deals. Paths: minimal in the sense of the
// source, with at most one global cable: host, (local,) global(, local,) host; one choice for each
// cable between the two groups. They may differ by the local links that the cable's routers need.
// Detours between groups: by way of a third group (Valiant), over each pair of the m cables that
// all groups have between them: (g - 2) m^2; between routers of a group: by a third router, a - 2.
// Bisection: the m g^2 / 4 global cables between two halves of the groups, or of one group the
// local ones. Exact where no cut through groups is smaller (enough local bandwidth, as in the
// balanced a = 2h; tested on small ones) and no cables are left over to neighbours; else an
// estimate. Source: Kim, Dally, Scott and Abts, "Technology-driven, highly-scalable dragonfly
// topology", ISCA 2008. Valid: 1 <= g <= a h + 1. Leaves out: groups of several dimensions
// (Cascade), virtual channels, the choice between minimal path and detour (routing).
#pragma once

#include "network/topology/clos.hpp"
#include "network/topology/group_links.hpp"

namespace hyperdc {

struct DragonflySpec {
  std::uint32_t groups = 1;
  std::uint32_t routers = 1;  // of a group
  std::uint32_t hosts = 1;    // of a router
  std::uint32_t globals = 1;  // ports of a router
  ClosLink host;
  ClosLink local;
  ClosLink global;
};

/// What is wrong with the sizes, as one sentence; empty: nothing.
std::string dragonfly_problem(const DragonflySpec& spec);

class Dragonfly final : public Topology {
 public:
  explicit Dragonfly(const DragonflySpec& spec);

  std::uint32_t hosts() const override { return hosts_; }
  std::uint32_t links() const override { return global_ + 2 * groups_.cables(); }
  std::uint32_t vertices() const override { return hosts_ + routers_; }
  std::uint32_t longest_path() const override;
  LinkInfo link(LinkId link) const override;
  LinkEnds ends(LinkId link) const override;
  LinkId opposite(LinkId link) const override;
  std::uint32_t choices(EndpointId from, EndpointId to) const override;
  /// Minimal paths differ in their local links.
  bool alike_paths() const override { return false; }
  std::uint32_t paths_of(EndpointId endpoint) const override { return router(endpoint); }
  void path(EndpointId from, EndpointId to, std::uint32_t choice, LinkPath& out) const override;
  std::uint32_t detours(EndpointId from, EndpointId to) const override;
  void detour(EndpointId from, EndpointId to, std::uint32_t choice, LinkPath& out) const override;
  /// The group.
  std::uint32_t rack(EndpointId endpoint) const override {
    return endpoint.value / spec_.hosts / spec_.routers;
  }
  std::uint32_t racks() const override { return spec_.groups; }
  std::span<const std::string_view> link_tiers() const override;
  TopologySummary summary() const override;

 private:
  std::uint32_t router(EndpointId host) const { return host.value / spec_.hosts; }
  /// The local link between routers of one group; none from a router to itself.
  void add_local(std::uint32_t from, std::uint32_t to, LinkPath& out) const;
  std::uint32_t local(std::uint32_t from, std::uint32_t to) const;
  /// From a router to another group, by cable `index`; returns the router where it arrives.
  std::uint32_t add_global(std::uint32_t from, std::uint32_t group, std::uint32_t index,
                           LinkPath& out) const;
  std::uint32_t router_diameter() const;
  bool all_in_two(std::uint32_t from) const;
  double bisection_Bps() const;

  DragonflySpec spec_;
  GroupLinks groups_;
  std::uint32_t hosts_;
  std::uint32_t routers_;
  std::uint32_t local_;   // first local link
  std::uint32_t global_;  // first global link
};

}  // namespace hyperdc
