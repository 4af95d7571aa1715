// ServiceProcess: the events of one service: its requests and its replicas.
//
// Order within a moment: completions and replicas (physics), then arrivals (workload).
#pragma once

#include <string>

#include "world/world.hpp"

namespace hyperdc {

class ServiceProcess final : public Process {
 public:
  ServiceProcess(World& world, std::uint32_t service);

  /// The first replicas and the first arrivals. Call once, after Engine::add.
  void begin(ProcessId self, Engine& engine);

  void handle(const Event& event, Engine& engine) override;
  std::string_view name() const override { return name_; }
  std::uint32_t kinds() const override;
  std::string_view kind_name(std::uint32_t kind) const override;
  /// Numbers, not slots: of the request, or of the replica.
  std::uint64_t meaning(const Event& event) const override;

 private:
  void schedule_arrival(std::uint32_t origin, std::optional<SimTime> at, Engine& engine);
  void arrive(std::uint32_t origin, Engine& engine);
  void handle_replica(const Event& event, Engine& engine);

  World& world_;
  ServiceState& service_;
  std::string name_;
};

}  // namespace hyperdc
