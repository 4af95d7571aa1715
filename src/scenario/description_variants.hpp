// Keys of an engine about variants of its model.
#pragma once

#include "scenario/describe.hpp"

namespace hyperdc {

TypeRef adapters_type();
TypeRef models_type();

}  // namespace hyperdc
