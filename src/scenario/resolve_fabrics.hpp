// Fabrics by name, and from a decoded entry.
#pragma once

#include <string>

#include "scenario/decode.hpp"
#include "scenario/fabric_spec.hpp"

namespace hyperdc {

/// What is wrong with an entry whose parameters are each right, as one sentence; empty: nothing.
std::string fabric_problem(const View& entry);
/// The fabric of a decoded entry without problems.
FabricSpec fabric_of_entry(const View& entry);

}  // namespace hyperdc
