// The key "nodes" of a pool.
#pragma once

#include <optional>

#include "scenario/resolve.hpp"

namespace hyperdc {

/// Nothing where the pool has no such key. `pool_spec` has its racks already; `known`: all of them.
std::optional<NodesSpec> nodes_of(Resolution& r, const View& pool, const PoolSpec& pool_spec,
                                  bool known);

}  // namespace hyperdc
