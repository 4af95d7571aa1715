#include "world/training_swing.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "world/pool.hpp"
#include "world/power_plant.hpp"
#include "world/process/training_process.hpp"
#include "world/training_state.hpp"

namespace hyperdc {

namespace {

/// The phase of all members; what they draw less for it.
double set_phase(World& world, const TrainingState& training, bool exchanges, SimTime now) {
  PoolState& pool = world.pools[training.pool];
  const JobsWorkload& spec = world.scenario->workloads[pool.states[training.job.value].workload];
  const Resources each = total_of(pool.jobs[training.job.value].each, 1);
  const double full = spec.accelerator_utilization;
  const auto less_ppm =
      std::llround(full * 1e6) - std::llround(full * training.spec->swing->low * 1e6);
  double watts = 0;
  for (const Share& share : shares_of(pool, training.job)) {
    const std::uint32_t part = pool.power_part[pool.fleet->block_of(share.server)];
    const double before_w = world.power.part(part).accelerators_w;
    world.power.change(now, part, each, 0, less_ppm, exchanges ? -1 : 1);
    watts += before_w - world.power.part(part).accelerators_w;
  }
  return watts;
}

double speed_now(const PoolState& pool, JobId job) {
  if (pool.speed.empty() || pool.paces[job.value].speed <= 0) return 1;
  return pool.paces[job.value].speed;
}

void plan_turn(World& world, TrainingState& training, Engine& engine) {
  const TrainingSwing& spec = *training.spec->swing;
  const double part = training.swing->exchanges ? spec.share : 1 - spec.share;
  const double takes_s =
      part * training.spec->time.step() / speed_now(world.pools[training.pool], training.job);
  training.swing->next =
      engine.schedule(engine.now() + seconds(takes_s), Phase::physics, training.process,
                      static_cast<std::uint32_t>(TrainingEvent::turns));
}

void set_swing(World& world, TrainingState& training, bool exchanges, Engine& engine) {
  TrainingSwingState& swing = *training.swing;
  if (swing.exchanges == exchanges) return;
  swing.exchanges = exchanges;
  const double less_w = set_phase(world, training, exchanges, engine.now());
  swing.swing_w = exchanges ? less_w : 0;
  if (engine.now() >= SimTime{} + world.scenario->warmup) {
    swing.most_w = std::max(swing.most_w, swing.swing_w);
  }
  world.recorder->level(swing.power, engine.now(), swing.swing_w);
  publish_power(world, engine);
}

}  // namespace

void build_training_swing(World& world, std::uint32_t workload) {
  WorkloadState& state = world.workloads[workload];
  if (state.training == nullptr || !state.training->spec->swing) return;
  state.training->swing = std::make_unique<TrainingSwingState>();
  state.training->swing->power = world.recorder->declare(
      {"workloads." + state.spec->name + ".swing", "W",
       "what its accelerators draw less while they exchange", MetricKind::level});
}

void begin_training_swing(World& world, TrainingState& training, Engine& engine) {
  if (training.swing != nullptr) plan_turn(world, training, engine);
}

void turn_training_swing(World& world, TrainingState& training, Engine& engine) {
  training.swing->next = kNoEvent;
  set_swing(world, training, !training.swing->exchanges, engine);
  plan_turn(world, training, engine);
}

void end_training_swing(World& world, TrainingState& training, Engine& engine) {
  if (training.swing == nullptr || training.swing->next == kNoEvent) return;
  engine.cancel(training.swing->next);
  training.swing->next = kNoEvent;
  set_swing(world, training, false, engine);
}

}  // namespace hyperdc
