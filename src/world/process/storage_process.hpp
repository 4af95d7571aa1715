// StorageProcess: drives of one storage system fail, are noticed and replaced; its
// repairs and moves end, groups are full, and drives join.
#pragma once

#include <string>

#include "model/failure/failure_times.hpp"
#include "world/process/next_failure.hpp"
#include "world/world.hpp"

namespace hyperdc {

class StorageProcess final : public Process {
 public:
  StorageProcess(World& world, std::uint32_t system);

  /// Arms the first failure. Call once.
  void begin(ProcessId self, Engine& engine);

  void handle(const Event& event, Engine& engine) override;
  std::string_view name() const override { return name_; }
  std::uint32_t kinds() const override { return kStorageEvents; }
  std::string_view kind_name(std::uint32_t kind) const override;

 private:
  void fail(const Event& event, Engine& engine);
  void join(std::uint32_t step, Engine& engine);

  World& world_;
  StorageState& state_;
  std::string name_;
  FailureTimes times_;
  NextFailure next_{static_cast<std::uint32_t>(StorageEvent::fail)};
};

}  // namespace hyperdc
