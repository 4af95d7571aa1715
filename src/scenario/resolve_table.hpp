// What a table of iteration times has to hold for the engine that uses it.
#pragma once

#include "scenario/inference_spec.hpp"
#include "scenario/resolve.hpp"

namespace hyperdc {

/// After the requests are known; nothing where iteration times are no table.
void check_table(Resolution& r, const View& engine, const InferenceSpec& spec);

}  // namespace hyperdc
