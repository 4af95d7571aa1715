// Sharing: what rates flows get that cross links together. Implementations: flow/max_min.hpp (exact
// or approximate), flow/constant.hpp (nobody shares).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <hyperdc/network/fabric.hpp>

namespace hyperdc {

/// A link and the share of a flow's rate that crosses it, above 0 and at most 1.
struct LinkShare {
  LinkId link;
  double share = 1;
};

class Sharing {
 public:
  struct Counts {
    std::uint64_t settled = 0;      // calls of settle() with something to do
    std::uint64_t filled = 0;       // of these, by filling all links
    std::uint64_t evaluations = 0;  // of a link
  };

  virtual ~Sharing() = default;

  /// `flow` is an id of the caller's, small and not in use. All of it crosses the links of the
  /// path: at least one, each once.
  virtual void add(FlowId flow, std::span<const LinkId> path, double weight, double cap_Bps) = 0;
  /// The same for a flow of which shares cross links: at least one, each once.
  virtual void add_spread(FlowId flow, std::span<const LinkShare> links, double weight,
                          double cap_Bps) = 0;
  virtual void remove(FlowId flow) = 0;
  virtual void set_capacity(LinkId link, double capacity_Bps) = 0;

  /// Brings all rates up to date. Returns the flows whose rate changed and those that were added,
  /// each once; valid until the next call of a function that is not const.
  virtual std::span<const FlowId> settle() = 0;

  /// As of the last settle().
  virtual double rate_Bps(FlowId flow) const = 0;
  virtual double load_Bps(LinkId link) const = 0;
  /// What each of some flows would get had it no cap: the least over its links of what it gets when
  /// it asks for all and each other flow has at most what it may have elsewhere.
  virtual std::vector<double> greedy_Bps(std::span<const FlowId> flows) const = 0;
  virtual std::size_t flows_on(LinkId link) const = 0;
  /// Adds the flows that cross a link, each once, in no order.
  virtual void list_flows_on(LinkId link, std::vector<FlowId>& out) const = 0;
  virtual const Counts& counts() const = 0;
};

}  // namespace hyperdc
