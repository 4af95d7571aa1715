// TPU pods: cubes of 4 x 4 x 4 chips that optical circuit switches (OCS) join to slices.
//
// Computes the legal shapes. Shapes: 4i x 4j x 4k, i <= j <= k, with
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

}  // namespace hyperdc
