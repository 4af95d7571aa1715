// Outages: items that are out from one given moment to another, from a trace or one by one.
// One pending event for the next begin and one for each outage under way. Which items are hit is a
// function of the outage's number, so nothing is kept but what is pending and who is out.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/rng.hpp"
#include "world/fault_items.hpp"

namespace hyperdc {

class Outages final : public Process {
 public:
  Outages(World& world, std::uint32_t cause);

  /// Schedules the first outage. Call once, after Engine::add.
  void begin(ProcessId self, Engine& engine);

  void handle(const Event& event, Engine& engine) override;
  std::string_view name() const override { return name_; }
  std::uint32_t kinds() const override { return 2; }
  std::string_view kind_name(std::uint32_t kind) const override;

 private:
  enum Kind : std::uint32_t { kBegin, kEnd };
  struct Outage {
    SimTime at;
    Duration lasts;
    std::uint32_t items = 0;
    std::optional<std::uint32_t> item;  // this one; nothing: drawn
  };

  void read(const ReplayedOutages& replay, SimTime horizon);
  void read(const PlannedOutage& planned, SimTime horizon);
  template <class Visit>
  void for_each_hit(std::uint64_t outage, Visit visit) const;
  void schedule_next(Engine& engine);

  World& world_;
  FailureState& books_;
  std::string name_;
  FaultItems items_;
  RandomStream draws_;
  std::map<std::uint32_t, std::uint32_t> held_;  // by item that is out: outages that hold it
  std::vector<Outage> outages_;                  // in order of time
  std::size_t next_ = 0;
  ProcessId self_;
};

}  // namespace hyperdc
