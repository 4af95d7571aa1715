// RandomFaults: one cause of failures at random, and its repairs. One pending event for the next
// failure and one for each repair under way, so that the cost is of failures and not of items.
//
// The history of failures and repairs is drawn from streams named after the cause and depends on
// nothing else: neither on the jobs nor on who schedules them.
#pragma once

#include <string>
#include <vector>

#include "model/failure/failure_times.hpp"
#include "model/failure/repair_shop.hpp"
#include "world/fault_items.hpp"
#include "world/process/next_failure.hpp"

namespace hyperdc {

class RandomFaults final : public Process {
 public:
  RandomFaults(World& world, std::uint32_t cause);

  /// Schedules the first failure. Call once, after Engine::add.
  void begin(ProcessId self, Engine& engine);

  void handle(const Event& event, Engine& engine) override;
  std::string_view name() const override { return name_; }
  std::uint32_t kinds() const override { return 3; }
  std::string_view kind_name(std::uint32_t kind) const override;

 private:
  enum Kind : std::uint32_t { kFail, kRepaired, kPart };

  void fail(std::uint32_t item, Engine& engine);
  void fail_others(std::uint32_t item, Engine& engine);
  void begin_repairs(Engine& engine);
  void publish(SimTime now);

  World& world_;
  FailureState& books_;
  const RandomFailures& spec_;
  std::string name_;
  FaultItems items_;
  FailureTimes times_;
  RepairShop shop_;
  Distribution repair_, lead_time_;
  RandomStream repair_draws_, part_draws_, common_draws_;
  std::vector<bool> down_;  // by item
  std::uint64_t parts_used_ = 0;
  ProcessId self_;
  NextFailure next_{kFail};
};

}  // namespace hyperdc
