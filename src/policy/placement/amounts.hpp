// Sums over the devices of a server that several placements use.
#pragma once

#include <hyperdc/policy/placement.hpp>

namespace hyperdc {

/// Left over all devices, 1/1000 accelerator.
std::int64_t accelerators_left(const NodeView& node);

}  // namespace hyperdc
