// Topology: endpoints, switches and directed links as numbers, and paths by arithmetic.
//
// Computes the links of a path; nothing is stored a link or a host. A topology is const and shared
// by all runs. Units: bytes per second, ns. Leaves out: which path a flow takes (routing.hpp), who
// shares a link (flow/max_min.hpp), failures (fabric.hpp).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <hyperdc/core/params.hpp>
#include <hyperdc/core/time.hpp>
#include <hyperdc/network/fabric.hpp>

namespace hyperdc {

inline constexpr std::uint32_t kLongestPath = 64;  // links

/// The links of a path in the order in which bytes cross them. Empty: from an endpoint to itself.
class LinkPath {
 public:
  void clear() { size_ = 0; }
  void add(std::uint32_t link) { links_[size_++] = {link}; }
  std::span<const LinkId> links() const { return {links_.data(), size_}; }
  operator std::span<const LinkId>() const { return links(); }

 private:
  std::uint32_t size_ = 0;
  std::array<LinkId, kLongestPath> links_;
};

struct LinkInfo {
  double capacity_Bps = 0;
  Duration latency;        // of the cable and the switch at its end
  std::uint32_t tier = 0;  // 0: joins hosts; its name: Topology::link_tiers()
  bool operator==(const LinkInfo&) const = default;
};

/// Vertices: endpoints from 0, then switches tier by tier.
struct LinkEnds {
  std::uint32_t from = 0;
  std::uint32_t to = 0;
};

struct SwitchTier {
  std::string_view name;                        // "leaf"
  std::uint32_t switches = 0;                   // on this tier
  std::uint32_t ports = 0;                      // of each that are in use
  std::optional<double> oversubscription = {};  // capacity down over capacity up; none at the top
};

struct TopologySummary {
  std::uint32_t hosts = 0;
  std::uint32_t links = 0;        // directed: twice the cables
  std::vector<SwitchTier> tiers;  // from the hosts up
  std::uint32_t radix = 0;        // most ports in use on a switch
  std::uint32_t diameter = 0;     // links between the two hosts that are farthest apart
  double bisection_Bps = 0;       // least cut into halves of the hosts, one way; 0: one host
  std::vector<std::uint64_t> cables = {};  // of each tier of Topology::link_tiers()
  std::uint32_t switches() const {
    std::uint32_t all = 0;
    for (const SwitchTier& tier : tiers) all += tier.switches;
    return all;
  }
};

class Topology {
 public:
  virtual ~Topology() = default;

  virtual std::uint32_t hosts() const = 0;
  virtual std::uint32_t links() const = 0;
  virtual std::uint32_t vertices() const = 0;  // hosts and switches
  virtual std::uint32_t longest_path() const = 0;
  virtual LinkInfo link(LinkId link) const = 0;
  virtual LinkEnds ends(LinkId link) const = 0;
  /// The other direction of the same cable.
  virtual LinkId opposite(LinkId link) const = 0;

  /// Number of equal paths, at least 1: the shortest ones of the family's routing, all different.
  virtual std::uint32_t choices(EndpointId from, EndpointId to) const = 0;
  /// The links of path `choice`, below choices(from, to).
  virtual void path(EndpointId from, EndpointId to, std::uint32_t choice, LinkPath& out) const = 0;
  /// Whether all equal paths of a pair have the same latency and least capacity.
  virtual bool alike_paths() const { return true; }
  /// Endpoints of which this is the same have the same paths but for the first and the last link.
  virtual std::uint32_t paths_of(EndpointId endpoint) const { return endpoint.value; }
  /// Adds to `load`, by link, what `amount` puts there that is spread evenly over all equal paths,
  /// or over 65,536 of them from all over where there are more.
  virtual void add_spread(EndpointId from, EndpointId to, double amount,
                          std::span<double> load) const;
  /// Number of longer paths by way of a third place (a group, a switch), each without a link twice;
  /// 0 where all good paths are equal, as in a folded Clos network.
  virtual std::uint32_t detours(EndpointId, EndpointId) const { return 0; }
  /// The links of a longer path, below detours(from, to).
  virtual void detour(EndpointId from, EndpointId to, std::uint32_t choice, LinkPath& out) const;
  /// The way that routing finds when all equal paths are dead (`dead`: by link, not 0): the same as
  /// long as its own links are alive. False: there is none, or the family looks for none.
  virtual bool around(EndpointId, EndpointId, std::span<const std::uint8_t> /*dead*/,
                      LinkPath&) const {
    return false;
  }

  /// What one endpoint can send into the network at once, bytes per second: the links on which its
  /// paths to the last endpoint begin.
  virtual double endpoint_Bps() const;
  /// Endpoints (accelerators, each with its port) of one server: endpoint e is in server e / this.
  virtual std::uint32_t endpoints_per_server() const { return 1; }
  /// Which endpoints are near each other: those of one leaf, island or cube have the same number.
  virtual std::uint32_t rack(EndpointId endpoint) const = 0;
  virtual std::uint32_t racks() const = 0;
  /// Names of the tiers of links in the order of LinkInfo::tier: "host", "leaf-spine".
  virtual std::span<const std::string_view> link_tiers() const = 0;
  /// Parallel parts of the network between hosts: spines with what is above them, or whole networks
  /// of which each host has a port. 0: there is no such division.
  virtual std::uint32_t planes() const { return 0; }
  /// The plane of a link; nothing: it belongs to none.
  virtual std::optional<std::uint32_t> plane(LinkId) const { return std::nullopt; }
  /// Optical circuit switches, and the one that a link goes through.
  virtual std::uint32_t optical_switches() const { return 0; }
  virtual std::optional<std::uint32_t> optical_switch(LinkId) const { return std::nullopt; }
  /// Of a torus: its dimensions, in the order of the numbers of endpoints. Empty: it is none.
  virtual std::span<const std::uint32_t> torus_extents() const { return {}; }
  virtual TopologySummary summary() const = 0;
};

/// A family: listed by hand in network/builtin.cpp.
struct TopologyEntry {
  std::string_view name;
  std::string_view doc;
  std::span<const ParamSpec> params;
  /// What is wrong between parameters that are each right, as one sentence; empty: nothing.
  std::string (*check)(const Params&) = nullptr;
  /// Takes for granted that check() was asked.
  std::unique_ptr<Topology> (*make)(const Params&) = nullptr;
};

std::span<const TopologyEntry> topologies();

}  // namespace hyperdc
