// CollectivePlan: a collective as flows between ranks, for a fabric with other traffic.
//
// A plan is a sequence of phases. The flows of a phase begin together; when the last of them has
// been sent, the phase lasts latency(phase) more; then the next phase begins. The latency holds
// every step that the phase stands for, with the latency of the paths, so the end of a flow is
// FlowEnd::at and not FlowEnd::arrives.
// Steps that run as a pipeline are one phase: a ring is n flows of 2(n-1)/n S between neighbours
// and not 2(n-1) steps, so that there are O(n) flows and the slowest link decides. Alone on the
// symmetric paths of the levels it takes the time of closed_form.hpp, to 1 ns a phase.
// In-network reduction is drawn as a ring as well: on host links and, with ranks in order of racks,
// above them, a ring of S bytes loads every link as a tree of switches that reduce does (S up, S
// down). Flows of levels that cannot be told apart by their pair have labels.
// Memory: O(levels); phases are written one at a time, by arithmetic. Units: bytes, ns.
// Leaves out: that in a pipeline fast hops wait for slow ones, so under contention they free their
// bandwidth earlier here than they would; overlap of phases; where the root of a tree is
// (rank 0); rates of protocols (tuning.hpp; a fabric's capacities are payload rates).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <hyperdc/network/fabric.hpp>

#include "ai/collective/collective.hpp"

namespace hyperdc {

struct CollectiveFlow {
  std::uint32_t from = 0;  // ranks
  std::uint32_t to = 0;
  std::uint64_t bytes = 0;
  double cap_Bps = kNoCap_Bps;  // of switches that reduce
  std::uint32_t label = 0;      // tells flows of one pair and phase apart
};

/// Most flows that a phase may have.
inline constexpr std::uint64_t kMostPhaseFlows = std::uint64_t{1} << 22;

class CollectivePlan {
 public:
  /// InvariantError when collective_problem() is not empty.
  CollectivePlan(CollectiveOp op, CollectiveAlgorithm algorithm, std::uint64_t bytes,
                 std::span<const CollectiveLevel> levels);

  std::uint64_t ranks() const { return ranks_; }
  std::uint64_t phases() const { return phases_; }
  /// Flows of a phase. More than kMostPhaseFlows is a matter for the caller to refuse: another
  /// algorithm, or the closed form.
  std::uint64_t flows(std::uint64_t phase) const;
  Duration latency(std::uint64_t phase) const;
  /// Replaces `out` by the flows of a phase, in a fixed order. InvariantError above
  /// kMostPhaseFlows.
  void write(std::uint64_t phase, std::vector<CollectiveFlow>& out) const;

 private:
  enum class Shape : std::uint8_t {
    neighbours,  // each to the next of its group of a level, around
    backwards,   // each to the one before
    around,      // each to the next of all ranks
    up_chain,    // each but the last to the next of all ranks
    down_chain,  // each but the first to the one before
    exchange,    // each of the first `size` with the one at `distance` (a power of two)
    fold,        // each from `size` on to the one `size` before
    unfold,
    to_root,  // two trees among the ranks of a level
    from_root,
    shift,     // each to the one that is the phase's number and one more ahead
    everyone,  // each to all others of its group of a level
    all,       // each to all others
  };
  struct Piece {
    Shape shape = Shape::around;
    std::uint32_t level = 0;
    std::uint64_t bytes = 0;  // of a flow
    double cap_Bps = kNoCap_Bps;
    std::uint64_t size = 0;
    std::uint64_t distance = 0;
  };
  struct Phase {
    std::vector<Piece> pieces;
    Duration latency;
  };

  void build(CollectiveOp op, CollectiveAlgorithm algorithm, std::uint64_t bytes);
  void build_ring(CollectiveOp op, std::uint64_t bytes);
  void build_tree(CollectiveOp op, std::uint64_t bytes);
  void build_halving_doubling(CollectiveOp op, std::uint64_t bytes);
  void build_hierarchical(CollectiveOp op, std::uint64_t bytes);
  void build_rail_aligned(CollectiveOp op, std::uint64_t bytes);
  void build_in_network(CollectiveOp op, std::uint64_t bytes);
  void build_torus(CollectiveOp op, std::uint64_t bytes);
  void build_torus_all_to_all(std::uint64_t bytes);
  void mirror(CollectiveOp op);
  Piece piece(Shape shape, std::uint64_t bytes, std::size_t level = 0) const;
  const Phase& at(std::uint64_t phase) const;
  std::uint64_t count(const Piece& piece) const;
  void write_piece(const Piece& piece, std::uint64_t phase, std::uint32_t label,
                   std::vector<CollectiveFlow>& out) const;
  void write_group(const Piece& piece, std::uint32_t label, std::vector<CollectiveFlow>& out) const;

  std::vector<CollectiveLevel> levels_;  // of more than one rank each
  std::vector<std::uint64_t> stride_;    // between neighbours of a level
  std::uint64_t ranks_ = 1;
  std::vector<Phase> parts_;  // or one that is repeated
  std::uint64_t phases_ = 0;
};

}  // namespace hyperdc
