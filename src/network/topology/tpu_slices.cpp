#include "network/topology/tpu_slices.hpp"

#include <algorithm>

namespace hyperdc {
namespace {

constexpr std::uint32_t kSide = 4;

constexpr SliceShape kSmall[] = {
    {2, 2, 1, 4, 1, false},
    {2, 2, 2, 8, 1, false},
    {2, 2, 4, 16, 1, false},
    {2, 4, 4, 32, 1, false},
};

}  // namespace

std::vector<SliceShape> legal_slices(const TpuPod& pod) {
  std::vector<SliceShape> all(std::begin(kSmall), std::end(kSmall));
  for (std::uint32_t cubes = 1; cubes <= pod.largest; ++cubes) {
    for (std::uint32_t i = 1; i * i * i <= cubes; ++i) {
      if (cubes % i != 0) continue;
      for (std::uint32_t j = i; j * j <= cubes / i; ++j) {
        if (cubes / i % j != 0) continue;
        const std::uint32_t k = cubes / i / j;
        all.push_back({kSide * i, kSide * j, kSide * k, cubes * kCubeChips, cubes, true});
      }
    }
  }
  return all;
}

std::optional<SliceShape> legal_slice(const TpuPod& pod, std::array<std::uint32_t, 3> extents) {
  std::sort(extents.begin(), extents.end());
  for (const SliceShape& shape : legal_slices(pod)) {
    std::array<std::uint32_t, 3> sorted = {shape.x, shape.y, shape.z};
    std::sort(sorted.begin(), sorted.end());  // 2x2x1 is written in this order
    if (sorted == extents) return shape;
  }
  return std::nullopt;
}

TorusSpec slice_torus(const SliceShape& shape, const ClosLink& link) {
  TorusSpec spec;
  spec.extents = {shape.x, shape.y, shape.z};
  spec.wrap = shape.wrapped;
  spec.link = link;
  return spec;
}

OcsNeed ocs_of(const TpuPod& pod) {
  constexpr std::uint32_t kDimensions = 3;
  return {kSide * kSide * kDimensions, 2 * pod.cubes};
}

}  // namespace hyperdc
