#include "policy/node_autoscaler/node_claims.hpp"

#include <algorithm>
#include <numeric>

namespace hyperdc {

NodeClaims::NodeClaims(std::span<const NodeGroup> groups, const std::vector<bool>& usable,
                       std::uint32_t limit)
    : groups_(groups), limit_(limit) {
  empty_.by_group.resize(groups.size());
  for (std::size_t group = 0; group < groups.size(); ++group) {
    if (usable[group]) empty_.by_group[group] = empty_bin(groups[group].shape);
  }
}

bool NodeClaims::add_to(Claim& claim, const Request& each) {
  const bool any = std::any_of(claim.by_group.begin(), claim.by_group.end(),
                               [&](const auto& bin) { return bin && bin->fits(each); });
  if (!any) return false;
  for (std::optional<NodeBin>& bin : claim.by_group) {
    if (bin && bin->fits(each)) {
      bin->take(each);
    } else {
      bin.reset();
    }
  }
  ++claim.members;
  return true;
}

bool NodeClaims::add_one(const Request& each) {
  std::vector<std::size_t> order(claims_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return claims_[a].members < claims_[b].members;
  });
  for (const std::size_t claim : order) {
    if (add_to(claims_[claim], each)) return true;
  }
  if (claims_.size() >= limit_) return false;
  Claim fresh = empty_;
  if (!add_to(fresh, each)) return false;
  claims_.push_back(std::move(fresh));
  return true;
}

std::uint32_t NodeClaims::add(const NodeAsk& ask) {
  std::vector<Claim> kept;
  if (ask.together) kept = claims_;
  for (std::uint32_t member = 0; member < ask.count; ++member) {
    if (add_one(ask.each)) continue;
    if (!ask.together) return ask.count - member;
    claims_ = std::move(kept);
    return ask.count;
  }
  return 0;
}

std::vector<std::uint32_t> NodeClaims::groups_of(std::size_t claim) const {
  std::vector<std::uint32_t> groups;
  for (std::uint32_t group = 0; group < groups_.size(); ++group) {
    if (claims_[claim].by_group[group]) groups.push_back(group);
  }
  std::stable_sort(groups.begin(), groups.end(), [&](std::uint32_t a, std::uint32_t b) {
    return groups_[a].price_usd_per_s.value_or(0) < groups_[b].price_usd_per_s.value_or(0);
  });
  return groups;
}

}  // namespace hyperdc
