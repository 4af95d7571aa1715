// Stores of weights, and what of them the engines of an endpoint read.
#pragma once

#include "scenario/inference_spec.hpp"
#include "scenario/resolve.hpp"

namespace hyperdc {

/// How new replicas get `bytes` of weights: by engine.load_rate or engine.load_from, or at once.
void resolve_loads(Resolution& r, const View& engine, const ServiceWorkload& service, double bytes,
                   InferenceSpec& spec);

}  // namespace hyperdc
