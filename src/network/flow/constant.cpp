#include "network/flow/constant.hpp"

#include <algorithm>
#include <utility>

#include <hyperdc/core/assert.hpp>

namespace hyperdc {

ConstantRates::ConstantRates(std::vector<double> capacities_Bps)
    : capacity_Bps_(std::move(capacities_Bps)), flows_on_(capacity_Bps_.size(), 0) {}

ConstantRates::Flow& ConstantRates::enter(FlowId flow, double cap_Bps) {
  HYPERDC_CHECK(cap_Bps > 0, "caps are above 0");
  if (flow.value >= flows_.size()) flows_.resize(std::size_t{flow.value} + 1);
  Flow& f = flows_[flow.value];
  HYPERDC_CHECK(f.links.empty(), "the flow is there already");
  f.cap_Bps = cap_Bps;
  f.rate_Bps = 0;
  return f;
}

void ConstantRates::join(FlowId flow) {
  Flow& f = flows_[flow.value];
  HYPERDC_CHECK(!f.links.empty(), "a flow crosses at least one link");
  for (const LinkShare& one : f.links) ++flows_on_[one.link.value];
  f.fresh = true;
  fresh_.push_back(flow);
}

void ConstantRates::add(FlowId flow, std::span<const LinkId> path, double, double cap_Bps) {
  Flow& f = enter(flow, cap_Bps);
  for (const LinkId link : path) f.links.push_back({link, 1});
  join(flow);
}

void ConstantRates::add_spread(FlowId flow, std::span<const LinkShare> links, double,
                               double cap_Bps) {
  enter(flow, cap_Bps).links.assign(links.begin(), links.end());
  join(flow);
}

void ConstantRates::remove(FlowId flow) {
  HYPERDC_CHECK(flow.value < flows_.size() && !flows_[flow.value].links.empty(), "no such flow");
  Flow& f = flows_[flow.value];
  for (const LinkShare& one : f.links) --flows_on_[one.link.value];
  f.links.clear();
  f.fresh = false;  // its entry in fresh_, if any, is passed over
}

void ConstantRates::set_capacity(LinkId link, double capacity_Bps) {
  if (capacity_Bps_[link.value] == capacity_Bps) return;
  capacity_Bps_[link.value] = capacity_Bps;
  if (flows_on_[link.value] > 0) capacities_changed_ = true;
}

/// True when the rate has changed.
bool ConstantRates::update(Flow& flow) const {
  double rate = flow.cap_Bps;
  for (const LinkShare& one : flow.links) {
    rate = std::min(rate, capacity_Bps_[one.link.value] / one.share);
  }
  return std::exchange(flow.rate_Bps, rate) != rate;
}

std::span<const FlowId> ConstantRates::settle() {
  changed_.clear();
  if (fresh_.empty() && !capacities_changed_) return changed_;
  ++counts_.settled;
  for (const FlowId id : fresh_) {
    Flow& flow = flows_[id.value];
    if (!std::exchange(flow.fresh, false)) continue;
    update(flow);
    changed_.push_back(id);
  }
  if (std::exchange(capacities_changed_, false)) {
    for (std::uint32_t id = 0; id < flows_.size(); ++id) {
      if (!flows_[id].links.empty() && update(flows_[id])) changed_.push_back({id});
    }
  }
  fresh_.clear();
  return changed_;
}

double ConstantRates::load_Bps(LinkId link) const {
  double all = 0;
  for (const Flow& flow : flows_) {
    for (const LinkShare& one : flow.links) {
      if (one.link == link) all += one.share * flow.rate_Bps;
    }
  }
  return all;
}

void ConstantRates::list_flows_on(LinkId link, std::vector<FlowId>& out) const {
  for (std::uint32_t id = 0; id < flows_.size(); ++id) {
    const auto& links = flows_[id].links;
    if (std::ranges::find(links, link, &LinkShare::link) != links.end()) out.push_back({id});
  }
}

std::vector<double> ConstantRates::greedy_Bps(std::span<const FlowId> flows) const {
  std::vector<double> rates;
  for (const FlowId flow : flows) {
    double rate = kNoCap_Bps;
    for (const LinkShare& one : flows_[flow.value].links) {
      rate = std::min(rate, capacity_Bps_[one.link.value] / one.share);
    }
    rates.push_back(rate);
  }
  return rates;
}

}  // namespace hyperdc
