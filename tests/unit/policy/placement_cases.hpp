// Nodes and policies for the tests of placements.
#pragma once

#include <array>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <hyperdc/policy/placement.hpp>

namespace hyperdc::test {

/// Placements without a random draw.
inline constexpr std::array<std::string_view, 7> kDeterministicPlacements = {
    "first-fit", "best-fit", "worst-fit", "dot-product", "gpu-packing", "gpu-clustering", "fgd"};

/// A server that owns what a NodeView points at.
struct Node {
  ServerShape shape;
  std::int64_t cores_left_milli = 0;
  std::vector<std::uint16_t> left;
  std::uint64_t holds = 0;
  NodeView view() const { return {&shape, cores_left_milli, left, holds}; }
};

inline Node node(std::int64_t cores_left, std::vector<std::uint16_t> left, std::uint64_t holds = 0,
                 ModelSet model = 1) {
  const auto devices = static_cast<std::uint32_t>(left.size());
  return {
      {128000, std::int64_t{1} << 40, devices, model}, cores_left * 1000, std::move(left), holds};
}

inline Request cpu(std::int64_t cores) {
  return {cores * 1000, 0, 0, 0, 0};
}
inline Request part(std::int64_t cores, std::int32_t milli) {
  return {cores * 1000, 0, 1, milli, 0};
}
inline Request whole(std::int64_t cores, std::int32_t n) {
  return {cores * 1000, 0, n, kWholeAccelerator, 0};
}

/// The policy with its parameters at their defaults, which are numbers or names.
inline std::unique_ptr<Placement> make_placement(std::string_view name,
                                                 std::span<const JobMixEntry> mix = {}) {
  for (const PlacementEntry& entry : placements()) {
    if (entry.name != name) continue;
    Params params;
    for (const ParamSpec& spec : entry.params) {
      const std::string fallback(spec.fallback);
      if (spec.kind == ParamKind::choice) {
        params.set(spec.name, fallback.substr(1, fallback.size() - 2));
      } else {
        params.set(spec.name, std::stod(fallback));
      }
    }
    return entry.make(params, PlacementContext{mix});
  }
  throw std::invalid_argument("no placement " + std::string(name));
}

}  // namespace hyperdc::test
