// MaintenanceProcess: rack after rack, zone after zone or region after region is drained, worked on
// and given back.
//
// A round visits every one of them once, `racks_at_once` in a wave. Where jobs are to move they are
// stopped when the wave begins, and wait for another server. The servers of a wave drain until they
// are empty, or until the deadline, at which the jobs that are left are stopped; each is down from
// then on. When the last is down the work begins, lasts `lasts`, and all come back; the next wave
// follows at once. A round that is still under way when the next is due puts it off to the next
// multiple of the period.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "world/fault_items.hpp"

namespace hyperdc {

class MaintenanceProcess final : public Process {
 public:
  MaintenanceProcess(World& world, std::uint32_t cause);

  /// Schedules the first round. Call once, after Engine::add.
  void begin(ProcessId self, Engine& engine);

  void handle(const Event& event, Engine& engine) override;
  std::string_view name() const override { return name_; }
  std::uint32_t kinds() const override { return 4; }
  std::string_view kind_name(std::uint32_t kind) const override;

 private:
  enum Kind : std::uint32_t { kRound, kDrained, kDone, kDeadline };

  void begin_wave(Engine& engine);
  void end_wave(Engine& engine);
  void drained(std::uint64_t server, Engine& engine);
  std::vector<std::pair<std::uint32_t, JobId>> jobs_of_wave() const;
  void move_jobs(Engine& engine);
  template <class Visit>
  void for_each_server_of_wave(Visit visit) const;

  World& world_;
  FailureState& books_;
  const Maintenance& spec_;
  std::string name_;
  FaultItems racks_;
  std::uint32_t wave_ = 0, wave_end_ = 0;  // racks of the present wave
  bool under_way_ = false;
  std::uint64_t to_drain_ = 0;  // servers of the wave that are not down yet
  SimTime begun_;               // the wave
  std::uint64_t waves_ = 0;     // so far
  ProcessId self_;
};

}  // namespace hyperdc
