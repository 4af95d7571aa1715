// SharedFabric: flows over a topology, with max-min rates, failures and moments of ending.
//
// Computes for a flow of B bytes the first whole ns at which the integral of its max-min rate
// (flow/max_min.hpp) is B, from the moment of its start, on the path that its hash chooses
// (routing.hpp); it arrives later by the latency of that path. A dead link (capacity 0) moves its
// flows to an equal path that is alive, chosen by their hash, or lets them wait. A flow from an
// endpoint to itself has no links: it runs at its cap, or ends at once.
// Between changes of its rate a flow is not touched: left(t) = left - rate (t - since).
// Units: bytes, bytes per second, ns. Rounding: an end is never early, but by the rounding of a
// double (2^-52 of the time left), and late by less than 1 ns; what others get is late by as much.
// Valid: up to 2^53 bytes a flow. A flow whose end lies beyond 292 years has none until its rate
// changes.
// Leaves out: packets, queues, ramps of congestion control, time to detect a failure
// (docs/models/fabrics.md).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <hyperdc/network/fabric.hpp>

#include "network/flow/end_heap.hpp"
#include "network/flow/max_min.hpp"
#include "network/routing.hpp"
#include "network/topology/topology.hpp"

namespace hyperdc {

class SharedFabric final : public Fabric {
 public:
  struct Options {
    std::uint64_t seed = 0;  // of the hash that chooses paths
    double tolerance = 1e-12;
    double attempt = 4;     // MaxMin::Options
    double efficiency = 1;  // share of each link's capacity that flows get
  };

  SharedFabric(std::shared_ptr<const Topology> topology, const Options& options);

  FlowId start(const FlowSpec& spec, SimTime now) override;
  std::uint64_t cancel(FlowId flow, SimTime now) override;
  void set_capacity(LinkId link, double fraction, SimTime now) override;
  double load(LinkId link) override;
  double rate(FlowId flow) override;
  Duration path_latency(EndpointId from, EndpointId to) const override;
  std::optional<FlowEnd> next_end() override;
  std::span<const FlowEnd> advance(SimTime now) override;
  FabricBytes bytes() const override;

  /// Counts what live flows have sent until `now` into link_bytes().
  void count_live(SimTime now);
  /// Of a flow that is alone on a whole fabric: from its start until its last byte arrives, over
  /// the first of its equal paths.
  Duration alone(const FlowSpec& spec) const;
  /// What a running flow would get had it no cap, others as they are; 0: it is on no path.
  double greedy_Bps(FlowId flow);
  /// Of a link that is whole: what all flows together get.
  double capacity_Bps(LinkId link) const {
    return topology_->link(link).capacity_Bps * efficiency_;
  }
  /// Whole bytes that crossed a link: of flows that ended, moved, were cancelled or were counted.
  std::uint64_t link_bytes(LinkId link) const { return link_bytes_[link.value]; }
  const std::vector<std::uint64_t>& link_bytes() const { return link_bytes_; }
  /// Whole bytes of flows that ended, and what cancelled ones had sent.
  std::uint64_t delivered() const { return bytes_.delivered; }
  /// Which of its equal paths a flow is on; nothing while it waits or when it has no links.
  std::optional<std::uint32_t> choice(FlowId flow) const;
  std::size_t waiting() const { return waiting_.size(); }
  std::size_t live() const { return live_; }
  const Topology& topology() const { return *topology_; }
  const MaxMin::Counts& counts() const { return sharing_.counts(); }

 private:
  enum class State : std::uint8_t {
    absent,
    running,  // on the links of path `choice`
    waiting,  // no path is alive
    local,    // from an endpoint to itself
  };
  struct Flow {
    FlowSpec spec;
    State state = State::absent;
    std::uint32_t choice = 0;
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
  void route(FlowId id);
  void leave_path(FlowId id);
  void count_bytes(Flow& flow, std::uint64_t sent);
  void check_end(FlowId id) const;
  void free(FlowId id);

  bool alive(const LinkPath& path) const;
  std::optional<std::uint32_t> living_choice(const Flow& flow);
  Duration latency_of(const LinkPath& path) const;

  std::shared_ptr<const Topology> topology_;
  double efficiency_;
  Ecmp ecmp_;
  MaxMin sharing_;
  EndHeap ends_;
  SimTime now_;
  std::vector<Flow> flows_;
  std::vector<std::uint32_t> free_;
  std::vector<FlowId> waiting_;  // in the order in which they began to wait
  std::vector<FlowId> moving_;
  std::vector<std::uint8_t> dead_;  // links
  std::size_t dead_links_ = 0;
  std::vector<std::uint64_t> link_bytes_;
  std::vector<FlowEnd> ended_;
  LinkPath path_;
  std::uint64_t started_ = 0;
  std::size_t live_ = 0;
  FabricBytes bytes_;
};

}  // namespace hyperdc
