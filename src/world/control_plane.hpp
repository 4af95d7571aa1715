// Control planes: what is out of their hands while they are out.
//
// Computes: for each kind and rack, whether some plane of that kind with the rack in its scope is
// out. launch: servers take nothing new (their free room counts as down) and replicas on them are
// not taken away; scaling: autoscalers do not decide; health: verdicts of load balancers stay.
// Source: AWS, Fault Isolation Boundaries (2022): control planes create, change and delete; data
// planes go on with what they have ("static stability"). Cost: an outage looks at each server of
// its scope once. Leaves out: planes that are slow instead of out, requests that pile up at one.
#pragma once

#include <cstdint>

#include "world/world.hpp"

namespace hyperdc {

/// Books and metrics of the planes. After the pools and services are built.
void build_planes(World& world);

/// One more reason for the plane to be out, and one less.
void plane_fails(World& world, PlaneState& plane, Engine& engine);
void plane_returns(World& world, PlaneState& plane, Engine& engine);

/// Nothing starts in these racks, and no replica there is taken away.
bool launch_is_out(const World& world, std::uint32_t rack);
/// Load balancers learn nothing of replicas in these racks.
bool health_is_out(const World& world, std::uint32_t rack);
/// Autoscalers of deployments in this pool do not decide: every rack of it is in the scope.
bool scaling_is_out(const World& world, std::uint32_t pool);

}  // namespace hyperdc
