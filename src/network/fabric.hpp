// SharedFabric: flows over a topology, with rates, failures and moments of ending.
//
// Computes for a flow of B bytes the first whole ns at which the integral of its rate (max-min:
// flow/max_min.hpp; constant: flow/constant.hpp) is B, from the moment of its start, on the path or
// paths of its routing (routing.hpp); it arrives later by the latency of the slowest of them. A
// dead link (capacity 0) moves its flows to paths that are alive, or lets them wait; a link that
// comes back takes the flows that wait, flows that go around are routed anew, and flows that are
// spread are spread over it again. A flow
// from an endpoint to itself has no links: it runs at its cap, or ends at once. A link carries
// less while more than `incast.flows` flows, or two, share it (docs/models/fabrics.md).
// Between changes of its rate a flow is not touched: left(t) = left - rate (t - since).
// Units: bytes, bytes per second, ns. Rounding: an end is never early, but by the rounding of a
// double (2^-52 of the time left), and late by less than 1 ns; what others get is late by as much.
// Valid: up to 2^53 bytes a flow. A flow whose end lies beyond 292 years has none until its rate
// changes.
// Leaves out: packets, queues, ramps of congestion control, time to detect a failure
// (docs/models/fabrics.md).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <hyperdc/network/fabric.hpp>

#include "network/fabric_rules.hpp"
#include "network/flow/end_heap.hpp"
#include "network/flow/sharing.hpp"
#include "network/routing.hpp"
#include "network/topology/topology.hpp"

namespace hyperdc {

class SharedFabric final : public Fabric {
 public:
  struct Options {
    std::uint64_t seed = 0;    // of the hash that chooses paths
    double tolerance = 1e-12;  // of exact sharing: MaxMin::Options
    double attempt = 4;
    double efficiency = 1;  // share of each link's capacity that flows get
    FabricRules rules = {};
  };

  SharedFabric(std::shared_ptr<const Topology> topology, const Options& options);

  FlowId start(const FlowSpec& spec, SimTime now) override;
  std::uint64_t cancel(FlowId flow, SimTime now) override;
  void set_capacities(std::span<const LinkFraction> links, SimTime now) override;
  double load(LinkId link) override;
  double rate(FlowId flow) override;
  Duration path_latency(EndpointId from, EndpointId to) const override;
  std::optional<FlowEnd> next_end() override;
  std::span<const FlowEnd> advance(SimTime now) override;
  FabricBytes bytes() const override;

  /// Counts what live flows have sent until `now` into link_bytes().
  void count_live(SimTime now);
  /// Adds to `bytes`, by link, what live flows have sent until `now` that is not in link_bytes().
  /// Changes nothing that a result could show: a flow that is spread counts in equal parts.
  void add_live_bytes(SimTime now, std::span<double> bytes);
  /// Of a flow that is alone on a whole fabric: from its start until its last byte arrives, over
  /// the fastest of its equal paths (the first 4,096) or, where flows are spread, over all.
  Duration alone(const FlowSpec& spec);
  /// True when a flow that starts now is put on a path, or needs none.
  bool reaches(const FlowSpec& spec);
  /// What each of some flows with links would get had it no cap, others as they are; 0: it is on no
  /// path.
  std::vector<double> greedy_Bps(std::span<const FlowId> flows);
  /// Of a link that is whole: what all flows together get.
  double capacity_Bps(LinkId link) const {
    return topology_->link(link).capacity_Bps * efficiency_;
  }
  /// Whole bytes that crossed a link: of flows that ended, moved, were cancelled or were counted.
  /// Each time the bytes of a flow that is spread are dealt out to its paths, whole bytes each, the
  /// first paths one more: what enters a switch leaves it.
  std::uint64_t link_bytes(LinkId link) const { return link_bytes_[link.value]; }
  const std::vector<std::uint64_t>& link_bytes() const { return link_bytes_; }
  /// Whole bytes of flows that ended, and what cancelled ones had sent.
  std::uint64_t delivered() const { return bytes_.delivered; }
  /// Of the path, or the slowest of the paths, of a running flow; of any other 0.
  Duration latency(FlowId flow) const { return flow_at(flow).latency; }
  /// Which of its paths a flow is on; nothing while it waits, when it has no links or is spread.
  std::optional<PathChoice> route(FlowId flow) const;
  /// The same, of its equal paths; nothing on a detour or on a way around.
  std::optional<std::uint32_t> choice(FlowId flow) const;
  std::size_t waiting() const { return waiting_.size(); }
  std::size_t live() const { return live_; }
  const Topology& topology() const { return *topology_; }
  const Sharing::Counts& counts() const { return sharing_->counts(); }

 private:
  enum class State : std::uint8_t {
    absent,
    running,  // on the links of its route, or spread
    waiting,  // no path is alive
    local,    // from an endpoint to itself
  };
  struct Flow {
    FlowSpec spec;
    State state = State::absent;
    PathChoice route;           // of a spread flow: its only path, when `substitute`
    bool narrow = false;        // spread over less than all of its paths, or on a way around
    bool substitute = false;    // none of these is alive: it is on another one
    std::uint64_t order = 0;    // of the start
    std::uint64_t counted = 0;  // bytes in link_bytes_ of paths it has left
    double left = 0;            // bytes, at `since`
    double rate_Bps = 0;        // from `since` on
    SimTime since;
    Duration latency;  // of its path
  };

  const Flow& flow_at(FlowId flow) const;
  void move_to(SimTime now);
  void settle();
  double left_now(FlowId id) const;
  void update(FlowId id);
  void set_rate(FlowId id, double rate_Bps);
  void plan_end(FlowId id);
  std::uint64_t sent_bytes(FlowId id) const;
  void put_on_path(FlowId id);
  void leave_path(FlowId id);
  void leave_links(FlowId id);
  template <class Act>
  void for_each_link(const Flow& flow, const Act& act);
  void count_bytes(Flow& flow, std::uint64_t sent);
  std::span<const PathChoice> spread_of(const Flow& flow);
  bool find_spread(Flow& flow);
  void list_moving(std::span<const LinkFraction> links);
  double held_factor(LinkId link) const;
  void update_limit(LinkId link);
  void check_end(FlowId id) const;
  void free(FlowId id);
  Duration latency_of(const LinkPath& path) const;
  /// Rate and latency of the equal paths of a pair, without those that another beats.
  struct AlonePaths {
    bool without_ends = true;  // all begin and end with the same links, which are left out
    std::vector<std::pair<double, Duration>> of;
  };
  const AlonePaths& alone_paths(const FlowSpec& spec);
  static Duration time_alone(std::uint64_t bytes, double rate_Bps, Duration latency);

  std::shared_ptr<const Topology> topology_;
  double efficiency_;
  bool limits_;  // what a link carries depends on how many flows it has
  FabricRules rules_;
  PathRouter router_;
  std::unique_ptr<Sharing> sharing_;
  EndHeap ends_;
  SimTime now_;
  std::vector<Flow> flows_;
  std::vector<std::uint32_t> free_;
  std::vector<FlowId> waiting_;  // in the order in which they began to wait
  std::vector<FlowId> moving_;
  std::map<std::uint64_t, AlonePaths> alone_paths_;  // by Topology::paths_of
  std::vector<double> fraction_;  // by link, of its capacity; empty unless limits_
  std::vector<std::uint64_t> link_bytes_;
  std::vector<FlowEnd> ended_;
  LinkPath path_;
  std::uint64_t started_ = 0;
  std::size_t live_ = 0;
  FabricBytes bytes_;
};

}  // namespace hyperdc
