// What flows would get that ask for all: MaxMin::greedy_Bps.
//
// Computes for a flow f (weight w_f) the least over its links l of w_f v, where v is the level at
// which f, without bounds, and the other flows g there, which have at most e_gl elsewhere, fill l:
//   a_fl w_f v + sum over g of a_gl min(e_gl, w_g v) = C_l.
// The members of a link are sorted by e / w once, with sums over those who want less (their bytes)
// and over those who want more (their weights). v_k = (C - bytes of the first k) / (weights of the
// rest); v is the first v_k that the next of them would exceed, which is found by bisection, with
// f's own demand taken out of the sums. Units: bytes per second. Valid: after settle().
// Cost: O(m log m) a link of m flows, however many of them are asked for; O(log m) each.
#include <algorithm>

#include "network/flow/max_min.hpp"

namespace hyperdc {
namespace {

struct Wanted {  // of a member of the link
  double level;  // that it may have elsewhere
  double weight;
};

/// The members of one link, sorted by what they want.
class LinkDemands {
 public:
  LinkDemands(double capacity_Bps, std::vector<Wanted> by_place)
      : capacity_Bps_(capacity_Bps), by_place_(std::move(by_place)), rank_(by_place_.size()) {
    std::vector<std::uint32_t> order(by_place_.size());
    for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
    std::ranges::sort(order, [&](std::uint32_t a, std::uint32_t b) {
      const double x = by_place_[a].level;
      const double y = by_place_[b].level;
      return x != y ? x < y : a < b;
    });
    for (std::uint32_t k = 0; k < order.size(); ++k) rank_[order[k]] = k;
    bytes_.assign(1, 0);
    weights_.assign(order.size() + 1, 0);
    for (const std::uint32_t place : order) {
      const Wanted& one = by_place_[place];
      sorted_.push_back(one.level);
      if (one.level < kNoCap_Bps) bytes_.push_back(bytes_.back() + one.level * one.weight);
    }
    for (std::size_t k = order.size(); k-- > 0;) {
      weights_[k] = weights_[k + 1] + by_place_[order[k]].weight;
    }
  }

  /// The level when the member at `place` asks for all.
  double level_without_bound(std::uint32_t place) const {
    const Wanted& own = by_place_[place];
    const std::uint32_t rank = rank_[place];
    const auto level = [&](std::size_t k) {  // when the first k have what they want
      const bool counted = rank < k;
      const double spare = capacity_Bps_ - (bytes_[k] - (counted ? own.level * own.weight : 0));
      return spare / (weights_[k] + (counted ? own.weight : 0));
    };
    std::size_t low = 0;
    std::size_t high = bytes_.size() - 1;  // those who want without bound never have it
    while (low < high) {
      const std::size_t middle = (low + high) / 2;
      if (sorted_[middle] >= level(middle)) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return level(low);
  }

 private:
  double capacity_Bps_;
  std::vector<Wanted> by_place_;     // in the members of the link
  std::vector<std::uint32_t> rank_;  // by place
  std::vector<double> sorted_;       // levels
  std::vector<double> bytes_;        // of the first k, as far as they are bounded
  std::vector<double> weights_;      // of all but the first k
};

}  // namespace

std::vector<double> MaxMin::greedy_Bps(std::span<const FlowId> flows) const {
  struct Ask {
    std::uint32_t link;
    std::uint32_t place;
    std::size_t at;  // in `flows`
  };
  std::vector<Ask> asks;
  for (std::size_t i = 0; i < flows.size(); ++i) {
    const Flow& flow = flows_[flows[i].value];
    for (std::uint32_t hop = 0; hop < flow.hops; ++hop) {
      const Hop& one = hops_[flow.first + hop];
      asks.push_back({one.link, one.place, i});
    }
  }
  std::ranges::sort(asks, [](const Ask& a, const Ask& b) {
    return a.link != b.link ? a.link < b.link : a.at < b.at;
  });
  std::vector<double> rates(flows.size(), kUnlimited);
  for (std::size_t first = 0, next = 0; first < asks.size(); first = next) {
    const std::uint32_t link = asks[first].link;
    std::vector<Wanted> there;
    for (const Member& member : members_[link]) {
      const Flow& flow = flows_[member.flow];
      there.push_back({flow.elsewhere(link), weight_at(flow, member.hop)});
    }
    const LinkDemands demands(capacity_Bps_[link], std::move(there));
    for (next = first; next < asks.size() && asks[next].link == link; ++next) {
      const double weight = flows_[flows[asks[next].at].value].weight;
      double& rate = rates[asks[next].at];
      rate = std::min(rate, demands.level_without_bound(asks[next].place) * weight);
    }
  }
  return rates;
}

}  // namespace hyperdc
