// The power of a training run by the phases of its steps: all accelerators compute, then exchange.
//
// Computes: while the gang holds its accelerators each step of T is (1 - e) T at the power of its
//   utilization and e T in which busy accelerators add `low` of that to their idle power. At speed
//   s (caps, stragglers, fabric) a phase takes as long divided by s, as it is when the phase
//   begins. swing = what all of them draw less in the exchange; ramp = the largest swing / edge.
// Units: W, s, W/s. Source: steps in step swing the power of the whole cluster by tens of MW: Llama
//   Team, "The Llama 3 Herd of Models", 2024, section 3.3 (from memory); the shares are assumptions
//   of the scenario. Valid range: steps longer than the edge.
// Leaves out: phases within a micro-batch, restarts and stalls (they count as steps), smoothing by
//   capacitors or dummy work, copies of an elastic gang that are missing.
// Cost: two events a step, each the members of the gang.
#pragma once

#include "world/world.hpp"

namespace hyperdc {

struct TrainingSwingState {
  bool exchanges = false;
  EventId next = kNoEvent;
  double swing_w = 0;  // now
  double most_w = 0;   // after the warm-up
  MetricId power;
};

/// Declares the metrics of the workload, if its power swings.
void build_training_swing(World& world, std::uint32_t workload);
/// It has its accelerators, and computes.
void begin_training_swing(World& world, TrainingState& training, Engine& engine);
/// The other phase begins.
void turn_training_swing(World& world, TrainingState& training, Engine& engine);
/// It hangs, leaves its servers or has ended: it draws what it drew while it computed.
void end_training_swing(World& world, TrainingState& training, Engine& engine);

}  // namespace hyperdc
