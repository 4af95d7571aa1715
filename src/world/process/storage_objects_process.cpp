#include "world/process/storage_objects_process.hpp"

#include <array>

#include "world/storage_objects_state.hpp"

namespace hyperdc {

StorageObjectsProcess::StorageObjectsProcess(World& world, std::uint32_t system)
    : world_(world),
      state_(*world.objects[system]),
      name_("storage." + world.storage[system].spec->name + ".objects") {}

std::uint32_t StorageObjectsProcess::kinds() const {
  return kObjectEvents;
}

std::string_view StorageObjectsProcess::kind_name(std::uint32_t kind) const {
  constexpr std::array<std::string_view, kObjectEvents> kNames{"found", "served", "sent", "hedge"};
  return kNames.at(kind);
}

void StorageObjectsProcess::begin(ProcessId self, Engine& /*engine*/) {
  state_.process = self;
}

void StorageObjectsProcess::handle(const Event& event, Engine& engine) {
  const auto of = static_cast<std::uint32_t>(event.arg);
  switch (static_cast<ObjectEvent>(event.kind)) {
    case ObjectEvent::found:
      return object_found(world_, state_, of, engine);
    case ObjectEvent::hedge:
      return object_hedged(world_, state_, of, engine);
    case ObjectEvent::served:
      return object_served(world_, state_, of, engine);
    case ObjectEvent::sent:
      return object_sent(world_, state_, of, engine);
  }
}

}  // namespace hyperdc
