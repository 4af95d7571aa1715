// take_over: a world goes on under another scenario, from the moment at which it stands.
//
// What changes are live keys of services: the autoscaler, the bounds of its replicas, the routers.
// A policy that changes begins without a memory, and decides for the first time after its interval.
// Bounds hold at once: replicas are added or removed then, and the autoscaler goes on as it is. All
// else of the two scenarios is the same, and state, draws and books go on. Where nothing changes
// nothing is done. Leaves out: policies of pools, whose books cannot be taken up in the middle.
#pragma once

#include "engine/engine.hpp"
#include "world/world.hpp"

namespace hyperdc {

/// `now` must outlive the world, and differ from its scenario in live keys only.
void take_over(World& world, const Scenario& now, Engine& engine);

}  // namespace hyperdc
