// How much of a fabric drawn transfers would use, before anything runs.
#pragma once

#include <optional>
#include <string>

#include "scenario/fabric_spec.hpp"

namespace hyperdc {

struct TierUse {
  std::string links;  // "links of tier leaf-spine"
  double use = 0;     // offered bytes per second over what these links carry; above 1: too much
};

/// The links that are used most, on the paths of 4,096 transfers: of a tier in the mean over its
/// links (about 1 %), single ones as far as that is more than chance, or those to the endpoints of
/// a hot spot. Takes for granted that
/// pattern_problem() is empty and that there are arrivals.
TierUse most_used(const FabricSpec& fabric, const TransfersSpec& transfers);

}  // namespace hyperdc
