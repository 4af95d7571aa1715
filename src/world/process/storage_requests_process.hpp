// StorageRequestsProcess: the reads and writes of one workload come, take drives and the fabric,
// and end. Each request is one or more accesses of drives; what they take is in
// storage_requests.hpp.
#pragma once

#include <string>
#include <vector>

#include "core/distribution.hpp"
#include "workload/arrivals.hpp"
#include "world/world.hpp"

namespace hyperdc {

class StorageRequestsProcess final : public Process {
 public:
  StorageRequestsProcess(World& world, std::uint32_t workload);

  /// Schedules the first request. Call once, after Engine::add.
  void begin(ProcessId self, Engine& engine);

  void handle(const Event& event, Engine& engine) override;
  std::string_view name() const override { return name_; }
  std::uint32_t kinds() const override;
  std::string_view kind_name(std::uint32_t kind) const override;

 private:
  struct Request {
    SimTime since;
    std::uint64_t number = 0;
    std::uint64_t bytes = 0;
    std::uint32_t group = 0;
    std::uint32_t client = 0;  // endpoint
    std::uint32_t left = 0;    // accesses
    std::uint32_t stored = 0;  // fragments of a write
    bool read = true;
    bool void_access = false;  // a drive went with one
    bool degraded = false;     // as it was counted
  };
  struct Access {
    std::uint32_t request = 0, drive = 0;
    std::uint64_t bytes = 0;
    SimTime since;  // in the line of the drive
    double takes_s = 0;
  };

  void come(Engine& engine);
  void start(std::uint32_t request, Engine& engine);
  void start_read(std::uint32_t request, Engine& engine);
  void start_write(std::uint32_t request, Engine& engine);
  void add_access(std::uint32_t request, std::uint32_t drive, std::uint64_t bytes, Engine& engine);
  /// Into the line of its drive, or over the network where the two are not on one server.
  void to_drive(std::uint32_t access, Engine& engine);
  bool to_network(std::uint32_t access, Engine& engine);
  void served(std::uint32_t access, Engine& engine);
  void sent(std::uint32_t access, Engine& engine);
  void end_access(std::uint32_t access, Engine& engine);
  void end_request(std::uint32_t request, bool failed, SimTime now);
  bool measured(const Request& request) const;

  World& world_;
  StorageRequestsState& state_;
  StorageState& system_;
  std::string name_;
  ProcessId self_;
  Arrivals arrivals_;
  Distribution bytes_;
  RandomStream draws_;  // by request: 0 kind, 1 group, 2 client, 3 bytes in their own stream
  RandomStream sizes_;
  std::vector<std::uint32_t> clients_;  // endpoints
  std::uint32_t fabric_ = kNone;
  std::vector<Request> requests_;  // by slot
  std::vector<Access> accesses_;   // by slot
  std::vector<std::uint32_t> free_requests_, free_accesses_;
};

}  // namespace hyperdc
