// TransfersProcess: starts the transfers of one workload at their times and takes note of when
// their last bytes arrive.
#pragma once

#include <string>
#include <vector>

#include "world/world.hpp"

namespace hyperdc {

class TransfersProcess final : public Process {
 public:
  TransfersProcess(World& world, std::uint32_t workload);

  /// Schedules the first transfer. Call once, after Engine::add.
  void begin(ProcessId self, Engine& engine);
  /// Tells the log what has not arrived.
  void close();

  void handle(const Event& event, Engine& engine) override;
  std::string_view name() const override { return name_; }
  std::uint32_t kinds() const override;
  std::string_view kind_name(std::uint32_t kind) const override;
  std::uint64_t meaning(const Event& event) const override;

 private:
  struct Live {
    Transfer transfer;
    Duration alone;
    std::uint64_t number = 0;
    bool there = false;
  };

  void schedule_next(Engine& engine);
  void start(Engine& engine);
  void arrived(std::uint32_t slot, SimTime now);
  void note(const Live& live, std::optional<SimTime> end) const;

  World& world_;
  std::uint32_t workload_;
  std::string name_;
  ProcessId self_;
  std::unique_ptr<TransferSource> source_;
  Transfer next_;
  std::vector<Live> live_;  // by slot
  std::vector<std::uint32_t> free_;
};

}  // namespace hyperdc
