#include "world/process/store_process.hpp"

#include "world/stores.hpp"

namespace hyperdc {

StoreProcess::StoreProcess(World& world, std::uint32_t store)
    : world_(world), store_(store), name_("stores." + world.scenario->stores[store].name) {}

void StoreProcess::begin(ProcessId self, Engine&) {
  world_.stores[store_].process = self;
}

void StoreProcess::handle(const Event& event, Engine& engine) {
  first_has_all(world_, store_, static_cast<std::uint32_t>(event.arg), engine);
}

}  // namespace hyperdc
