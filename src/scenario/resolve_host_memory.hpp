// Host memory of an engine of a model.
#pragma once

#include "scenario/resolve.hpp"

namespace hyperdc {

/// What fits there, and how long a block is on its way: for all engines of an endpoint, whose
/// blocks are of equal size. `token_bytes`: of a token in the cache, by the model; 0 if none tells.
void resolve_host_memory(Resolution& r, const View& workload, double token_bytes,
                         InferenceSpec& spec);

}  // namespace hyperdc
