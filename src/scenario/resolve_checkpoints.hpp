// Checkpoints and restarts of training runs.
#pragma once

#include "scenario/resolve.hpp"

namespace hyperdc {

/// Of every training run; after the failures, whose rates decide how often it is best to write.
void resolve_checkpoints(Resolution& r);

}  // namespace hyperdc
