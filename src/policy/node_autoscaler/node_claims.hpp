// NodeClaims: new servers on paper, each of which may still be of several types.
//
// Computes: each ask goes to the open claim with the fewest members that can still be of at least
// one type with room for it all, else to a new claim; a claim is then of its cheapest type.
// Units: as of asks; USD/s. Source: sigs.k8s.io/karpenter, pkg/controllers/provisioning/scheduling.
// Cost: O(members * claims tried * types). Leaves out: topology spread, affinities, spot.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "policy/node_autoscaler/packing.hpp"

namespace hyperdc {

class NodeClaims {
 public:
  /// `usable[group]`: a server of the group may be had, as far as is known; at most `limit` claims.
  NodeClaims(std::span<const NodeGroup> groups, const std::vector<bool>& usable,
             std::uint32_t limit);

  /// Members that found no place.
  std::uint32_t add(const NodeAsk& ask);

  std::size_t count() const { return claims_.size(); }
  /// Groups of which the claim may be, cheapest first, then in order of the scenario.
  std::vector<std::uint32_t> groups_of(std::size_t claim) const;
  std::uint32_t members_of(std::size_t claim) const { return claims_[claim].members; }

 private:
  struct Claim {
    std::vector<std::optional<NodeBin>> by_group;  // what would be left; nothing: no room
    std::uint32_t members = 0;
  };
  struct Change {
    std::size_t claim = 0;
    std::optional<Claim> before;  // nothing: it was opened
  };
  /// What it changes goes to `changes`, if there.
  bool add_one(const Request& each, std::vector<Change>* changes);
  static bool has_room(const Claim& claim, const Request& each);
  static void add_to(Claim& claim, const Request& each);
  void undo(std::vector<Change>& changes);

  std::span<const NodeGroup> groups_;
  Claim empty_;
  std::uint32_t limit_;
  std::vector<Claim> claims_;
  std::set<std::pair<std::uint32_t, std::size_t>> order_;  // members and number of each claim
};

}  // namespace hyperdc
