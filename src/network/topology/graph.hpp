// Any graph of hosts and switches, with shortest paths or with routes that are given.
//
// Equal paths between two hosts are all shortest ones over links; where routes are given for a
// pair, they are its paths instead. Hosts do not forward, unless the graph has no switches. Detours
// (where all links have an opposite): by way of each switch, over one shortest path each way; by
// the triangle inequality no link is then crossed twice. Hosts with one cable are folded into their
// switch; for each pair of the V other vertices hops (1 byte) and number of shortest paths (4
// bytes, at most 2^32 - 1) are kept: 5 V^2 bytes, 20 MB for 2,000 switches, built in O(V E) time.
// A path is walked hop by hop: of the links to nearer vertices, the one whose paths have the
// choice. Where all equal paths of a pair are dead, the way around is the shortest one over what
// is alive (graph_around.cpp).
//
// Bisection: a lower bound, min(N^2 / (4 rho), N c / 2): with one unit between each ordered pair of
// the N hosts, spread evenly over its shortest paths, rho is the largest load over capacity of a
// link (cables of hosts, of least capacity c, apart), and a cut into halves is crossed by N^2 / 4
// units. Up to half too low where traffic inside a half also takes links that are cut, as in trees.
//
// Sources: Leighton and Rao, J. ACM 46(6), 1999 (cuts and uniform flow). Valid: fewer than 2^32
// links, V up to 8,192, paths of up to 64 links. Leaves out: link weights in the choice of paths.
#pragma once

#include <array>
#include <boost/graph/compressed_sparse_row_graph.hpp>
#include <variant>

#include "network/topology/clos.hpp"

namespace hyperdc {

struct GraphLink {
  std::uint32_t from = 0;  // vertices
  std::uint32_t to = 0;
  ClosLink of = {};
  std::optional<std::uint32_t> back = {};  // the link that is the other direction of the cable
  std::string name = {};
};

struct GraphRoute {
  std::uint32_t from = 0;  // hosts
  std::uint32_t to = 0;
  std::vector<std::uint32_t> links;
};

struct GraphSpec {
  std::uint32_t hosts = 0;              // vertices from 0
  std::uint32_t switches = 0;           // vertices after the hosts
  std::vector<std::string> names = {};  // of the vertices; empty: they have none
  std::vector<GraphLink> links = {};
  std::vector<GraphRoute> routes = {};  // several of one pair are equal choices
  std::string_view host_tier = "host";  // what the links are called that end at a host

  /// As many hosts below each switch; before any link between switches.
  void add_hosts(std::uint32_t each, const ClosLink& of);
  /// Two links, one each way.
  void add_cable(std::uint32_t a, std::uint32_t b, const ClosLink& of, std::string name = {});
};

class GraphTopology final : public Topology {
 public:
  /// Or what is wrong, as one sentence.
  static std::variant<std::unique_ptr<GraphTopology>, std::string> make(GraphSpec spec);

  const GraphSpec& spec() const { return spec_; }
  std::uint32_t hosts() const override { return spec_.hosts; }
  std::uint32_t links() const override { return static_cast<std::uint32_t>(spec_.links.size()); }
  std::uint32_t vertices() const override { return spec_.hosts + spec_.switches; }
  std::uint32_t longest_path() const override { return longest_; }
  LinkInfo link(LinkId link) const override;
  LinkEnds ends(LinkId link) const override;
  /// A link without another direction is its own.
  LinkId opposite(LinkId link) const override;
  std::uint32_t choices(EndpointId from, EndpointId to) const override;
  bool alike_paths() const override { return alike_; }
  std::uint32_t paths_of(EndpointId endpoint) const override {
    return spec_.routes.empty() ? racks_[endpoint.value] : endpoint.value;
  }
  void path(EndpointId from, EndpointId to, std::uint32_t choice, LinkPath& out) const override;
  std::uint32_t detours(EndpointId from, EndpointId to) const override;
  void detour(EndpointId from, EndpointId to, std::uint32_t choice, LinkPath& out) const override;
  bool around(EndpointId from, EndpointId to, std::span<const std::uint8_t> dead,
              LinkPath& out) const override;
  /// Hosts of one cable on one switch are together; others are each alone.
  std::uint32_t rack(EndpointId endpoint) const override { return racks_[endpoint.value]; }
  std::uint32_t racks() const override { return rack_count_; }
  std::span<const std::string_view> link_tiers() const override;
  /// Where hosts forward: the mean of what they send over all of their links.
  double endpoint_Bps() const override;
  TopologySummary summary() const override;

 private:
  struct EdgeLink {
    std::uint32_t link = 0;
  };
  using Graph =
      boost::compressed_sparse_row_graph<boost::directedS, boost::no_property, EdgeLink,
                                         boost::no_property, std::uint32_t, std::uint32_t>;
  /// Where a host is among the vertices that are not folded.
  struct Port {
    std::uint32_t core = 0;
    bool folded = false;
    std::uint32_t up = 0;  // links, where folded
    std::uint32_t down = 0;
  };
  /// What a search from all vertices to one needs.
  struct Search;
  /// How a vertex is reached over links alive.
  struct Reached;

  explicit GraphTopology(GraphSpec spec)
      : spec_(std::move(spec)), tiers_{spec_.host_tier, "switch"} {}
  void fold();
  std::string build();
  std::vector<Reached> reach(std::uint32_t from, std::uint32_t to,
                             std::span<const std::uint8_t> dead) const;
  void count_paths(Search& search, std::uint32_t target);
  void spread(Search& search, std::uint32_t target) const;
  std::string measure(const Search& search);
  std::string sort_routes();
  bool routed(std::uint32_t from, std::uint32_t to) const;
  std::span<const GraphRoute> routes(EndpointId from, EndpointId to) const;
  std::uint32_t hosts_at(std::uint32_t core) const { return core_hosts_[core]; }
  bool forwards(std::uint32_t core) const { return core < spec_.switches || spec_.switches == 0; }
  std::size_t pair(std::uint32_t from, std::uint32_t to) const {
    return std::size_t{to} * cores_ + from;
  }
  void walk(std::uint32_t from, std::uint32_t to, std::uint32_t choice, LinkPath& out) const;

  GraphSpec spec_;
  Graph graph_;              // of the vertices that are not folded: switches first
  std::uint32_t cores_ = 0;  // their number
  std::vector<Port> ports_;  // by host
  std::vector<std::uint32_t> core_hosts_;
  std::vector<std::uint32_t> racks_;
  std::uint32_t rack_count_ = 0;
  std::array<std::string_view, 2> tiers_;
  std::vector<std::uint8_t> hops_;    // by pair
  std::vector<std::uint32_t> paths_;  // by pair
  std::uint32_t diameter_ = 0;
  std::uint32_t longest_ = 0;
  bool detours_ = false;
  bool alike_ = false;  // no routes, and all links between cores have one capacity and latency
  double bisection_Bps_ = 0;
};

}  // namespace hyperdc
