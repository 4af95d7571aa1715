// TPU pods: cubes of 4 x 4 x 4 chips that optical circuit switches (OCS) join to slices.
//
// Computes the legal shapes and which cubes a slice takes. Shapes: 4i x 4j x 4k, i <= j <= k, with
// i j k up to the largest slice, each a torus, and 2x2x1, 2x2x2, 2x2x4, 2x4x4 inside one cube, each
// a mesh. A slice can take any free cubes, since each cube's faces end at the OCS: chip position p
// of a face (16) of each dimension (3) of all cubes, both faces, is on OCS (dimension, p), so that
// there are 48 OCS with two ports a cube, and a spare cube can replace a failed one. Sources:
// Jouppi et al., "TPU v4: an optically reconfigurable supercomputer", ISCA 2023 (section 2); Google
// Cloud documentation, "TPU v4" and "TPU v5p" (shapes; 8,960 chips a pod, 6,144 the largest job).
// Valid: cubes that fail as a whole. Leaves out: twisted tori, OCS that fail or take time to
// switch, limits on a single dimension.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "network/topology/torus.hpp"

namespace hyperdc {

inline constexpr std::uint32_t kCubeChips = 64;

struct TpuPod {
  std::uint32_t cubes = 0;
  std::uint32_t largest = 0;  // cubes of one slice
};

inline constexpr TpuPod kTpuV4{64, 64};       // 4,096 chips
inline constexpr TpuPod kTpuV5p{140, 96};     // 8,960 chips, jobs of 6,144
inline constexpr TpuPod kIronwood{144, 144};  // 9,216 chips

struct SliceShape {
  std::uint32_t x = 0;
  std::uint32_t y = 0;
  std::uint32_t z = 0;
  std::uint32_t chips = 0;
  std::uint32_t cubes = 0;  // 1 also where it takes part of a cube
  bool wrapped = false;
  bool operator==(const SliceShape&) const = default;
};

/// All shapes, those inside a cube first, then by cubes, x and y.
std::vector<SliceShape> legal_slices(const TpuPod& pod);
/// The shape of these extents, in any order; none: it is not legal.
std::optional<SliceShape> legal_slice(const TpuPod& pod, std::array<std::uint32_t, 3> extents);

/// The network of a slice.
TorusSpec slice_torus(const SliceShape& shape, const ClosLink& link);

struct OcsNeed {
  std::uint32_t switches = 0;
  std::uint32_t ports = 0;  // of each
};
OcsNeed ocs_of(const TpuPod& pod);

using SliceId = Id<struct SliceTag>;

/// Which cubes of a pod its slices take: the first that are free, parts of cubes that are begun
/// before whole ones.
class SliceAllocator {
 public:
  struct Move {
    SliceId slice;
    std::uint32_t from = 0;  // cube
    std::uint32_t to = 0;
    bool operator==(const Move&) const = default;
  };
  struct Failure {
    std::vector<Move> moved;      // a spare took the place of the cube
    std::vector<SliceId> broken;  // there was none
  };

  explicit SliceAllocator(const TpuPod& pod);

  /// The slice, or one sentence that says why it cannot be placed.
  std::variant<SliceId, std::string> place(const SliceShape& shape);
  /// Ends a slice; broken ones get its cubes, the oldest first.
  std::vector<Move> release(SliceId slice);
  /// Takes a cube away and puts free ones in its place, as long as there are some.
  Failure fail(std::uint32_t cube);
  /// Gives a cube back; broken slices get it, the oldest first.
  std::vector<Move> repair(std::uint32_t cube);

  /// Cubes without a slice that have not failed.
  std::uint32_t free_cubes() const;
  std::uint32_t failed_cubes() const;
  bool broken(SliceId slice) const;
  /// The cubes in the order of their places; a failed one that has no spare is still named.
  std::span<const std::uint32_t> cubes(SliceId slice) const;

 private:
  struct Cube {
    std::uint64_t taken = 0;  // a bit a chip
    bool failed = false;
  };
  struct Slice {
    SliceShape shape;
    std::vector<std::uint32_t> cubes;  // empty: released
    std::uint64_t chips = 0;           // in each of its cubes
  };
  struct Spot {
    std::uint32_t cube;
    std::uint64_t chips;
  };
  std::optional<Spot> spot(const SliceShape& shape) const;
  Slice& slice_at(SliceId slice);
  const Slice& slice_at(SliceId slice) const;
  /// Moves one place of a slice off a failed cube.
  bool heal(Slice& slice, std::uint32_t& cube);
  std::vector<Move> heal_all();

  TpuPod pod_;
  std::vector<Cube> cubes_;
  std::vector<Slice> slices_;
};

}  // namespace hyperdc
