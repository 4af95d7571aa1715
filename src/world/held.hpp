// What jobs hold of servers: its power and its price, as they start, lose members and stop.
#pragma once

#include <cstdint>
#include <span>

#include "world/world.hpp"

namespace hyperdc {

/// The largest of the shares of a server that a request of these amounts holds, in ppm.
std::int64_t share_ppm(const Request& each, const ServerShape& shape);
/// The power and the price of the job's shares, taken (+1) or given back (-1).
void account_shares(World& world, PoolState& pool, JobId job, std::span<const Share> shares,
                    SimTime now, int sign);

}  // namespace hyperdc
