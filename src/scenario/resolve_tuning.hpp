// The key "library" of collectives: a table of the catalog by which an algorithm is chosen.
#pragma once

#include <memory>

#include "ai/collective/tuning.hpp"
#include "scenario/resolve.hpp"

namespace hyperdc {

/// The table that a decoded collective names; null where it names none, or with problems.
std::shared_ptr<const TuningTable> tuning_of(Resolution& r, const View& collective);

}  // namespace hyperdc
