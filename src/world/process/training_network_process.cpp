#include "world/process/training_network_process.hpp"

#include <array>

#include "world/training_network.hpp"

namespace hyperdc {

TrainingNetworkProcess::TrainingNetworkProcess(World& world, std::uint32_t workload)
    : world_(world),
      training_(*world.workloads[workload].training),
      name_("workloads." + world.scenario->workloads[workload].name + ".network") {}

void TrainingNetworkProcess::begin(ProcessId self, Engine&) {
  training_.network->process = self;
}

std::string_view TrainingNetworkProcess::kind_name(std::uint32_t kind) const {
  constexpr std::array<std::string_view, 3> kNames{"step", "sent", "passed"};
  return kNames.at(kind);
}

void TrainingNetworkProcess::handle(const Event& event, Engine& engine) {
  switch (static_cast<TrainingNetworkEvent>(event.kind)) {
    case TrainingNetworkEvent::step:
      network_step(world_, training_, engine);
      break;
    case TrainingNetworkEvent::sent:
      network_sent(world_, training_, engine);
      break;
    case TrainingNetworkEvent::passed:
      network_passed(world_, training_, engine);
      break;
  }
}

}  // namespace hyperdc
