// Stores: what new replicas read the weights of their models from, and what training runs write
// their checkpoints to and read them and their data from.
//
// Computes: when a reader or writer has all. Those of a moment share the rate of the store (writers
// one of their own where it is stated): max-min fair, each client at most client_rate, or what it
// can do itself. Those with the same bound share equally (model/processor_sharing.hpp); who can
// take less than an even share leaves the rest to others. A gang is as many clients as it has
// servers. Equation, alone: bytes / (clients client_rate), or over the rate. One event a change: a
// reader comes, leaves or has all. Units: bytes, ns; who has all is told at the next whole ns.
// Source: egalitarian processor sharing of the links of a store; what cold starts of language
// models wait for: ServerlessLLM (OSDI'24). Leaves out: what else the store serves, its drives and
// caches, and the fabric on the way; a change of direction costs nothing.
#pragma once

#include <cstdint>

#include "world/world.hpp"

namespace hyperdc {

/// Its metrics. Call once.
void build_stores(World& world);
/// Begins to read so much; the owner is told when it has all. The reader stays until it leaves.
std::uint32_t begin_reading(World& world, std::uint32_t store, double bytes,
                            const StoreOwner& owner, Engine& engine);
/// The same of several clients at once, or to write: a reader in all that follows.
std::uint32_t begin_access(World& world, std::uint32_t store, const StoreAccess& access,
                           const StoreOwner& owner, Engine& engine);
/// The reader leaves, whether it has all or not; it is not told any more.
void leave_store(World& world, std::uint32_t store, std::uint32_t reader, Engine& engine);
/// The first reader of a lane has all now: the event of the store's process.
void first_has_all(World& world, std::uint32_t store, std::uint32_t lane, Engine& engine);
/// Counts what those have read who read at the end of a run.
void close_stores(World& world, SimTime end);

}  // namespace hyperdc
