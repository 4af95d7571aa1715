// The flows of a phase of a CollectivePlan, from its shapes.
#include <hyperdc/core/assert.hpp>

#include "ai/collective/plan.hpp"
#include "ai/collective/trees.hpp"

namespace hyperdc {

const CollectivePlan::Phase& CollectivePlan::at(std::uint64_t phase) const {
  HYPERDC_CHECK(phase < phases_, "a plan has no such phase");
  return parts_.size() == 1 ? parts_[0] : parts_[phase];
}

Duration CollectivePlan::latency(std::uint64_t phase) const {
  return at(phase).latency;
}

std::uint64_t CollectivePlan::count(const Piece& piece) const {
  const std::uint64_t d = levels_[piece.level].ranks;
  switch (piece.shape) {
    case Shape::up_chain:
    case Shape::down_chain:
      return ranks_ - 1;
    case Shape::exchange:
      return piece.size;
    case Shape::fold:
    case Shape::unfold:
      return ranks_ - piece.size;
    case Shape::to_root:
    case Shape::from_root:
      return ranks_ / d * 2 * (d - 1);
    case Shape::everyone:
      return ranks_ * (d - 1);
    case Shape::all:
      return ranks_ * (ranks_ - 1);
    default:
      return ranks_;
  }
}

std::uint64_t CollectivePlan::flows(std::uint64_t phase) const {
  std::uint64_t all = 0;
  for (const Piece& piece : at(phase).pieces) all += count(piece);
  return all;
}

void CollectivePlan::write(std::uint64_t phase, std::vector<CollectiveFlow>& out) const {
  const std::uint64_t all = flows(phase);
  HYPERDC_CHECK(all <= kMostPhaseFlows, "a phase of more than 2^22 flows");
  out.clear();
  out.reserve(all);
  std::uint32_t label = 0;
  for (const Piece& piece : at(phase).pieces) {
    write_piece(piece, phase, label, out);
    label += 2;  // a piece uses two: its trees
  }
  HYPERDC_CHECK(out.size() == all, "a phase has other flows than were counted");
}

void CollectivePlan::write_piece(const Piece& piece, std::uint64_t phase, std::uint32_t label,
                                 std::vector<CollectiveFlow>& out) const {
  const auto add = [&](std::uint64_t from, std::uint64_t to) {
    out.push_back({static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(to), piece.bytes,
                   piece.cap_Bps, label});
  };
  switch (piece.shape) {
    case Shape::around:
      for (std::uint64_t r = 0; r < ranks_; ++r) add(r, (r + 1) % ranks_);
      return;
    case Shape::shift:
      for (std::uint64_t r = 0; r < ranks_; ++r) add(r, (r + phase + 1) % ranks_);
      return;
    case Shape::up_chain:
      for (std::uint64_t r = 1; r < ranks_; ++r) add(r - 1, r);
      return;
    case Shape::down_chain:
      for (std::uint64_t r = 1; r < ranks_; ++r) add(r, r - 1);
      return;
    case Shape::exchange:
      for (std::uint64_t r = 0; r < piece.size; ++r) add(r, r ^ piece.distance);
      return;
    case Shape::fold:
      for (std::uint64_t r = piece.size; r < ranks_; ++r) add(r, r - piece.size);
      return;
    case Shape::unfold:
      for (std::uint64_t r = piece.size; r < ranks_; ++r) add(r - piece.size, r);
      return;
    case Shape::all:
      for (std::uint64_t r = 0; r < ranks_; ++r) {
        for (std::uint64_t k = 1; k < ranks_; ++k) add(r, (r + k) % ranks_);
      }
      return;
    default:
      write_group(piece, label, out);
  }
}

/// Shapes within the groups of a level, group by group.
void CollectivePlan::write_group(const Piece& piece, std::uint32_t label,
                                 std::vector<CollectiveFlow>& out) const {
  const std::uint64_t d = levels_[piece.level].ranks;
  const std::uint64_t stride = stride_[piece.level];
  for (std::uint64_t group = 0; group < ranks_ / d; ++group) {
    const std::uint64_t first = group / stride * stride * d + group % stride;
    const auto add = [&](std::uint64_t from, std::uint64_t to, std::uint32_t tree) {
      out.push_back({static_cast<std::uint32_t>(first + from * stride),
                     static_cast<std::uint32_t>(first + to * stride), piece.bytes, piece.cap_Bps,
                     label + tree});
    };
    if (piece.shape == Shape::to_root || piece.shape == Shape::from_root) {
      trees::for_each_edge(d, [&](std::uint64_t up, std::uint64_t down, std::uint32_t tree) {
        piece.shape == Shape::to_root ? add(down, up, tree) : add(up, down, tree);
      });
      continue;
    }
    const std::uint64_t step = piece.shape == Shape::backwards ? d - 1 : 1;
    const std::uint64_t last = piece.shape == Shape::everyone ? d - 1 : step;
    for (std::uint64_t p = 0; p < d; ++p) {
      for (std::uint64_t k = step; k <= last; ++k) add(p, (p + k) % d, 0);
    }
  }
}

}  // namespace hyperdc
