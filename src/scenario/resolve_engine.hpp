// Engines of language models: what their software, model and chips make of a replica in each pool.
#pragma once

#include "scenario/inference_spec.hpp"
#include "scenario/resolve.hpp"

namespace hyperdc {

/// Fills `spec.engines` (one a deployment) and `spec.request_time`, and reports what of the keys of
/// the engine cannot stand beside each other or beside the pools.
void resolve_engines(Resolution& r, const View& workload, const ServiceWorkload& service,
                     InferenceSpec& spec);

}  // namespace hyperdc
