// What of a service the fluid fidelity has formulas for, in their terms.
#pragma once

#include <optional>

#include "model/fluid_table.hpp"
#include "scenario/service.hpp"

namespace hyperdc {

/// The split that a router makes of requests; nothing: there is no formula for it.
std::optional<queueing::Split> fluid_split(const PolicyChoice& router);
/// Squared variation of the gaps between arrivals; nothing: they are more than that.
std::optional<double> fluid_arrivals_cv2(const RequestArrivalSpec& arrivals);
/// The station of one deployment. The service was checked by check_fluid.
FluidService fluid_service(const ServiceWorkload& service);

}  // namespace hyperdc
