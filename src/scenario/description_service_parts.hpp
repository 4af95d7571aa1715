// Keys that services and endpoints of models have in common.
#pragma once

#include <vector>

#include "scenario/describe.hpp"

namespace hyperdc {

/// Who asks, where replicas run, how many there are, and how requests find them.
std::vector<Field> endpoint_fields();
/// What a replica holds of its server, how it starts and how it leaves.
std::vector<Field> holding_fields();
/// Requests, or expected numbers of them.
Field fidelity_field();

}  // namespace hyperdc
