// Fabrics by name, and from a decoded entry.
#pragma once

#include <optional>

#include "scenario/decode.hpp"
#include "scenario/fabric_spec.hpp"

namespace hyperdc {

/// The fabric of a decoded entry of the catalog; nothing and problems where its values do not fit
/// together.
std::optional<FabricSpec> fabric_of_entry(const View& entry, Problems& problems);

}  // namespace hyperdc
