// StorageRequestsProcess: the reads and writes of one workload come, each of one object, and end.
// What objects take is in storage_objects.hpp.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/distribution.hpp"
#include "core/zipf.hpp"
#include "workload/arrivals.hpp"
#include "world/storage_objects_state.hpp"

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
    bool read = true;
  };

  void come(Engine& engine);
  void end_request(std::uint32_t request, bool failed, Engine& engine);

  World& world_;
  StorageRequestsState& state_;
  std::uint32_t workload_;
  std::string name_;
  ProcessId self_;
  Arrivals arrivals_;
  Distribution bytes_;
  RandomStream draws_;  // by request: 0 kind, 2 client; bytes in their own stream
  RandomStream sizes_;
  std::optional<Zipf> popularity_;
  RandomStream ranks_;  // of objects
  std::optional<Distribution> age_;
  RandomStream ages_;                   // of what is read
  std::uint32_t cold_objects_ = 0;      // stream of them in the next tier
  std::uint32_t objects_;               // stream of them, of the same name as draws_
  std::vector<std::uint32_t> clients_;  // endpoints
  Slots<Request> requests_;
};

}  // namespace hyperdc
