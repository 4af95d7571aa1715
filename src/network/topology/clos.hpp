// Folded Clos networks of two and three tiers with any oversubscription.
//
// Three tiers: `pods` pods of `leaves` leaves of `hosts` hosts; each leaf has `leaf_links` links to
// each of the `spines` switches above it in its pod; switch a of each pod has `core_links` links to
// each of the `cores` cores of plane a. Two tiers (leaf and spine): one pod, no cores.
// Computes paths by arithmetic: up to the lowest common tier and down. Choices between leaves of a
// pod: spines * leaf_links^2; between pods: times cores * core_links^2.
// Oversubscription of a tier: capacity down over capacity up of one switch. Bisection: half of the
// smallest sum of capacities up of a tier that a cut must cross; exact where pods (two tiers:
// leaves) can be halved, else a lower bound, since it can be carried evenly
// (docs/models/fabrics.md). Source: C. Clos, "A study of non-blocking switching networks", BSTJ
// 32(2), 1953; Singh et al., "Jupiter rising", SIGCOMM 2015. Valid: fewer than 2^32 directed links.
// Leaves out: links between switches of one tier, hosts with several ports, uneven pods.
#pragma once

#include "network/topology/topology.hpp"

namespace hyperdc {

struct ClosLink {
  double capacity_Bps = 0;
  Duration latency;
};

struct ClosSpec {
  std::uint32_t pods = 1;
  std::uint32_t leaves = 0;  // of a pod
  std::uint32_t hosts = 0;   // of a leaf
  std::uint32_t spines = 0;  // of a pod
  std::uint32_t cores = 0;   // of a plane; 0: two tiers, one pod
  std::uint32_t leaf_links = 1;
  std::uint32_t core_links = 1;
  ClosLink host;
  ClosLink leaf;
  ClosLink core;
};

/// What is wrong with the sizes, as one sentence; empty: nothing.
std::string clos_problem(const ClosSpec& spec);

class Clos final : public Topology {
 public:
  explicit Clos(const ClosSpec& spec);

  std::uint32_t hosts() const override { return hosts_; }
  std::uint32_t links() const override { return down2_ + tier2_; }
  std::uint32_t vertices() const override;
  std::uint32_t longest_path() const override;
  LinkInfo link(LinkId link) const override;
  LinkEnds ends(LinkId link) const override;
  LinkId opposite(LinkId link) const override;
  std::uint32_t choices(EndpointId from, EndpointId to) const override;
  void path(EndpointId from, EndpointId to, std::uint32_t choice, LinkPath& out) const override;
  void add_spread(EndpointId from, EndpointId to, double amount,
                  std::span<double> load) const override;
  std::uint32_t rack(EndpointId endpoint) const override { return endpoint.value / spec_.hosts; }
  std::uint32_t racks() const override { return leaves_; }
  std::span<const std::string_view> link_tiers() const override;
  std::uint32_t planes() const override { return spec_.spines; }
  std::optional<std::uint32_t> plane(LinkId link) const override;
  TopologySummary summary() const override;

 private:
  double bisection_Bps() const;

  ClosSpec spec_;
  std::uint32_t hosts_;
  std::uint32_t leaves_;  // of all pods
  std::uint32_t spines_;  // of all pods
  std::uint32_t tier1_;   // links up
  std::uint32_t tier2_;   // links up
  // First link of each kind; host links up start at 0.
  std::uint32_t down0_;
  std::uint32_t up1_;
  std::uint32_t down1_;
  std::uint32_t up2_;
  std::uint32_t down2_;
  std::uint32_t near_choices_;  // between leaves of one pod
  std::uint32_t far_choices_;
};

}  // namespace hyperdc
