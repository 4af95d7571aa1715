// Copies of what a service writes, in other regions.
#pragma once

#include <optional>

#include "scenario/resolve.hpp"

namespace hyperdc {

/// After the deployments of the service and the WAN are known.
std::optional<ReplicationSpec> replication_of(Resolution& r, const View& workload,
                                              const ServiceWorkload& service);

}  // namespace hyperdc
