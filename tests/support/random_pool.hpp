// Small random fleets and requests, for comparisons with slow references.
#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <random>
#include <vector>

#include <hyperdc/core/request.hpp>

#include "model/fleet.hpp"

namespace hyperdc::test {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(seed) {}
  /// Uniform in [0, n); the bias of the remainder does not matter here.
  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(random_() % n); }
  template <class T>
  const T& one_of(const std::vector<T>& values) {
    return values[below(static_cast<std::uint32_t>(values.size()))];
  }

 private:
  std::mt19937_64 random_;
};

inline constexpr std::int64_t kGiB = std::int64_t{1} << 30;

/// Six kinds of server, some of them twice, with and without accelerators; about `servers`.
inline std::vector<FleetBlock> random_blocks(Dice& dice, std::uint32_t servers) {
  const std::vector<ServerShape> shapes = {{16000, 64 * kGiB, 0, 0},  {32000, 128 * kGiB, 4, 1},
                                           {96000, 384 * kGiB, 8, 2}, {64000, 256 * kGiB, 8, 1},
                                           {8000, 32 * kGiB, 2, 4},   {128000, 512 * kGiB, 16, 2}};
  std::vector<FleetBlock> blocks;
  for (std::uint32_t sum = 0; sum < servers; sum += blocks.back().count) {
    blocks.push_back({dice.one_of(shapes), 1 + dice.below(6)});
  }
  return blocks;
}

inline std::vector<std::uint32_t> random_order(Dice& dice, std::span<const FleetBlock> blocks) {
  std::uint32_t servers = 0;
  for (const FleetBlock& block : blocks) servers += block.count;
  std::vector<std::uint32_t> order(servers);
  std::iota(order.begin(), order.end(), 0u);
  for (std::uint32_t i = servers; i > 1; --i) std::swap(order[i - 1], order[dice.below(i)]);
  return order;
}

/// One of a few dozen shapes, so that states recur, with memory of its own.
inline Request random_request(Dice& dice) {
  Request request;
  request.cores_milli = dice.one_of<std::int64_t>({500, 1000, 4000, 8000});
  request.memory_bytes = dice.one_of<std::int64_t>({0, 1, 4, 16, 40}) * kGiB;
  switch (dice.below(4)) {
    case 0:
      break;
    case 1:
      request.accelerators = 1;
      request.accelerator_milli = dice.one_of<std::int32_t>({100, 250, 460, 500, 810});
      break;
    case 2:
      request.accelerators = 1;
      request.accelerator_milli = kWholeAccelerator;
      break;
    default:
      request.accelerators = dice.one_of<std::int32_t>({2, 4, 8});
      request.accelerator_milli = kWholeAccelerator;
  }
  if (request.accelerators > 0) request.models = dice.one_of<ModelSet>({0, 0, 0, 1, 2, 3, 5});
  return request;
}

/// The usual choice of devices, or nothing where they do not suffice. Written again and not taken
/// from the product.
inline bool usual_devices(const Request& request, const Fleet& fleet, ServerId server,
                          std::uint32_t& mask) {
  mask = 0;
  const auto left = fleet.accelerators_left_milli(server);
  for (std::int32_t n = 0; n < request.accelerators; ++n) {
    int best = -1;
    for (int i = 0; i < static_cast<int>(left.size()); ++i) {
      const auto at = static_cast<std::size_t>(i);
      if ((mask >> i & 1) != 0 || left[at] < request.accelerator_milli) continue;
      if (best < 0 || left[at] < left[static_cast<std::size_t>(best)]) best = i;
    }
    if (best < 0) return false;
    mask |= std::uint32_t{1} << best;
  }
  return true;
}

}  // namespace hyperdc::test
