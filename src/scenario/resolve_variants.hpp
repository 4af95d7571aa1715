// Variants of the model of an engine: adapters, or models that take turns.
#pragma once

#include "ai/prediction_cards.hpp"
#include "scenario/resolve.hpp"

namespace hyperdc {

/// What is loaded, where and how fast: for all engines of an endpoint. `card`: of its model, if one
/// is named. An adapter, if there are any.
AdapterWork resolve_variants(Resolution& r, const View& workload, const AnyModelCard* card,
                             InferenceSpec& spec);

/// A router that goes by variants needs some.
void check_variant_router(Resolution& r, const View& workload, const InferenceSpec& spec);
/// An endpoint hands requests for variants over to one that has the same.
void check_handed_variants(Resolution& r, const View& to, const InferenceSpec& from,
                           const InferenceSpec& target);

}  // namespace hyperdc
