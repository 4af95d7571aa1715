// NetworkFaults: parts of a fabric that fail once, or at random and are repaired.
//
// At random: items fail independently after exponential times of mean mtbf. As these have no
// memory, the time to the next failure of n items that are up is exponential with mean mtbf / n,
// drawn anew after each change of n, and every one of them is as likely to be the one. Repairs
// begin at once. Units: s. Leaves out: common causes, spares, technicians.
#pragma once

#include <string>
#include <vector>

#include "core/distribution.hpp"
#include "network/fault_groups.hpp"
#include "world/world.hpp"

namespace hyperdc {

class NetworkFaults final : public Process {
 public:
  NetworkFaults(World& world, std::uint32_t cause);

  void begin(ProcessId self, Engine& engine);
  void handle(const Event& event, Engine& engine) override;
  std::string_view name() const override { return name_; }
  std::uint32_t kinds() const override;
  std::string_view kind_name(std::uint32_t kind) const override;

 private:
  void schedule_next(Engine& engine);
  double time_left_s(SimTime now) const;
  void fail(std::uint32_t item, Engine& engine);
  void repair(std::uint32_t item, Engine& engine);
  void fail_some(Engine& engine);

  World& world_;
  FailureState& books_;
  const NetworkFault& spec_;
  std::string name_;
  FaultGroups groups_;
  RandomStream draws_;
  Distribution repair_;
  ProcessId self_;
  EventId next_ = kNoEvent;
  std::uint64_t changes_ = 0;      // draws so far
  std::vector<std::uint32_t> up_;  // items, in no order
  std::vector<std::uint32_t> at_;  // by item: its place among them
};

}  // namespace hyperdc
