// What a collective is, from its keys.
#pragma once

#include "ai/collective/prepare.hpp"
#include "scenario/resolve.hpp"

namespace hyperdc {

CollectiveRequest collective_request(Resolution& r, const View& collective);
/// Of jobs in this pool; nothing and a problem where it has no one fabric.
std::optional<JobCommunication> communication_of(Resolution& r, const View& traffic,
                                                 const PoolSpec& pool);

}  // namespace hyperdc
