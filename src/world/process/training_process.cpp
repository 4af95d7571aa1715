#include "world/process/training_process.hpp"

#include <array>

#include "world/training.hpp"
#include "world/training_elastic.hpp"
#include "world/training_swing.hpp"

namespace hyperdc {
namespace {

DistributionSpec gap_of(bool there, double mtbf_s, double items) {
  return there ? DistributionSpec{Exponential{mtbf_s / items}} : DistributionSpec{Constant{0}};
}

}  // namespace

TrainingProcess::TrainingProcess(World& world, std::uint32_t workload)
    : world_(world),
      training_(*world.workloads[workload].training),
      name_("workloads." + world.scenario->workloads[workload].name + ".training"),
      slow_gap_(gap_of(training_.spec->stragglers.has_value(),
                       training_.spec->stragglers.value_or(Stragglers{}).mtbf_s,
                       training_.spec->servers)),
      slow_lasts_(training_.spec->stragglers.value_or(Stragglers{}).lasts_s),
      corrupt_gap_(gap_of(training_.spec->corruption.has_value(),
                          training_.spec->corruption.value_or(SilentCorruption{}).mtbf_s,
                          static_cast<double>(training_.spec->plan.accelerators()))),
      found_after_(training_.spec->corruption.value_or(SilentCorruption{}).found_s),
      slow_draws_(world.seed, name_ + ".slow"),
      corrupt_draws_(world.seed, name_ + ".corruption") {}

std::string_view TrainingProcess::kind_name(std::uint32_t kind) const {
  constexpr std::array<std::string_view, 9> kNames{
      "detected", "slow", "fast", "replaced", "corrupt", "found", "rejoin", "warm", "turns"};
  return kNames.at(kind);
}

void TrainingProcess::begin(ProcessId self, Engine& engine) {
  self_ = self;
  training_.process = self;
  if (training_.spec->stragglers) schedule_slow(engine);
  if (training_.spec->corruption) schedule_corrupt(engine);
  const Duration warmup = world_.scenario->warmup;
  if (warmup.ns == 0) return;
  engine.schedule(engine.now() + warmup, Phase::fault, self,
                  static_cast<std::uint32_t>(TrainingEvent::warm));
}

void TrainingProcess::schedule_slow(Engine& engine) {
  const double gap_s = slow_gap_.draw(slow_draws_, 2 * slow_count_);
  engine.schedule(engine.now() + seconds(gap_s), Phase::fault, self_,
                  static_cast<std::uint32_t>(TrainingEvent::slow));
}

void TrainingProcess::schedule_corrupt(Engine& engine) {
  const double gap_s = corrupt_gap_.draw(corrupt_draws_, 2 * corrupt_count_);
  engine.schedule(engine.now() + seconds(gap_s), Phase::fault, self_,
                  static_cast<std::uint32_t>(TrainingEvent::corrupt));
}

void TrainingProcess::set_slow(double speed, Engine& engine) {
  drag_training(world_, training_, TrainingDrag::stragglers, speed, engine);
}

void TrainingProcess::begin_slow(Engine& engine) {
  const Stragglers& spec = *training_.spec->stragglers;
  const Duration lasts = seconds(slow_lasts_.draw(slow_draws_, 2 * slow_count_ + 1));
  ++slow_count_;
  if (training_.over) return;
  schedule_slow(engine);
  if (!training_.there) return;
  ++training_.episodes;
  if (++slow_now_ == 1) set_slow(spec.speed, engine);
  const bool replaced = spec.replaced_after && *spec.replaced_after < lasts;
  engine.schedule(
      engine.now() + (replaced ? *spec.replaced_after : lasts), Phase::fault, self_,
      static_cast<std::uint32_t>(replaced ? TrainingEvent::replaced : TrainingEvent::fast),
      generation_);
}

void TrainingProcess::end_slow(std::uint64_t generation, Engine& engine) {
  if (generation != generation_) return;
  if (--slow_now_ == 0) set_slow(1, engine);
}

void TrainingProcess::handle(const Event& event, Engine& engine) {
  switch (static_cast<TrainingEvent>(event.kind)) {
    case TrainingEvent::detected:
      training_detected(world_, training_, engine);
      break;
    case TrainingEvent::slow:
      begin_slow(engine);
      break;
    case TrainingEvent::fast:
      end_slow(event.arg, engine);
      break;
    case TrainingEvent::replaced:
      if (event.arg != generation_) break;
      ++generation_;
      slow_now_ = 0;
      training_replaces(world_, training_, engine);
      set_slow(1, engine);
      break;
    case TrainingEvent::corrupt: {
      const double found_s = found_after_.draw(corrupt_draws_, 2 * corrupt_count_ + 1);
      const std::uint64_t number = corrupt_count_++;
      if (training_.over) break;
      schedule_corrupt(engine);
      if (!training_corrupted(world_, training_, number, engine.now())) break;
      engine.schedule(engine.now() + seconds(found_s), Phase::fault, self_,
                      static_cast<std::uint32_t>(TrainingEvent::found), number);
      break;
    }
    case TrainingEvent::rejoin:
      rejoin_gang(world_, training_, event.arg, engine);
      break;
    case TrainingEvent::turns:
      turn_training_swing(world_, training_, engine);
      break;
    case TrainingEvent::found:
      training_corruption_found(world_, training_, event.arg, engine);
      break;
    case TrainingEvent::warm:
      training_.kept_in_warmup = training_books(world_, training_, event.at).kept;
      break;
  }
}

}  // namespace hyperdc
