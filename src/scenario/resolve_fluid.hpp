// Services of fluid fidelity: what of them no formula covers is a problem of the input.
#pragma once

#include "scenario/resolve.hpp"

namespace hyperdc {

/// Reports every key of the service that needs single requests.
void check_fluid(Resolution& r, const View& workload, const ServiceWorkload& service);
/// A call to a fluid service could not be answered.
void check_call_to_fluid(Resolution& r, const View& call, const ServiceWorkload& called);

}  // namespace hyperdc
