// The facility of a region, from its decoded description.
#pragma once

#include "scenario/resolve.hpp"

namespace hyperdc {

/// PUE, and what it depends on.
void resolve_pue(Resolution& r, const View& facility, Region& out);
/// Devices and cooling of the last region, after its racks are known.
void resolve_facility(Resolution& r, const View& region);

}  // namespace hyperdc
