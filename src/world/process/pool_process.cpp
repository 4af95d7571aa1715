#include "world/process/pool_process.hpp"

#include <array>

#include "world/pool.hpp"

namespace hyperdc {

PoolProcess::PoolProcess(World& world, std::uint32_t pool)
    : world_(world), pool_(world.pools[pool]), name_("pools." + pool_.spec->name) {}

std::string_view PoolProcess::kind_name(std::uint32_t kind) const {
  constexpr std::array<std::string_view, 3> kNames{"finish", "pass", "wake"};
  return kNames.at(kind);
}

std::uint64_t PoolProcess::meaning(const Event& event) const {
  if (static_cast<PoolEvent>(event.kind) != PoolEvent::finish) return 0;
  return pool_.jobs[event.arg].number;
}

void PoolProcess::handle(const Event& event, Engine& engine) {
  switch (static_cast<PoolEvent>(event.kind)) {
    case PoolEvent::finish:
      finish_job(world_, pool_, JobId{static_cast<std::uint32_t>(event.arg)}, engine);
      break;
    case PoolEvent::wake:
      pool_.wake_event = kNoEvent;
      pool_.wake_at.reset();
      scheduling_pass(world_, pool_, engine);
      break;
    case PoolEvent::pass:
      scheduling_pass(world_, pool_, engine);
      break;
  }
}

}  // namespace hyperdc
