#include "world/process/service_network.hpp"

#include <array>

#include "world/service/network.hpp"

namespace hyperdc {

namespace {

constexpr std::array<std::string_view, 2> kServiceNetworkEvents{"tick", "sent"};

}  // namespace

ServiceNetworkProcess::ServiceNetworkProcess(World& world, std::uint32_t service)
    : world_(world),
      service_(service),
      name_("services." + world.services[service].spec->name + ".network") {}

std::uint32_t ServiceNetworkProcess::kinds() const {
  return kServiceNetworkEvents.size();
}

std::string_view ServiceNetworkProcess::kind_name(std::uint32_t kind) const {
  return kServiceNetworkEvents.at(kind);
}

void ServiceNetworkProcess::begin(ProcessId self, Engine& engine) {
  ServiceState& service = world_.services[service_];
  service.network->process = self;
  engine.schedule(SimTime{}, Phase::control, self,
                  static_cast<std::uint32_t>(ServiceNetworkEvent::tick));
}

void ServiceNetworkProcess::handle(const Event& event, Engine& engine) {
  ServiceState& service = world_.services[service_];
  if (event.kind == static_cast<std::uint32_t>(ServiceNetworkEvent::sent)) {
    return network_sent(world_, service, event.arg);
  }
  network_tick({world_, service, engine});
  engine.schedule(engine.now() + service.spec->network->interval, Phase::control,
                  service.network->process, static_cast<std::uint32_t>(ServiceNetworkEvent::tick));
}

}  // namespace hyperdc
