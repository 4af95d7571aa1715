#include "world/process/buyer_process.hpp"

#include <array>

namespace hyperdc {

BuyerProcess::BuyerProcess(World& world, std::uint32_t buyer)
    : state_(*world.buyers[buyer]), name_("buyers." + state_.spec().name) {}

std::string_view BuyerProcess::kind_name(std::uint32_t kind) const {
  constexpr std::array<std::string_view, 2> kNames{"step", "end"};
  return kNames.at(kind);
}

std::uint64_t BuyerProcess::meaning(const Event&) const {
  return state_.digest();
}

void BuyerProcess::begin(ProcessId self, Engine& engine) {
  self_ = self;
  engine.schedule(SimTime{}, Phase::workload, self_, kStep);
}

void BuyerProcess::handle(const Event& event, Engine& engine) {
  if (event.kind == kEnd) return;
  state_.step();
  engine.schedule(event.at + state_.spec().step, Phase::workload, self_,
                  state_.done() ? kEnd : kStep);
}

}  // namespace hyperdc
