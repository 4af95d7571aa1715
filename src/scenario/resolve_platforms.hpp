// The managed platform of a workload of jobs.
#pragma once

#include <memory>

#include "scenario/platform_spec.hpp"
#include "scenario/resolve.hpp"

namespace hyperdc {

/// "platform" of a workload of kind jobs; null with its problems where something is wrong.
std::shared_ptr<const PlatformSpec> platform_of(Resolution& r, const View& workload);
/// After all workloads: which of them come after which.
void check_steps(Resolution& r);

}  // namespace hyperdc
