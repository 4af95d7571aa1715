// ConstantRates: rates of flows that do not share.
//
// Computes x_f = min(c_f, min over l of f: C_l / a_fl), whatever other flows do. Units: bytes per
// second. Valid: as a lower bound of the time of a flow, and where no link ever gets full.
// Leaves out: all sharing, so that links may carry more than their capacity; weights.
// Cost: the links of the flow at its start; all flows when a capacity changed.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "network/flow/sharing.hpp"

namespace hyperdc {

class ConstantRates final : public Sharing {
 public:
  explicit ConstantRates(std::vector<double> capacities_Bps);

  void add(FlowId flow, std::span<const LinkId> path, double weight, double cap_Bps) override;
  void add_spread(FlowId flow, std::span<const LinkShare> links, double weight,
                  double cap_Bps) override;
  void remove(FlowId flow) override;
  void set_capacity(LinkId link, double capacity_Bps) override;
  std::span<const FlowId> settle() override;
  double rate_Bps(FlowId flow) const override { return flows_[flow.value].rate_Bps; }
  double load_Bps(LinkId link) const override;
  std::vector<double> greedy_Bps(std::span<const FlowId> flows) const override;
  std::size_t flows_on(LinkId link) const override { return flows_on_[link.value]; }
  void list_flows_on(LinkId link, std::vector<FlowId>& out) const override;
  const Counts& counts() const override { return counts_; }

 private:
  struct Flow {
    std::vector<LinkShare> links;  // empty: there is no such flow
    double cap_Bps = kNoCap_Bps;
    double rate_Bps = 0;
    bool fresh = false;  // not yet reported
  };

  Flow& enter(FlowId flow, double cap_Bps);
  void join(FlowId flow);
  bool update(Flow& flow) const;

  std::vector<double> capacity_Bps_;
  std::vector<std::uint32_t> flows_on_;  // by link
  std::vector<Flow> flows_;
  std::vector<FlowId> fresh_;
  std::vector<FlowId> changed_;
  bool capacities_changed_ = false;
  Counts counts_;
};

}  // namespace hyperdc
