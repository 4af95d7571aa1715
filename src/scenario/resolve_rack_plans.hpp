// Plans of how many racks a device, or a redundancy group, may take.
#pragma once

#include "scenario/facility_spec.hpp"
#include "scenario/resolve.hpp"

namespace hyperdc {

/// `plan` is the key "oversubscription" of a device with this curve.
std::optional<RackPlan> rack_plan_of(Resolution& r, const View& plan, const View& capping,
                                     const TripCurve& curve);
/// Of a group of these devices, of a facility.
std::optional<RackPlan> group_plan_of(Resolution& r, const View& group, const View& facility,
                                      const std::vector<DeviceId>& members,
                                      const std::vector<FacilityDevice>& devices);

}  // namespace hyperdc
