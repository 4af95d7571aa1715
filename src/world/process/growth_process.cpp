#include "world/process/growth_process.hpp"

#include <array>

#include "world/growth/growth.hpp"

namespace hyperdc {

GrowthProcess::GrowthProcess(World& world, std::uint32_t plan)
    : world_(world), state_(*world.growth[plan]), name_("growth." + state_.context.spec.name) {}

std::string_view GrowthProcess::kind_name(std::uint32_t kind) const {
  constexpr std::array<std::string_view, 2> kKinds{"step", "end"};
  return kKinds.at(kind);
}

std::uint64_t GrowthProcess::meaning(const Event&) const {
  return growth_digest(state_);
}

void GrowthProcess::begin(ProcessId self, Engine& engine) {
  self_ = self;
  engine.schedule(SimTime{}, Phase::workload, self_, kStep);
}

void GrowthProcess::handle(const Event& event, Engine& engine) {
  if (event.kind == kEnd) {
    close_growth(state_);
    return;
  }
  step_growth(world_, state_);
  const bool last = state_.steps == state_.context.spec.steps();
  engine.schedule(event.at + state_.context.spec.step, Phase::workload, self_, last ? kEnd : kStep);
}

}  // namespace hyperdc
