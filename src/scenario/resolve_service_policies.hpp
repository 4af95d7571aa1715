// From the decoded parts of a service to what its clients and routers are made of. Problems are
// reported; a part with a problem comes back with its defaults, so that checks can go on.
#pragma once

#include "model/client/client.hpp"
#include "scenario/resolve.hpp"

namespace hyperdc {

/// Of a client_type(); all absent for an absent view.
ClientSpec client_of(Resolution& r, const View& client);
PolicyChoice router_of(const View& router);
PolicyChoice region_router_of(const View& router);
/// A router that goes by carbon needs it of every region that it may choose.
void check_carbon_known(Resolution& r, const View& router, const ServiceWorkload& service);
/// Of a service whose kind and objectives are resolved.
PolicyChoice admission_of(Resolution& r, const View& admission, const ServiceWorkload& service);

/// The one-way latency, or a problem at `at`: neither stated nor are both regions located.
std::optional<Duration> latency_of(Resolution& r, const View& at, std::uint32_t from,
                                   std::uint32_t to);

}  // namespace hyperdc
