// FitIndex: which servers a request fits on, in the tie order.
//
// Computes: the lowest place in the tie order on which a request fits, memory included; and all of
// them. Exact.
// How: an OrderTree answers any request. Where a subtree has enough of each thing but no server
// with all of them the tree has to look into it, and a fleet that is full but for odd ends is made
// of such subtrees. A request that recurs and costs many such looks gets a set of the places on
// which it fits, kept up to date at each change, and is answered from it; the set is dropped when
// its upkeep costs more than it saves.
// Cost: with sets, a few words a decision and one comparison a set and change, whatever the number
// of servers. Requests that hardly ever recur pay for the tree's looks: at worst all servers.
#pragma once

#include <cstdint>
#include <vector>

#include "model/fleet.hpp"
#include "model/order_tree.hpp"
#include "model/place_bits.hpp"

namespace hyperdc {

class FitIndex {
 public:
  explicit FitIndex(const Fleet& fleet);

  /// Must be called after every change of a server.
  void update(ServerId server);
  /// Lowest place on which the request fits; OrderSet::kNone when there is none.
  std::uint32_t first(const Request& request);
  /// Appends every place on which the request fits, rising.
  void all(const Request& request, std::vector<std::uint32_t>& places);
  bool fits(const Request& request, std::uint32_t place) const {
    return tree_.fits(request, place);
  }

  /// Requests that are answered from sets now.
  std::size_t sets() const { return sets_.size(); }
  std::size_t memory_used() const;

 private:
  /// What asking the tree for a request has cost lately, in looks, less what a set would have.
  struct Candidate {
    Request request;
    std::uint64_t asked_at = 0;  // changes_ then
    std::uint64_t questions = 0;
    std::uint64_t looks = 0;  // of all questions
    std::uint64_t saved = 0;  // looks less changes that a set would have gone through
  };
  struct Set {
    Request request;
    std::uint64_t asked_at = 0;
    std::uint64_t looks = 0;   // of a question to the tree, on average
    std::uint64_t credit = 0;  // changes it may still live through
    PlaceBits places;
  };

  Set* set_of(const Request& request);
  void charge(const Request& request, std::uint64_t looks);
  Candidate& candidate_of(const Request& request);
  void add_set(Candidate& candidate);
  void drop_idle_sets();

  const Fleet& fleet_;
  OrderTree tree_;
  std::vector<Candidate> candidates_;  // by hash, four to a bucket
  std::vector<Set> sets_;
  std::uint64_t changes_ = 0;
  std::uint64_t sweep_at_ = 0;
};

}  // namespace hyperdc
