// Stores that new replicas read the weights of their models from.
//
// Computes: when a reader has all. The readers of a moment share the rate of the store equally,
// each at most client_rate: max-min fair, as all have the same bound (model/processor_sharing.hpp).
// Equation, alone: bytes / client_rate. One event a change: a reader comes, leaves or has all.
// Units: bytes, ns; who has all is told at the next whole ns. Source: egalitarian processor sharing
// of the links of a store; what cold starts of language models wait for: ServerlessLLM (OSDI'24).
// Leaves out: what else the store serves, its drives and caches, and the fabric on the way.
#pragma once

#include <cstdint>

#include "world/world.hpp"

namespace hyperdc {

/// Its metrics. Call once.
void build_stores(World& world);
/// Begins to read so much; the owner is told when it has all. The reader stays until it leaves.
std::uint32_t begin_reading(World& world, std::uint32_t store, double bytes,
                            const StoreOwner& owner, Engine& engine);
/// The reader leaves, whether it has all or not; it is not told any more.
void leave_store(World& world, std::uint32_t store, std::uint32_t reader, Engine& engine);
/// The first reader has all now: the event of the store's process.
void first_has_all(World& world, std::uint32_t store, Engine& engine);
/// Counts what those have read who read at the end of a run.
void close_stores(World& world, SimTime end);

}  // namespace hyperdc
