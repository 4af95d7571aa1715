// NetworkFaults: parts of a fabric that fail once, or at random and are repaired.
//
// At random: items fail independently after exponential times of mean mtbf. As these have no
// memory, the time to the next failure of n items that are up is exponential with mean mtbf / n,
// drawn anew after each change of n, and every one of them is as likely to be the one. Repairs
// begin at once.
// With spares an item is a place in the slice. Its cube fails; a free spare is there `after` later,
// unless the cube itself is repaired by then; a cube that is repaired and whose place is taken is a
// free spare. A place without a spare gets the next one that comes free, the oldest first.
// Units: s. Leaves out: common causes, technicians; spares that fail before they are used.
#pragma once

#include <span>
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
  std::vector<LinkId> links_of(std::span<const std::uint32_t> items) const;
  /// All items at once.
  void fail(std::span<const std::uint32_t> items, Engine& engine);
  void repair(std::span<const std::uint32_t> items, Engine& engine);
  std::vector<std::uint32_t> planned_items() const;
  void fail_as_planned(Engine& engine);
  void fail_some(Engine& engine);
  /// For its repair or a spare.
  void wait_for_cube(std::uint32_t item, Duration lasts, Engine& engine);
  void use_spares(Engine& engine);
  void cube_repaired(std::uint32_t number, Engine& engine);

  struct BrokenCube {
    std::uint32_t item = 0;
    SimTime repaired_at;
    bool replaced = false;  // a spare takes its place
  };

  World& world_;
  FailureState& books_;
  const NetworkFault& spec_;
  std::string name_;
  FaultGroups groups_;
  RandomStream draws_;
  Distribution repair_;
  ProcessId self_;
  EventId next_ = kNoEvent;
  std::uint64_t changes_ = 0;           // draws so far
  std::vector<std::uint32_t> up_;       // items, in no order
  std::vector<std::uint32_t> at_;       // by item: its place among them
  std::uint32_t spares_ = 0;            // that are free
  std::vector<BrokenCube> broken_;      // all that ever failed, by their number
  std::vector<std::uint32_t> waiting_;  // numbers of those whose place is empty, oldest first
};

}  // namespace hyperdc
