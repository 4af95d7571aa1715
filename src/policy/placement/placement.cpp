// What all placements share: when a request fits, and the usual choice of devices.
#include <algorithm>

#include <hyperdc/core/assert.hpp>
#include <hyperdc/policy/placement.hpp>

#include "policy/placement/amounts.hpp"

namespace hyperdc {

bool fits(const Request& request, const NodeView& node) {
  if (node.cores_left_milli < request.cores_milli) return false;
  if (request.zones != 0 && (request.zones & node.shape->zone) == 0) return false;
  if (request.accelerators == 0) return true;
  if (request.models != 0 && (request.models & node.shape->model) == 0) return false;
  std::int32_t enough = 0;
  for (const std::uint16_t left : node.accelerators_left_milli) {
    enough += left >= request.accelerator_milli;
  }
  return enough >= request.accelerators;
}

std::int64_t accelerators_left(const NodeView& node) {
  std::int64_t sum = 0;
  for (const std::uint16_t left : node.accelerators_left_milli) sum += left;
  return sum;
}

std::uint32_t Placement::devices(const Request& request, const NodeView& node,
                                 std::uint64_t /*draw*/) const {
  const auto left = node.accelerators_left_milli;
  if (request.shares_device()) {
    std::size_t best = left.size();
    for (std::size_t i = 0; i < left.size(); ++i) {
      const bool enough = left[i] >= request.accelerator_milli;
      if (enough && (best == left.size() || left[i] < left[best])) best = i;
    }
    HYPERDC_CHECK(best < left.size(), "no device can be shared");
    return std::uint32_t{1} << best;
  }
  std::uint32_t mask = 0;
  std::int32_t wanted = request.accelerators;
  for (std::size_t i = 0; i < left.size() && wanted > 0; ++i) {
    if (left[i] < kWholeAccelerator) continue;
    mask |= std::uint32_t{1} << i;
    --wanted;
  }
  HYPERDC_CHECK(wanted == 0, "not enough free devices");
  return mask;
}

}  // namespace hyperdc
