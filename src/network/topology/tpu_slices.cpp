#include "network/topology/tpu_slices.hpp"

#include <algorithm>
#include <fmt/format.h>

#include <hyperdc/core/assert.hpp>

namespace hyperdc {
namespace {

constexpr std::uint32_t kSide = 4;
constexpr std::uint64_t kWholeCube = ~std::uint64_t{0};

constexpr SliceShape kSmall[] = {
    {2, 2, 1, 4, 1, false},
    {2, 2, 2, 8, 1, false},
    {2, 2, 4, 16, 1, false},
    {2, 4, 4, 32, 1, false},
};

/// A bit for each chip of a box at (x, y, z) of a cube.
std::uint64_t box(const SliceShape& shape, std::uint32_t x, std::uint32_t y, std::uint32_t z) {
  std::uint64_t chips = 0;
  for (std::uint32_t c = z; c < z + shape.z; ++c) {
    for (std::uint32_t b = y; b < y + shape.y; ++b) {
      for (std::uint32_t a = x; a < x + shape.x; ++a) {
        chips |= std::uint64_t{1} << (a + kSide * (b + kSide * c));
      }
    }
  }
  return chips;
}

/// Where a shape that is smaller than a cube fits among the chips that are taken.
std::optional<std::uint64_t> fit(const SliceShape& shape, std::uint64_t taken) {
  for (std::uint32_t z = 0; z < kSide; z += shape.z) {
    for (std::uint32_t y = 0; y < kSide; y += shape.y) {
      for (std::uint32_t x = 0; x < kSide; x += shape.x) {
        const std::uint64_t chips = box(shape, x, y, z);
        if ((chips & taken) == 0) return chips;
      }
    }
  }
  return std::nullopt;
}

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

SliceAllocator::SliceAllocator(const TpuPod& pod) : pod_(pod), cubes_(pod.cubes) {
  HYPERDC_CHECK(pod.cubes > 0 && pod.largest > 0 && pod.largest <= pod.cubes,
                "a pod has cubes, and its largest slice is not larger");
}

std::uint32_t SliceAllocator::free_cubes() const {
  return static_cast<std::uint32_t>(std::count_if(
      cubes_.begin(), cubes_.end(), [](const Cube& c) { return !c.failed && c.taken == 0; }));
}

std::uint32_t SliceAllocator::failed_cubes() const {
  return static_cast<std::uint32_t>(
      std::count_if(cubes_.begin(), cubes_.end(), [](const Cube& c) { return c.failed; }));
}

/// Room for one cube of a shape: one that is begun if the shape is smaller than a cube.
std::optional<SliceAllocator::Spot> SliceAllocator::spot(const SliceShape& shape) const {
  std::optional<Spot> whole;
  for (std::uint32_t cube = 0; cube < cubes_.size(); ++cube) {
    const Cube& c = cubes_[cube];
    if (c.failed) continue;
    if (c.taken == 0) {
      const bool part = shape.chips < kCubeChips;
      if (!whole) whole = {cube, part ? box(shape, 0, 0, 0) : kWholeCube};
      if (!part) return whole;
    } else if (shape.chips < kCubeChips) {
      const std::optional<std::uint64_t> chips = fit(shape, c.taken);
      if (chips) return Spot{cube, *chips};
    }
  }
  return whole;
}

std::variant<SliceId, std::string> SliceAllocator::place(const SliceShape& shape) {
  const std::string name = fmt::format("a slice of {}x{}x{}", shape.x, shape.y, shape.z);
  const std::optional<SliceShape> legal = legal_slice(pod_, {shape.x, shape.y, shape.z});
  if (!legal) return name + " is not a legal shape of this pod";
  if (legal->chips >= kCubeChips && legal->cubes > free_cubes()) {
    return fmt::format("{} needs {} cubes, and {} are free", name, legal->cubes, free_cubes());
  }
  if (!spot(*legal)) return name + " needs a part of a cube, and none has room";
  Slice slice{*legal, {}, 0};
  for (std::uint32_t i = 0; i < legal->cubes; ++i) {
    const Spot at = *spot(*legal);
    cubes_[at.cube].taken |= at.chips;
    slice.cubes.push_back(at.cube);
    slice.chips = at.chips;
  }
  slices_.push_back(std::move(slice));
  return SliceId{static_cast<std::uint32_t>(slices_.size() - 1)};
}

SliceAllocator::Slice& SliceAllocator::slice_at(SliceId slice) {
  HYPERDC_CHECK(slice.value < slices_.size() && !slices_[slice.value].cubes.empty(),
                "there is no such slice");
  return slices_[slice.value];
}

const SliceAllocator::Slice& SliceAllocator::slice_at(SliceId slice) const {
  HYPERDC_CHECK(slice.value < slices_.size() && !slices_[slice.value].cubes.empty(),
                "there is no such slice");
  return slices_[slice.value];
}

std::vector<SliceAllocator::Move> SliceAllocator::release(SliceId slice) {
  Slice& gone = slice_at(slice);
  for (const std::uint32_t cube : gone.cubes) cubes_[cube].taken &= ~gone.chips;
  gone.cubes.clear();
  return heal_all();
}

bool SliceAllocator::heal(Slice& slice, std::uint32_t& cube) {
  const std::optional<Spot> at = spot(slice.shape);
  if (!at) return false;
  cubes_[cube].taken &= ~slice.chips;
  cubes_[at->cube].taken |= at->chips;
  slice.chips = at->chips;
  cube = at->cube;
  return true;
}

SliceAllocator::Failure SliceAllocator::fail(std::uint32_t cube) {
  HYPERDC_CHECK(cube < cubes_.size() && !cubes_[cube].failed, "the cube cannot fail (again)");
  cubes_[cube].failed = true;
  Failure what;
  for (std::uint32_t id = 0; id < slices_.size(); ++id) {
    for (std::uint32_t& place : slices_[id].cubes) {
      if (place != cube) continue;
      if (heal(slices_[id], place)) {
        what.moved.push_back({{id}, cube, place});
      } else {
        what.broken.push_back({id});
      }
    }
  }
  return what;
}

std::vector<SliceAllocator::Move> SliceAllocator::repair(std::uint32_t cube) {
  HYPERDC_CHECK(cube < cubes_.size() && cubes_[cube].failed, "the cube has not failed");
  cubes_[cube].failed = false;  // slices that waited for it are whole again
  return heal_all();
}

std::vector<SliceAllocator::Move> SliceAllocator::heal_all() {
  std::vector<Move> moves;
  for (std::uint32_t id = 0; id < slices_.size(); ++id) {
    for (std::uint32_t& place : slices_[id].cubes) {
      const std::uint32_t from = place;
      if (cubes_[from].failed && heal(slices_[id], place)) moves.push_back({{id}, from, place});
    }
  }
  return moves;
}

bool SliceAllocator::broken(SliceId slice) const {
  const std::vector<std::uint32_t>& cubes = slice_at(slice).cubes;
  return std::any_of(cubes.begin(), cubes.end(),
                     [&](std::uint32_t cube) { return cubes_[cube].failed; });
}

std::span<const std::uint32_t> SliceAllocator::cubes(SliceId slice) const {
  return slice_at(slice).cubes;
}

}  // namespace hyperdc
