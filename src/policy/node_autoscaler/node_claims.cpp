#include "policy/node_autoscaler/node_claims.hpp"

#include <algorithm>

namespace hyperdc {

NodeClaims::NodeClaims(std::span<const NodeGroup> groups, const std::vector<bool>& usable,
                       std::uint32_t limit)
    : groups_(groups), limit_(limit) {
  empty_.by_group.resize(groups.size());
  for (std::size_t group = 0; group < groups.size(); ++group) {
    if (usable[group]) empty_.by_group[group] = empty_bin(groups[group].shape);
  }
}

bool NodeClaims::has_room(const Claim& claim, const Request& each) {
  return std::any_of(claim.by_group.begin(), claim.by_group.end(),
                     [&](const auto& bin) { return bin && bin->fits(each); });
}

void NodeClaims::add_to(Claim& claim, const Request& each) {
  for (std::optional<NodeBin>& bin : claim.by_group) {
    if (bin && bin->fits(each)) {
      bin->take(each);
    } else {
      bin.reset();
    }
  }
  ++claim.members;
}

bool NodeClaims::add_one(const Request& each, std::vector<Change>* changes) {
  const auto at = std::find_if(order_.begin(), order_.end(), [&](const auto& entry) {
    return has_room(claims_[entry.second], each);
  });
  const bool opens = at == order_.end();
  if (opens && (claims_.size() >= limit_ || !has_room(empty_, each))) return false;
  const std::size_t claim = opens ? claims_.size() : at->second;
  if (changes) changes->push_back({claim, std::nullopt});
  if (opens) {
    claims_.push_back(empty_);
  } else {
    if (changes) changes->back().before = claims_[claim];
    order_.erase(at);
  }
  add_to(claims_[claim], each);
  order_.emplace(claims_[claim].members, claim);
  return true;
}

void NodeClaims::undo(std::vector<Change>& changes) {
  for (; !changes.empty(); changes.pop_back()) {
    Change& change = changes.back();
    order_.erase({claims_[change.claim].members, change.claim});
    if (change.before) {
      claims_[change.claim] = std::move(*change.before);
      order_.emplace(claims_[change.claim].members, change.claim);
    } else {
      claims_.pop_back();
    }
  }
}

std::uint32_t NodeClaims::add(const NodeAsk& ask) {
  std::vector<Change> changes;
  for (std::uint32_t member = 0; member < ask.count; ++member) {
    if (add_one(ask.each, ask.together ? &changes : nullptr)) continue;
    if (!ask.together) return ask.count - member;
    undo(changes);
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
