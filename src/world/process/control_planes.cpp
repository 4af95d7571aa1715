#include "world/process/control_planes.hpp"

#include <array>

#include "world/control_plane.hpp"

namespace hyperdc {

namespace {

constexpr std::uint64_t kAtRandom = ~std::uint64_t{0};  // instead of the number of an outage

}  // namespace

ControlPlaneProcess::ControlPlaneProcess(World& world, std::uint32_t plane)
    : world_(world),
      plane_(world.planes[plane]),
      name_("control_planes." + plane_.spec->name),
      life_draws_(world.seed, name_ + ".times"),
      lasts_draws_(world.seed, name_ + ".durations") {
  if (!plane_.spec->random) return;
  life_.emplace(plane_.spec->random->time_to_failure);
  lasts_.emplace(plane_.spec->random->lasts);
}

std::string_view ControlPlaneProcess::kind_name(std::uint32_t kind) const {
  constexpr std::array<std::string_view, 2> kKinds{"out", "back"};
  return kKinds.at(kind);
}

void ControlPlaneProcess::begin(ProcessId self, Engine& engine) {
  self_ = self;
  const std::vector<PlaneOutage>& outages = plane_.spec->outages;
  for (std::uint64_t i = 0; i < outages.size(); ++i) {
    engine.schedule(SimTime{} + outages[i].at, Phase::fault, self_, kOut, i);
  }
  if (life_) arm(engine);
}

void ControlPlaneProcess::arm(Engine& engine) {
  const Duration life = seconds(life_->draw(life_draws_, drawn_));
  engine.schedule(engine.now() + life, Phase::fault, self_, kOut, kAtRandom);
}

void ControlPlaneProcess::handle(const Event& event, Engine& engine) {
  const bool random = event.arg == kAtRandom;
  if (event.kind == kOut) {
    const Duration lasts = random ? seconds(lasts_->draw(lasts_draws_, drawn_++))
                                  : plane_.spec->outages[event.arg].lasts;
    plane_fails(world_, plane_, engine);
    engine.schedule(engine.now() + lasts, Phase::fault, self_, kBack, event.arg);
    return;
  }
  plane_returns(world_, plane_, engine);
  if (random) arm(engine);
}

}  // namespace hyperdc
