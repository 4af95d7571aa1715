// Fragments of storage systems that move from full drives to empty ones.
//
// Computes: which fragments move, when, and the bytes. A drive is too full, or too empty, where
// what it holds is off the mean of the drives that are there by more than
//   s = max(tolerance * mean, fragment).
// As long as one is too empty, or too full, the emptiest that has room takes from the fullest, as
// the balancers of HDFS and Ceph do, of those that do not take part in `streams` moves yet: a
// fragment of a group that is whole and not written any more, that keeps its spread there. A move
// takes bytes / rate, or is a flow on the fabric at most at that rate, beside which clients and
// repairs go on; its group is whole meanwhile. Repairs go first: no move
// begins while a group waits for drives of its repair; moves count in the streams of a drive, and
// those that are in the way of a repair, on its drives or of its group, are broken off and their
// bytes do not count (Ceph preempts backfills likewise). Equation: M drives that join N, all of one
// size, that hold B bytes in all, have got their share when each has B / (N + M) - s; the least
// that must move for them is
//   M * (B / (N + M) - s),
// the share M / (N + M) of all with no tolerance. New data that is placed on them need not move.
// Units: bytes, s. Valid: drives of one size. Cost of a move: a look at the fragments of one drive,
// of 32 at most where they do not fit; flat in the size of the fleet.
// Leaves out: moves that free room in racks that are too small for their share, drives that leave.
#pragma once

#include <cstdint>

#include "world/world.hpp"

namespace hyperdc {

void declare_rebalance(Recorder& recorder, StorageState& state);

/// Begins moves as long as there are some to make and drives for them.
void start_moves(World& world, StorageState& state, Engine& engine);
void move_ended(World& world, StorageState& state, std::uint32_t move, Engine& engine);
/// A move that has not ended is given up.
void break_off_move(World& world, StorageState& state, std::uint32_t move, Engine& engine);
/// All moves of a drive, or so many that a repair has a stream there.
void stop_moves(World& world, StorageState& state, std::uint32_t drive, Engine& engine);
void moves_give_way(World& world, StorageState& state, std::uint32_t drive, Engine& engine);

/// The drives of a step join the system, empty.
void drives_joined(World& world, StorageState& state, std::uint32_t step, Engine& engine);
/// Looks whether a drive that joined has its share, and all of its step with it.
void share_reached(World& world, StorageState& state, std::uint32_t drive, SimTime now);
/// One that joined failed before it had.
void share_given_up(World& world, StorageState& state, std::uint32_t drive, SimTime now);

}  // namespace hyperdc
