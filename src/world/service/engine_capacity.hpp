// What a replica of an endpoint of a language model can do, for autoscalers that plan by it.
//
// Computes: the time of a prompt alone, in one iteration; the time for a token of each of n
// sequences: that of an iteration, by the iteration times of the engine (docs/models/batching.md),
// over the tokens that it gives each; and how many sequences of a context its blocks hold.
// Units: tokens, s. Leaves out: prompts in several chunks, prompts and tokens in one iteration, a
// cache that is shared by prefixes.
#pragma once

#include <memory>

#include <hyperdc/policy/autoscaler.hpp>

#include "scenario/inference_spec.hpp"

namespace hyperdc {

std::shared_ptr<const EngineCapacity> engine_capacity(const EngineSpec& engine);

}  // namespace hyperdc
