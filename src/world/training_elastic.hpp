// Elastic gangs: a training run that goes on with fewer copies where servers are missing.
//
// Computes: a run of d copies that waits for longer than `after` asks for as many whole copies as
// find servers now, at least `least`; copies that share experts count together. With c copies a
// step takes as long and trains c / d of its batch, so that the run gets on at c / d of its speed;
// the rest of the gang's time is `missing`. Every `rejoin` a run with c < d looks for servers for
// more; if there are, it leaves its own by plan and begins again at its newest checkpoint, which
// loses no memory, with all that then find servers.
// Units: copies, ns. Source: definition; training that goes on without lost replicas: Jang et al.,
// Oobleck (SOSP'23); Meta's fault tolerant HSDP (torchft). Cost: a pass of the scheduler while such
// a run waits costs O(members log copies).
// Leaves out: a batch that is kept by more micro-batches of each copy; copies that join without a
// restart of the others; rates of stragglers and corruption that fall with the copies; what the
// scheduler would refuse (quotas, reservations): it looks at servers alone.
#pragma once

#include "world/world.hpp"

namespace hyperdc {

/// Before the scheduler of this pool is asked: elastic runs that wait say how much they ask for.
void size_gangs(World& world, PoolState& pool, Engine& engine);
/// After it: what started may have left others with more to ask for than there is.
void size_gangs_again(World& world, PoolState& pool, Engine& engine);
/// It has started; before its work is timed.
void note_copies(TrainingState& training, SimTime now);
/// It has started: plans to look for more copies if some are missing.
void plan_rejoin(TrainingState& training, Engine& engine);
/// Looks for servers for more copies, `restarts` after its first start.
void rejoin_gang(World& world, TrainingState& training, std::uint64_t restarts, Engine& engine);

}  // namespace hyperdc
