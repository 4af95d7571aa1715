// Speculative decoding of an engine of a model.
#pragma once

#include "scenario/resolve.hpp"

namespace hyperdc {

/// How many tokens are proposed and how many an iteration gives, for all engines of an endpoint, of
/// which is known whether they keep a cache. Who proposes them.
Drafts resolve_speculation(Resolution& r, const View& workload, InferenceSpec& spec);

}  // namespace hyperdc
