// Accelerators in scale-up domains (servers, islands), each with ports into a switched network.
//
// Two networks side by side. Scale-up: the `domain` accelerators of a domain are each joined to
// each of its `switches` scale-up switches. Scale-out: `planes` equal folded Clos networks
// (clos.hpp) whose hosts are ports: of an accelerator, or of a NIC that `per_nic` accelerators of a
// domain share. With `rails`, port i of each server is on a leaf of rail i; without, a domain's
// ports are neighbours on one leaf. Traffic in a domain takes scale-up (`switches` paths of two
// links), other traffic one plane of the network: planes * (paths of the Clos network). Detours
// (rails only): by scale-up to the accelerator of the own server on the receiver's rail, and then
// on that rail; what NCCL calls PXN. Bisection: that of the planes, plus scale-up where there is
// only one domain; exact where the Clos network's is and whole domains can be halved, else a lower
// bound (docs/models/fabrics.md). Sources: Qian et al., "Alibaba HPN", SIGCOMM 2024 (segments,
// planes, rails); NVIDIA, "Doubling all2all performance with NCCL 2.12" (PXN); NVIDIA GB200 NVL72
// (islands). Valid: fewer than 2^32 directed links. Leaves out: forwarding by accelerators of other
// servers, in-network reduction.
#pragma once

#include "network/topology/clos.hpp"

namespace hyperdc {

struct ScaleUpSpec {
  ClosSpec net;                // of one plane
  std::uint32_t planes = 1;    // each accelerator or NIC has one port in each
  std::uint32_t domain = 1;    // accelerators that scale-up joins
  std::uint32_t server = 1;    // accelerators of one server; divides `domain`
  std::uint32_t switches = 1;  // scale-up switches of a domain
  std::uint32_t per_nic = 1;   // accelerators that share a NIC; 1: the accelerator is its own
  bool rails = false;
  ClosLink scale_up;  // between an accelerator and one scale-up switch
  ClosLink nic;       // between an accelerator and its NIC; unused where per_nic is 1
};

/// What is wrong with the sizes, as one sentence; empty: nothing.
std::string scale_up_problem(const ScaleUpSpec& spec);

class ScaleUp final : public Topology {
 public:
  explicit ScaleUp(const ScaleUpSpec& spec);

  std::uint32_t hosts() const override { return hosts_; }
  std::uint32_t links() const override { return scale_up_down_ + hosts_ * spec_.switches; }
  std::uint32_t vertices() const override;
  std::uint32_t longest_path() const override;
  LinkInfo link(LinkId link) const override;
  LinkEnds ends(LinkId link) const override;
  LinkId opposite(LinkId link) const override;
  std::uint32_t choices(EndpointId from, EndpointId to) const override;
  void path(EndpointId from, EndpointId to, std::uint32_t choice, LinkPath& out) const override;
  std::uint32_t detours(EndpointId from, EndpointId to) const override;
  void detour(EndpointId from, EndpointId to, std::uint32_t choice, LinkPath& out) const override;
  void add_spread(EndpointId from, EndpointId to, double amount,
                  std::span<double> load) const override;
  std::uint32_t endpoints_per_server() const override { return spec_.server; }
  std::uint32_t rack(EndpointId endpoint) const override;
  std::uint32_t racks() const override;
  std::span<const std::string_view> link_tiers() const override { return names_; }
  std::uint32_t planes() const override { return spec_.planes > 1 ? spec_.planes : net_.planes(); }
  std::optional<std::uint32_t> plane(LinkId link) const override;
  TopologySummary summary() const override;

 private:
  bool shared_nics() const { return spec_.per_nic > 1; }
  bool one_domain(EndpointId a, EndpointId b) const {
    return a.value / spec_.domain == b.value / spec_.domain;
  }
  EndpointId port(std::uint32_t accelerator) const;
  std::uint32_t owner(std::uint32_t port) const;
  std::uint32_t vertex(std::uint32_t plane, std::uint32_t of_plane) const;
  /// The accelerator of `from`'s server on the rail of `to`.
  EndpointId proxy(EndpointId from, EndpointId to) const;
  void add_network(EndpointId from, EndpointId to, std::uint32_t choice, LinkPath& out) const;
  std::uint32_t diameter() const;
  double bisection_Bps() const;

  ScaleUpSpec spec_;
  Clos net_;
  std::uint32_t hosts_;
  std::uint32_t domains_;
  std::uint32_t plane_links_;
  // First link of each kind after those of the planes, and first vertex.
  std::uint32_t nic_up_;
  std::uint32_t nic_down_;
  std::uint32_t scale_up_up_;
  std::uint32_t scale_up_down_;
  std::uint32_t scale_up_vertex_;
  std::vector<std::uint32_t> tier_switches_;  // of one plane
  std::vector<std::string_view> names_;
};

}  // namespace hyperdc
