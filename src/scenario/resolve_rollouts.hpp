// Rollouts of a service, after its deployments are known.
#pragma once

#include "scenario/resolve.hpp"

namespace hyperdc {

void resolve_rollouts(Resolution& r, const View& rollouts, ServiceWorkload& service);

}  // namespace hyperdc
