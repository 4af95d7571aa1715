// ScoreBoard: the best server for a request, by a placement policy's scores.
//
// Computes: among the servers on which the request fits, memory included, the one with the highest
// score; among equal scores the one that comes first in the tie order. Exactly what scoring every
// server would give.
// How: scores are remembered by (request without memory, group of servers in equal state). Each
// kind of request that recurs has a heap of (score, first place) over groups, brought up to date
// with the changes of the groups since its last decision.
// Cost of a decision: min(changes since the last decision for this kind of request, live groups)
// looks, most of them a comparison, and one call of the policy for each new (request, state) pair.
// It does not grow with the number of servers but with that of distinct states. Two cases grow:
// requests that hardly ever recur score every live group once; and where memory is what is
// scarce, groups with the best scores but without memory are passed over one by one.
#pragma once

#include <cstdint>
#include <vector>

#include <hyperdc/policy/placement.hpp>

#include "model/server_groups.hpp"

namespace hyperdc {

class ScoreBoard {
 public:
  /// Scores of groups with ids from `most_known` on are computed anew each time: it bounds the
  /// memory of all kinds together to 512 MiB, reached with 512 kinds of request and 65,536 states.
  ScoreBoard(const ServerGroups& groups, const Placement& policy,
             std::size_t most_known = std::size_t{1} << 16);

  /// Place in the tie order of the best server; OrderSet::kNone where the request fits on none.
  std::uint32_t best(const Request& request);

  std::size_t memory_used() const;

 private:
  /// A score that was computed, and the heap and place under which it was last put there.
  struct Known {
    std::uint32_t version = 0;
    std::int32_t score = 0;
    std::uint32_t heap = 0;  // 0: on none
    std::uint32_t place = 0;
  };
  struct Entry {
    std::int32_t score = 0;
    std::uint32_t place = 0;
    GroupId group;
    std::uint32_t version = 0;
    /// Heap order: the worst first, so that the best is on top.
    bool operator<(const Entry& other) const {
      return score != other.score ? score < other.score : place > other.place;
    }
  };
  /// Requests that differ in memory only.
  struct Kind {
    Request request;
    std::vector<Known> known;  // by group id
    std::vector<Entry> heap;
    bool heap_valid = false;
    std::uint32_t heap_number = 0;  // counts refills: what was on an older heap is not on this one
    std::uint64_t seen = 0;         // changes of the groups up to the last decision
    std::uint64_t used = 0;         // number of that decision
  };

  /// Is there an entry for this state that stands no later than at `place`?
  static bool on_heap(const Kind& kind, const Known& known, std::uint32_t place) {
    return known.heap == kind.heap_number && known.place <= place;
  }
  Kind* kind_of(const Request& request);
  Kind& add_kind(const Request& request, std::uint64_t hash);
  void rebuild_table();
  std::int32_t evaluate(const Request& request, GroupId group) const;
  std::int32_t score(Kind& kind, GroupId group);
  void catch_up(Kind& kind);
  void fill_heap(Kind& kind);
  void push(Kind& kind, GroupId group);
  void correct_top(Kind& kind);
  std::uint32_t from_heap(Kind& kind, std::int64_t memory);
  template <class Score>
  std::uint32_t by_scan(std::int64_t memory, Score&& score_of) const;

  const ServerGroups& groups_;
  const Placement& policy_;
  std::size_t most_known_;
  std::vector<Kind> kinds_;
  std::vector<std::uint32_t> table_;     // open addressing, index of kind + 1
  std::vector<std::uint64_t> met_once_;  // hashes, direct mapped
  std::vector<Entry> aside_;             // scratch of from_heap
  std::uint64_t decisions_ = 0;
};

}  // namespace hyperdc
