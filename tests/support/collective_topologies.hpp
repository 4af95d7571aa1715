// Two networks for tests of collectives, as small as they can be: islands (an accelerator has a
// port to the switch of its island and a NIC to one big switch) and a torus. Links are numbered
// endpoint by endpoint.
#pragma once

#include <memory>
#include <vector>

#include "network/topology/topology.hpp"

namespace hyperdc::test {

struct IslandSpec {
  std::uint32_t islands = 1;
  std::uint32_t ranks = 1;  // of an island
  double scale_up_Bps = 0;
  double nic_Bps = 0;
};

/// Link 4 e + 0, 1: endpoint e to and from its island's switch; 2, 3: to and from the big switch.
class Islands final : public Topology {
 public:
  explicit Islands(const IslandSpec& spec) : spec_(spec) {}

  std::uint32_t hosts() const override { return spec_.islands * spec_.ranks; }
  std::uint32_t links() const override { return 4 * hosts(); }
  std::uint32_t vertices() const override { return hosts() + spec_.islands + 1; }
  std::uint32_t longest_path() const override { return 2; }
  LinkInfo link(LinkId link) const override;
  LinkEnds ends(LinkId link) const override;
  LinkId opposite(LinkId link) const override { return {link.value ^ 1}; }
  std::uint32_t choices(EndpointId, EndpointId) const override { return 1; }
  void path(EndpointId from, EndpointId to, std::uint32_t choice, LinkPath& out) const override;
  std::uint32_t endpoints_per_server() const override { return spec_.ranks; }
  std::uint32_t rack(EndpointId e) const override { return e.value / spec_.ranks; }
  std::uint32_t racks() const override { return spec_.islands; }
  std::span<const std::string_view> link_tiers() const override;
  TopologySummary summary() const override;

 private:
  IslandSpec spec_;
};

/// Link 2 (e k + i) + 0, 1: endpoint e to the next and to the one before in dimension i of k. Paths
/// correct one dimension after the other the short way, at half of a ring the way up.
class SmallTorus final : public Topology {
 public:
  SmallTorus(std::vector<std::uint32_t> dims, double link_Bps);

  std::uint32_t hosts() const override { return hosts_; }
  std::uint32_t links() const override { return 2 * hosts_ * size(); }
  std::uint32_t vertices() const override { return hosts_; }
  std::uint32_t longest_path() const override;
  LinkInfo link(LinkId) const override { return {link_Bps_, {5}, 0}; }
  LinkEnds ends(LinkId link) const override;
  LinkId opposite(LinkId link) const override;
  /// A ring of two has two cables.
  std::uint32_t choices(EndpointId from, EndpointId to) const override;
  void path(EndpointId from, EndpointId to, std::uint32_t choice, LinkPath& out) const override;
  std::uint32_t rack(EndpointId) const override { return 0; }
  std::uint32_t racks() const override { return 1; }
  std::span<const std::string_view> link_tiers() const override;
  TopologySummary summary() const override;

 private:
  std::uint32_t size() const { return static_cast<std::uint32_t>(dims_.size()); }
  std::uint32_t neighbour(std::uint32_t e, std::uint32_t dim, bool up) const;

  std::vector<std::uint32_t> dims_;
  std::vector<std::uint32_t> stride_;
  std::uint32_t hosts_ = 1;
  double link_Bps_;
};

}  // namespace hyperdc::test
