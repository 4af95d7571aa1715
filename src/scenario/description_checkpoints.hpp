// Keys of training runs that are of failures and checkpoints.
#pragma once

#include <vector>

#include "scenario/describe.hpp"

namespace hyperdc {

std::vector<Field> training_run_fields();

}  // namespace hyperdc
