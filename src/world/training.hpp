// Training in the world: the job of a training run is placed, fails, hangs, and begins again.
//
// Computes: a member of the gang that is lost stops the work at once; the gang keeps what it holds
// until the failure is detected (a draw of `restart.detect`), and what else is lost meanwhile is
// lost with it. Then the job leaves its servers, goes back to its newest checkpoint that outlives
// the loss (ai/training/training_run.hpp) and waits like any other job of its pool. One that gives
// way to others, or leaves a server that is drained, does so at once, without a loss.
// Every accelerator-ns from submission to the end belongs to one part:
//   kept steps (by what fills a step), slowed, contended, missing, checkpoints, restarts, data,
//   detection, discarded steps, waiting without accelerators.
// Of an interval dt in which it works at s c f (s: of its slowest server, c: share of its copies,
// f: fabric) dt (1 - c) is missing, dt c (1 - f) contended, and the rest that is no work slowed.
// Units: ns of the whole gang. Source: definition (every accelerator-second is productive, blocked,
// discarded or unavailable). Cost: a failure costs the members of the gang and O(log steps);
// checkpoints cost nothing. What leaves its servers by plan (drained, preempted) keeps only what
// outlives everything; for a slow server one server is lost. Members that hang draw what they drew,
// those whose server is lost nothing. Servers that fail while the run waits take their copies with
// them, and count with what failed before. Leaves out: what others put into that memory meanwhile,
// lost members that come back before the failure is detected.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "world/world.hpp"

namespace hyperdc {

/// The training run whose job this is; null if it is another job.
TrainingState* training_of(World& world, const PoolState& pool, JobId job);
const TrainingState* training_of(const World& world, const PoolState& pool, JobId job);

void training_submitted(World& world, PoolState& pool, JobId job, SimTime now);
/// It starts: work to do at full speed, with `overhead` before it.
Duration training_starts(TrainingState& training, SimTime now, Duration overhead);
/// It leaves its servers and, while it does not hang, loses so much: now, before account_stop().
void training_gives_way(World& world, PoolState& pool, TrainingState& training, TrainingLoss loss,
                        Engine& engine);
/// It hangs, leaves its servers or has ended: nothing of its exchanges and transfers is under way.
void training_stops(World& world, TrainingState& training, Engine& engine);
/// A server (or a device of it) is lost. The job hangs, and is stopped later.
void training_loses(World& world, PoolState& pool, TrainingState& training, ServerId server,
                    bool device, Engine& engine, std::string_view because);
/// A server is lost, and with it what runs that wait have in its memory.
void training_memory_lost(World& world, PoolState& pool, ServerId server);
/// What failed is known: the job stops.
void training_detected(World& world, TrainingState& training, Engine& engine);
void training_finished(PoolState& pool, TrainingState& training, SimTime now);
/// It has no accelerators and will not get any.
void training_given_up(PoolState& pool, TrainingState& training, SimTime now);

/// From now on it works at `factor`, 0 < factor <= 1, for this reason; 1: no more. Stragglers count
/// as its slowest server does; fabric and copies multiply with that and with each other.
void drag_training(World& world, TrainingState& training, TrainingDrag drag, double factor,
                   Engine& engine);
/// It stands still until it is resumed, or stopped; if it works. Of several reasons the first of
/// the enumeration is booked.
void stall_training(World& world, TrainingState& training, TrainingStall stall, Engine& engine);
void resume_training(World& world, TrainingState& training, TrainingStall stall, Engine& engine);
/// Something in it changes its pace: the speeds of its pool change.
bool changes_pace(const TrainingSpec& spec);
/// Results are wrong from now on; false if nothing is computed now. Corruptions are numbered.
bool training_corrupted(World& world, TrainingState& training, std::uint64_t number, SimTime now);
/// Somebody has seen that one.
void training_corruption_found(World& world, TrainingState& training, std::uint64_t number,
                               Engine& engine);
/// The run leaves its servers, a slow one among them.
void training_replaces(World& world, TrainingState& training, Engine& engine);

/// What the gang's time went into, up to `end`: names, and ns of the whole gang.
struct TrainingShare {
  std::string_view name;
  std::int64_t ns = 0;
};
struct TrainingBooks {
  std::array<TrainingShare, 13> parts;
  std::int64_t sum_ns = 0, held_ns = 0;  // of all parts; of those with accelerators
  std::int64_t life_ns = 0;              // from its submission until it is gone
  std::uint64_t kept = 0, checkpoints = 0, spoilt = 0;
};
TrainingBooks training_books(const World& world, const TrainingState& training, SimTime end);
/// Steps that count at the end, without those that did at the end of the warm-up; below 0 where the
/// run went back before these.
double steps_counted(const World& world, const TrainingState& training, SimTime end);
double tokens_of_step(const TrainingSpec& spec);

}  // namespace hyperdc
