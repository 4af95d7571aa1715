// Fabrics by name, and from a decoded entry.
#pragma once

#include <optional>
#include <string>

#include "scenario/decode.hpp"
#include "scenario/fabric_spec.hpp"

namespace hyperdc {

/// The fabric of a decoded entry of the catalog; nothing and problems where its values do not fit
/// together.
std::optional<FabricSpec> fabric_of_entry(const View& entry, Problems& problems);

/// How flows choose paths and share links, from the fields that every fabric has.
FabricRules fabric_rules_of(const View& entry);
/// What is wrong between them, as one sentence; empty: nothing.
std::string rules_problem(const FabricRules& rules);

}  // namespace hyperdc
