#include "world/process/replication_process.hpp"

#include <array>

#include "world/service/replication.hpp"

namespace hyperdc {

namespace {

constexpr std::array<std::string_view, 4> kReplicationEvents{"ship", "arrived", "written",
                                                             "acknowledged"};

}  // namespace

ReplicationProcess::ReplicationProcess(World& world, std::uint32_t service)
    : world_(world),
      service_(service),
      name_("services." + world.services[service].spec->name + ".replication") {}

std::uint32_t ReplicationProcess::kinds() const {
  return kReplicationEvents.size();
}

std::string_view ReplicationProcess::kind_name(std::uint32_t kind) const {
  return kReplicationEvents.at(kind);
}

void ReplicationProcess::begin(ProcessId self, Engine& /*engine*/) {
  world_.services[service_].replication->process = self;
}

void ReplicationProcess::handle(const Event& event, Engine& engine) {
  const ServiceContext c{world_, world_.services[service_], engine};
  switch (static_cast<ReplicationEvent>(event.kind)) {
    case ReplicationEvent::ship:
      return ship_copies(c, static_cast<std::uint32_t>(event.arg));
    case ReplicationEvent::arrived:
      return copies_arrive(c, event.arg);
    case ReplicationEvent::written:
      return copy_written(c, event.arg);
    case ReplicationEvent::acknowledged:
      return copy_acknowledged(c, event.arg);
  }
}

}  // namespace hyperdc
