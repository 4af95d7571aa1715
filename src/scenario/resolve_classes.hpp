// Classes of requests: who asks for what, and how urgent it is.
#pragma once

#include <optional>
#include <vector>

#include "scenario/resolve.hpp"
#include "scenario/service.hpp"

namespace hyperdc {

/// Name, share and priority of each class; shares sum to 1.
void resolve_class_shares(Resolution& r, const View& classes, std::vector<RequestClass>& out);

/// Classes of a service, with work and objectives.
void resolve_classes(Resolution& r, const View& workload, ServiceWorkload& out);

/// After the classes and their objectives, without which there is nothing to meet.
std::optional<SloWindowSpec> slo_windows_of(Resolution& r, const View& windows,
                                            const ServiceWorkload& service);

}  // namespace hyperdc
