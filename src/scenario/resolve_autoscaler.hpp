// Autoscalers of services, and what of a service its autoscaler cannot see.
#pragma once

#include "scenario/resolve.hpp"

namespace hyperdc {

PolicyChoice autoscaler_of(Resolution& r, const View& autoscaler);

/// After handoffs are known: metrics that nothing of the service has, and those that none has while
/// no replica is there.
void check_metrics(Resolution& r, const View& workload, const ServiceWorkload& service);

}  // namespace hyperdc
