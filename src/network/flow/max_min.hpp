// MaxMin: rates of flows that share links, weighted max-min fair, kept up to date.
//
// Computes x_f of flows f (weight w_f, cap c_f) on links l (capacity C_l), where a share a_fl of f
// crosses l (1 on a single path), such that sum_f a_fl x_f <= C_l and each flow is at its cap or
// crosses a full link on which no flow has a larger x / w:
//   x_f = min(c_f, w_f min_l u_l),  u_l: sum_f a_fl min(e_fl, w_f u_l) = C_l, or infinite,
//   e_fl = min(c_f, w_f min_{l' != l} u_l').
// A change re-evaluates the links whose level u_l it moves, lowest first; when that takes more than
// a bounded amount of work, all links are filled from nothing. Equations and source (Bertsekas and
// Gallager, Data Networks, section 6.5.2): docs/models/fabrics.md.
// Units: bytes per second. Valid: any finite capacities >= 0, weights > 0, caps > 0. A level that
// moves by less than `tolerance` (relative) is left alone.
// A tolerance of 1e-3 is the approximate sharing of docs/models/fabrics.md.
// Leaves out: time, bytes, latency; where a path leads. (greedy_Bps: greedy.cpp.)
// Cost: a sparse change looks at a few links; memory is that of the most flows there ever were, and
// no change allocates after that.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <hyperdc/network/fabric.hpp>

#include "network/flow/sharing.hpp"

namespace hyperdc {

class MaxMin final : public Sharing {
 public:
  struct Options {
    std::uint32_t longest_path = 32;  // links of most flows: what each gets room for
    double tolerance = 1e-12;
    // Most work of an attempt before all links are filled, in looks at a flow on a link, as a
    // multiple of their number; 0: fill at each change. Attempts get shorter while they fail.
    double attempt = 4;
    std::uint32_t least_attempt = 256;  // looks, however few flows there are
  };
  struct Member {  // a flow on a link
    std::uint32_t flow;
    std::uint32_t hop;  // of its path
  };
  MaxMin(std::vector<double> capacities_Bps, const Options& options);

  void add(FlowId flow, std::span<const LinkId> path, double weight, double cap_Bps) override;
  void add_spread(FlowId flow, std::span<const LinkShare> links, double weight,
                  double cap_Bps) override;
  void remove(FlowId flow) override;
  void set_capacity(LinkId link, double capacity_Bps) override;
  std::span<const FlowId> settle() override;

  double rate_Bps(FlowId flow) const override { return flows_[flow.value].rate_Bps; }
  double load_Bps(LinkId link) const override;
  std::vector<double> greedy_Bps(std::span<const FlowId> flows) const override;
  bool full(LinkId link) const { return level_[link.value] < kUnlimited; }

  std::size_t flows_on(LinkId link) const override { return members_[link.value].size(); }
  void list_flows_on(LinkId link, std::vector<FlowId>& out) const override;
  std::size_t links() const { return capacity_Bps_.size(); }
  const Counts& counts() const override { return counts_; }

 private:
  static constexpr double kUnlimited = kNoCap_Bps;
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  enum Mark : std::uint8_t { kAbsent, kIdle, kTouched, kFilling };

  // Levels are rates per weight.
  struct Flow {
    double least = kUnlimited;   // level of the link that limits it most
    double second = kUnlimited;  // least level of its other links
    double limit = kUnlimited;   // cap / weight
    double weight = 1;
    double cap_Bps = kNoCap_Bps;
    double rate_Bps = 0;
    std::uint32_t tightest = kNone;  // the link with `least`
    std::uint32_t first = 0;         // of its places in hops_
    std::uint32_t hops = 0;
    Mark mark = kAbsent;
    bool fresh = false;   // not yet reported
    bool spread = false;  // its shares are in shares_; else they are 1

    double elsewhere(std::uint32_t link) const {
      const double level = tightest == link ? second : least;
      return level < limit ? level : limit;
    }
    double level() const { return least < limit ? least : limit; }
  };
  struct Hop {
    std::uint32_t link;
    std::uint32_t place;  // in the members of the link
  };
  struct Demand {  // what a flow may have elsewhere
    double level;
    double weight;
  };
  struct Rest {  // of a link while all are filled: what its unfrozen flows share
    double spare_Bps;
    double weight;
    std::uint32_t flows;
  };
  struct Key {
    double level;
    std::uint32_t id;
    // Reversed: the heap functions of the standard library put the largest first.
    bool operator<(const Key& o) const { return level != o.level ? level > o.level : id > o.id; }
  };

  std::span<Hop> hops_of(std::uint32_t flow) {
    return {hops_.data() + flows_[flow].first, flows_[flow].hops};
  }
  /// Weight of a flow on one of its links: what a level of 1 there puts on the link.
  double weight_at(const Flow& f, std::uint32_t hop) const {
    return f.spread ? f.weight * shares_[f.first + hop] : f.weight;
  }
  Flow& enter(FlowId flow, std::size_t hops, double weight, double cap_Bps);
  void join(FlowId flow);
  void push(std::vector<Key>& heap, Key key);
  Key pop(std::vector<Key>& heap);
  void make_dirty(std::uint32_t link, double level);
  void touch(std::uint32_t flow);
  void rescan(std::uint32_t flow);
  void add_load(std::uint32_t link, double amount, double level);

  bool propagate();
  double evaluate(std::uint32_t link);
  double water_level(double capacity, std::size_t demands);
  void move_level(std::uint32_t link, double to);
  void tell_neighbours(std::uint32_t flow, std::uint32_t link, const Flow& before);

  void fill();
  void begin_filling();
  void freeze(std::uint32_t flow, double level);
  void end_filling();
  void report();

  std::uint32_t longest_path_;
  double tolerance_;
  double attempt_;
  std::size_t least_attempt_;
  std::vector<double> capacity_Bps_;
  std::vector<double> level_;
  std::vector<double> load_;  // of links whose level is infinite; else the link is full
  std::vector<std::uint8_t> dirty_;
  std::vector<std::vector<Member>> members_;
  std::vector<Flow> flows_;
  std::vector<Hop> hops_;            // at least longest_path_ for each flow
  std::vector<std::uint32_t> room_;  // by flow: its places in hops_
  std::vector<double> shares_;       // as hops_; empty until a flow is spread
  std::size_t memberships_ = 0;
  std::size_t work_ = 0;
  double allowance_ = 1;  // share of the attempt
  std::uint64_t given_up_ = 0;

  std::vector<Key> queue_;  // dirty links
  std::vector<std::uint32_t> touched_;
  std::vector<FlowId> changed_;
  std::vector<Demand> demands_;
  std::vector<Key> filling_;  // links by level, and capped flows (id: links() + flow)
  std::vector<Rest> rest_;    // by link
  Counts counts_;
};

}  // namespace hyperdc
