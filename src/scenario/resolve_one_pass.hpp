// Endpoints of models that compute a prompt in one pass and keep no cache: encoders, ranking and
// vision models. What of an endpoint has no meaning there is refused, with its reason.
#pragma once

#include "scenario/decode.hpp"
#include "scenario/inference_spec.hpp"

namespace hyperdc {

struct Resolution;

/// How its replicas batch.
void set_one_pass(const ModelWork& model, InferenceSpec& spec);

/// Says what does not go with the model, if it is one of one pass. After the requests were read.
void check_one_pass(Resolution& r, const View& workload, const InferenceSpec& spec);

}  // namespace hyperdc
