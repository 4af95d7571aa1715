#include "ai/collective/plan.hpp"

#include <algorithm>
#include <bit>

#include "ai/collective/shares.hpp"
#include "ai/collective/steps.hpp"

namespace hyperdc {

namespace {

using Op = CollectiveOp;
using Algorithm = CollectiveAlgorithm;

}  // namespace

CollectivePlan::CollectivePlan(CollectiveOp op, CollectiveAlgorithm algorithm, std::uint64_t bytes,
                               std::span<const CollectiveLevel> levels)
    : levels_(without_single(levels)) {
  const std::string problem = collective_problem(op, algorithm, levels);
  HYPERDC_CHECK(problem.empty(), problem);
  HYPERDC_CHECK(bytes <= shares::kMostBytes, "a collective of more than 2^50 bytes");
  for (const CollectiveLevel& level : levels_) {
    stride_.push_back(ranks_);
    ranks_ *= level.ranks;
  }
  if (ranks_ == 1) return;
  build(op, algorithm, bytes);
  if (phases_ == 0) phases_ = parts_.size();
}

CollectivePlan::Piece CollectivePlan::piece(Shape shape, std::uint64_t bytes,
                                            std::size_t level) const {
  Piece made;
  made.shape = shape;
  made.level = static_cast<std::uint32_t>(level);
  made.bytes = bytes;
  return made;
}

void CollectivePlan::build(CollectiveOp op, CollectiveAlgorithm algorithm, std::uint64_t bytes) {
  switch (algorithm) {
    case Algorithm::ring:
      return build_ring(op, bytes);
    case Algorithm::tree:
      return build_tree(op, bytes);
    case Algorithm::halving_doubling:
      return build_halving_doubling(op, bytes);
    case Algorithm::hierarchical:
      return build_hierarchical(op, bytes);
    case Algorithm::rail_aligned:
      return build_rail_aligned(op, bytes);
    case Algorithm::in_network:
      return build_in_network(op, bytes);
    case Algorithm::torus:
      return op == Op::all_to_all ? build_torus_all_to_all(bytes) : build_torus(op, bytes);
    case Algorithm::pairwise:
      phases_ = ranks_ - 1;
      parts_ = {{{piece(Shape::shift, shares::of(bytes, 1, ranks_))}, levels_[0].alpha}};
      return;
    case Algorithm::direct: {
      Duration alpha;
      for (const CollectiveLevel& level : levels_) alpha = std::max(alpha, level.alpha);
      const Piece all = op == Op::send_recv ? piece(Shape::up_chain, bytes)
                                            : piece(Shape::all, shares::of(bytes, 1, ranks_));
      parts_ = {{{all}, alpha}};
      return;
    }
  }
}

void CollectivePlan::build_ring(CollectiveOp op, std::uint64_t bytes) {
  if (op == Op::broadcast || op == Op::reduce) {
    const Shape shape = op == Op::broadcast ? Shape::up_chain : Shape::down_chain;
    parts_ = {{{piece(shape, bytes)}, steps::chain(levels_)}};
    return;
  }
  const std::uint32_t laps = op == Op::all_reduce ? 2 : 1;
  const std::uint64_t sent = shares::of(bytes, laps * (ranks_ - 1), ranks_);
  parts_ = {{{piece(Shape::around, sent)}, steps::ring(levels_, laps)}};
}

void CollectivePlan::build_tree(CollectiveOp op, std::uint64_t bytes) {
  const std::size_t top = levels_.size() - 1;
  const Duration down = steps::times(steps::depth(levels_[top].ranks), levels_[top].alpha);
  // Each rail of a group has its own two trees.
  const std::uint64_t half = shares::of(bytes, 1, 2 * stride_[top]);
  const Piece up_tree = piece(Shape::to_root, half, top);
  const Piece down_tree = piece(Shape::from_root, half, top);
  if (op != Op::all_reduce) {
    parts_ = {{{op == Op::reduce ? up_tree : down_tree}, down}};
    return;
  }
  Phase phase{{up_tree, down_tree}, down + down};
  if (top == 1) {
    // The chain of rail j ends at place j: all edges of the circle but one, both ways.
    const std::uint64_t g = levels_[0].ranks;
    const std::uint64_t chains = shares::of(bytes, g - 1, g);
    phase.pieces.push_back(piece(Shape::neighbours, chains));
    phase.pieces.push_back(piece(Shape::backwards, chains));
    const Duration within = steps::times(g - 1, levels_[0].alpha);
    phase.latency = phase.latency + within + within;
  }
  parts_ = {phase};
}

/// Makes the phases of a reduce-scatter those of `op`: a gather goes the other way round.
void CollectivePlan::mirror(CollectiveOp op) {
  std::vector<Phase> back(parts_.rbegin(), parts_.rend());
  if (op == Op::all_gather) parts_ = back;
  if (op == Op::all_reduce) parts_.insert(parts_.end(), back.begin(), back.end());
}

void CollectivePlan::build_halving_doubling(CollectiveOp op, std::uint64_t bytes) {
  const std::uint64_t power = std::bit_floor(ranks_);
  for (std::uint64_t distance = 1; distance < power; distance *= 2) {
    Piece swap = piece(Shape::exchange, shares::of(bytes, 1, 2 * distance));
    swap.size = power;
    swap.distance = distance;
    std::size_t level = levels_.size() - 1;
    while (stride_[level] > distance) --level;
    parts_.push_back({{swap}, levels_[level].alpha});
  }
  mirror(op);
  if (power == ranks_) return;
  Piece fold = piece(Shape::fold, bytes);
  fold.size = power;
  parts_.insert(parts_.begin(), {{fold}, levels_[0].alpha});
  fold.shape = Shape::unfold;
  parts_.push_back({{fold}, levels_[0].alpha});
}

void CollectivePlan::build_hierarchical(CollectiveOp op, std::uint64_t bytes) {
  const auto ring_of = [&](std::size_t l, std::uint64_t laps) {
    const std::uint64_t hops = laps * (levels_[l].ranks - 1);
    const std::uint64_t sent = shares::of(bytes, hops, stride_[l] * levels_[l].ranks);
    return Phase{{piece(Shape::neighbours, sent, l)}, steps::times(hops, levels_[l].alpha)};
  };
  const std::size_t top = levels_.size() - 1;
  for (std::size_t l = 0; l < top; ++l) parts_.push_back(ring_of(l, 1));
  if (op == Op::all_reduce) {
    mirror(op);
    const auto middle = static_cast<std::ptrdiff_t>(top);
    parts_.insert(parts_.begin() + middle, ring_of(top, 2));
    return;
  }
  parts_.push_back(ring_of(top, 1));
  mirror(op);
}

void CollectivePlan::build_rail_aligned(CollectiveOp op, std::uint64_t bytes) {
  Phase phase;
  if (op == Op::all_to_all) {
    for (std::size_t l = 0; l < levels_.size(); ++l) {
      const std::uint64_t each = shares::of(bytes, 1, levels_[l].ranks);
      phase.pieces.push_back(piece(Shape::everyone, each, l));
      phase.latency = phase.latency + levels_[l].alpha;
    }
    parts_ = {phase};
    return;
  }
  if (levels_.size() == 1) return build_ring(op, bytes);
  // The ring of rail j runs through a group from place j around to the one before, and from there
  // by one hop more inside the group to the port of place j: all edges of the circle.
  const std::uint32_t laps = op == Op::all_reduce ? 2 : 1;
  const std::uint64_t hops = laps * (ranks_ - 1);
  phase.pieces = {piece(Shape::neighbours, shares::of(bytes, hops, ranks_)),
                  piece(Shape::neighbours, shares::of(bytes, hops, ranks_ * levels_[0].ranks), 1)};
  phase.latency = steps::ring(levels_, laps);
  parts_ = {phase};
}

void CollectivePlan::build_in_network(CollectiveOp op, std::uint64_t bytes) {
  Phase phase;
  for (std::size_t l = 0; l < levels_.size(); ++l) {
    const CollectiveLevel& level = levels_[l];
    if (level.reduction_Bps) {
      Piece reduced = piece(Shape::neighbours, shares::of(bytes, 1, stride_[l]), l);
      reduced.cap_Bps = *level.reduction_Bps;
      phase.pieces.push_back(reduced);
      phase.latency = phase.latency + steps::times(op == Op::all_reduce ? 2 : 1, level.alpha);
    } else {
      const std::uint64_t half = shares::of(bytes, 1, 2 * stride_[l]);
      phase.pieces.push_back(piece(Shape::to_root, half, l));
      phase.pieces.push_back(piece(Shape::from_root, half, l));
      phase.latency = phase.latency + steps::times(2 * steps::depth(level.ranks), level.alpha);
    }
  }
  parts_ = {phase};
}

void CollectivePlan::build_torus(CollectiveOp op, std::uint64_t bytes) {
  const std::size_t k = levels_.size();
  for (std::size_t p = 0; p < k; ++p) {
    Phase phase;
    for (std::size_t j = 0; j < k; ++j) {
      std::uint64_t parts = 2 * k;
      for (std::size_t q = 0; q < p; ++q) parts *= levels_[(j + q) % k].ranks;
      const std::size_t l = (j + p) % k;
      const std::uint64_t d = levels_[l].ranks;
      const std::uint64_t sent = shares::of(bytes, d - 1, parts * d);
      phase.pieces.push_back(piece(Shape::neighbours, sent, l));
      phase.pieces.push_back(piece(Shape::backwards, sent, l));
      phase.latency = std::max(phase.latency, steps::times(d - 1, levels_[l].alpha));
    }
    parts_.push_back(phase);
  }
  mirror(op);
}

void CollectivePlan::build_torus_all_to_all(std::uint64_t bytes) {
  Phase phase;
  for (std::size_t l = 0; l < levels_.size(); ++l) {
    const std::uint64_t d = levels_[l].ranks;
    const std::uint64_t sent = shares::of(bytes, d * d / 4, 2 * d);
    phase.pieces.push_back(piece(Shape::neighbours, sent, l));
    phase.pieces.push_back(piece(Shape::backwards, sent, l));
    phase.latency = phase.latency + steps::times(d / 2, levels_[l].alpha);
  }
  parts_ = {phase};
}

}  // namespace hyperdc
