#include "world/process/training_io_process.hpp"

#include <array>

#include "world/training_io.hpp"
#include "world/training_io_state.hpp"
#include "world/training_state.hpp"

namespace hyperdc {

TrainingIoProcess::TrainingIoProcess(World& world, std::uint32_t workload)
    : world_(world),
      training_(*world.workloads[workload].training),
      name_("workloads." + world.scenario->workloads[workload].name + ".storage") {}

std::uint32_t TrainingIoProcess::kinds() const {
  return kTrainingIoEvents;
}

std::string_view TrainingIoProcess::kind_name(std::uint32_t kind) const {
  constexpr std::array<std::string_view, kTrainingIoEvents> kNames{
      "due", "copied", "leaves", "part", "part_failed", "load", "room", "empty", "again"};
  return kNames.at(kind);
}

void TrainingIoProcess::begin(ProcessId self, Engine&) {
  training_.io->process = self;
}

void TrainingIoProcess::handle(const Event& event, Engine& engine) {
  training_io_event(world_, training_, static_cast<TrainingIoEvent>(event.kind), event.arg, engine);
}

}  // namespace hyperdc
