#include "world/process/pool_process.hpp"

#include <array>

#include "world/availability.hpp"
#include "world/platform_spot.hpp"
#include "world/platforms.hpp"
#include "world/pool.hpp"

namespace hyperdc {

PoolProcess::PoolProcess(World& world, std::uint32_t pool)
    : world_(world), pool_(world.pools[pool]), name_("pools." + pool_.spec->name) {}

std::string_view PoolProcess::kind_name(std::uint32_t kind) const {
  constexpr std::array<std::string_view, 7> kNames{
      "finish", "pass", "wake", "booted", "drain expired", "spot servers", "longest wait"};
  return kNames.at(kind);
}

std::uint64_t PoolProcess::meaning(const Event& event) const {
  switch (static_cast<PoolEvent>(event.kind)) {
    case PoolEvent::finish:
    case PoolEvent::spot_next:
    case PoolEvent::spot_expired:
      return pool_.jobs[event.arg].number;
    case PoolEvent::booted:
    case PoolEvent::drain_expired:
      return event.arg;  // the server
    case PoolEvent::pass:
    case PoolEvent::wake:
      break;
  }
  return 0;
}

void PoolProcess::handle(const Event& event, Engine& engine) {
  const JobId job{static_cast<std::uint32_t>(event.arg)};  // of most
  switch (static_cast<PoolEvent>(event.kind)) {
    case PoolEvent::finish:
      platform_stops(world_, pool_, job, engine, true);
      finish_job(world_, pool_, job, engine);
      break;
    case PoolEvent::wake:
      pool_.wake_event = kNoEvent;
      pool_.wake_at.reset();
      scheduling_pass(world_, pool_, engine);
      break;
    case PoolEvent::pass:
      scheduling_pass(world_, pool_, engine);
      break;
    case PoolEvent::booted:
      boot_ended(world_, pool_, ServerId{static_cast<std::uint32_t>(event.arg)}, engine);
      break;
    case PoolEvent::spot_next:
      spot_next(world_, pool_, job, engine);
      break;
    case PoolEvent::spot_expired:
      spot_expired(world_, pool_, job, engine);
      break;
    case PoolEvent::drain_expired:
      drain_expired(world_, pool_, ServerId{static_cast<std::uint32_t>(event.arg)}, engine);
      break;
  }
}

}  // namespace hyperdc
