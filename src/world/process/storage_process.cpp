#include "world/process/storage_process.hpp"

#include <array>

#include <hyperdc/core/assert.hpp>

#include "world/storage.hpp"

namespace hyperdc {
namespace {

FailureTimes::Options options_of(const World& world, const StorageSpec& spec) {
  HYPERDC_CHECK(world.scenario->duration.has_value(), "drives fail until the run ends");
  return {spec.drives, spec.time_to_failure, 0, 1, SimTime{} + *world.scenario->duration};
}

RandomStream stream(const World& world, const StorageSpec& spec, const char* of) {
  return {world.seed, "storage." + spec.name + "." + of};
}

}  // namespace

StorageProcess::StorageProcess(World& world, std::uint32_t system)
    : world_(world),
      state_(world.storage[system]),
      name_("storage." + state_.spec->name),
      times_(options_of(world, *state_.spec), stream(world, *state_.spec, "times"),
             stream(world, *state_.spec, "lemons")) {}

std::string_view StorageProcess::kind_name(std::uint32_t kind) const {
  constexpr std::array<std::string_view, kStorageEvents> kNames{"fail",     "detected", "declared",
                                                                "replaced", "repaired", "settle"};
  return kNames.at(kind);
}

void StorageProcess::begin(ProcessId self, Engine& engine) {
  state_.process = self;
  next_.arm(times_, state_.process, engine);
}

void StorageProcess::fail(const Event& event, Engine& engine) {
  const std::uint32_t drive = next_.take(times_, event.at);
  if (state_.drives[drive].failed) return;  // an exponential one: void
  times_.failed(drive);
  drive_fails(world_, state_, drive, engine);
}

void StorageProcess::handle(const Event& event, Engine& engine) {
  const auto of = static_cast<std::uint32_t>(event.arg);
  switch (static_cast<StorageEvent>(event.kind)) {
    case StorageEvent::fail:
      fail(event, engine);
      return next_.arm(times_, state_.process, engine);
    case StorageEvent::detected:
      return drive_detected(world_, state_, of, static_cast<std::uint32_t>(event.arg >> 32),
                            engine);
    case StorageEvent::declared:
      return server_declared(world_, state_, of, engine);
    case StorageEvent::replaced:
      times_.renewed(of, engine.now());
      drive_replaced(state_, of, engine);
      return next_.arm(times_, state_.process, engine);
    case StorageEvent::repaired:
      return repair_ended(world_, state_, of, engine);
    case StorageEvent::settle:
      return storage_settles(world_, state_, engine);
  }
}

}  // namespace hyperdc
