#include "world/process/traffic_process.hpp"

#include <array>

#include "world/traffic.hpp"

namespace hyperdc {

namespace {

constexpr std::array<std::string_view, 3> kTrafficEvents{"exchange", "sent", "passed"};

}  // namespace

TrafficProcess::TrafficProcess(World& world, std::uint32_t pool)
    : world_(world), pool_(pool), name_("pools." + world.scenario->pools[pool].name + ".traffic") {}

std::uint32_t TrafficProcess::kinds() const {
  return kTrafficEvents.size();
}

std::string_view TrafficProcess::kind_name(std::uint32_t kind) const {
  return kTrafficEvents.at(kind);
}

/// Slots are used again; the job has a number.
std::uint64_t TrafficProcess::meaning(const Event& event) const {
  return world_.pools[pool_].jobs[event.arg].number;
}

void TrafficProcess::begin(ProcessId self, Engine&) {
  world_.pools[pool_].traffic->process = self;
}

void TrafficProcess::handle(const Event& event, Engine& engine) {
  PoolState& pool = world_.pools[pool_];
  const JobId job{static_cast<std::uint32_t>(event.arg)};
  switch (static_cast<TrafficEvent>(event.kind)) {
    case TrafficEvent::exchange:
      return exchange_begins(world_, pool, job, engine);
    case TrafficEvent::sent:
      return exchange_sent(world_, pool, job, engine);
    case TrafficEvent::passed:
      return exchange_passed(world_, pool, job, engine);
  }
}

}  // namespace hyperdc
