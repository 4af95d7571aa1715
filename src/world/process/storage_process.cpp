#include "world/process/storage_process.hpp"

#include <array>

#include <hyperdc/core/assert.hpp>

#include "world/storage.hpp"
#include "world/storage_fill.hpp"
#include "world/storage_rebalance.hpp"

namespace hyperdc {
namespace {

FailureTimes::Options options_of(const World& world, const StorageSpec& spec) {
  HYPERDC_CHECK(world.scenario->duration.has_value(), "drives fail until the run ends");
  return {spec.all_drives(), spec.time_to_failure, 0, 1, SimTime{} + *world.scenario->duration};
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
                                                                "replaced", "repaired", "filled",
                                                                "joined",   "moved",    "settle"};
  return kNames.at(kind);
}

void StorageProcess::begin(ProcessId self, Engine& engine) {
  state_.process = self;
  for (std::uint32_t d = state_.spec->drives; d < state_.drives.size(); ++d) times_.failed(d);
  next_.arm(times_, state_.process, engine);
  begin_fill(state_, engine);
}

void StorageProcess::join(std::uint32_t step, Engine& engine) {
  const StorageJoin& join = state_.spec->joins[step];
  for (std::uint32_t i = 0; i < join.drives; ++i) {
    times_.renewed(join.first_drive + i, engine.now());
  }
  drives_joined(world_, state_, step, engine);
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
    case StorageEvent::filled:
      return group_full(world_, state_, of, engine);
    case StorageEvent::joined:
      join(of, engine);
      return next_.arm(times_, state_.process, engine);
    case StorageEvent::moved:
      return move_ended(world_, state_, of, engine);
    case StorageEvent::settle:
      return storage_settles(world_, state_, engine);
  }
}

}  // namespace hyperdc
