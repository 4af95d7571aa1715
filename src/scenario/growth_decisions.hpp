// Decisions of growth plans: further plans that are written as what they change of one.
#pragma once

#include "scenario/describe.hpp"
#include "scenario/sources.hpp"

namespace hyperdc {

/// Replaces the key "decisions" of each growth plan by plans of those names, merged over it.
/// `raw` is the scenario before it is decoded, `type` its description.
void expand_decisions(Json& raw, const Type& type, Problems& problems);

}  // namespace hyperdc
