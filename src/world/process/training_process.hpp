// TrainingProcess: what happens to one training run as a whole: its failures are detected, servers
// are slow, results are wrong.
//
// Episodes of slow servers, and corruptions, of n items come with n over their mean time,
// exponential, whether the run has its accelerators or not. While several servers are slow the run
// is as slow as with one. A run that leaves its servers for a slow one is rid of all that are.
#pragma once

#include <string>

#include "core/distribution.hpp"
#include "world/world.hpp"

namespace hyperdc {

enum class TrainingEvent : std::uint32_t {
  detected,
  slow,
  fast,  // the argument: of which generation
  replaced,
  corrupt,
  found,
  rejoin,  // the argument: after how many restarts
  warm,    // the end of the warm-up
  turns,   // the phase of a step
};

class TrainingProcess final : public Process {
 public:
  TrainingProcess(World& world, std::uint32_t workload);

  /// Schedules the first of what happens at random. Call once, after Engine::add.
  void begin(ProcessId self, Engine& engine);

  void handle(const Event& event, Engine& engine) override;
  std::string_view name() const override { return name_; }
  std::uint32_t kinds() const override { return 9; }
  std::string_view kind_name(std::uint32_t kind) const override;

 private:
  void schedule_slow(Engine& engine);
  void schedule_corrupt(Engine& engine);
  /// All wait for the slowest.
  void set_slow(double speed, Engine& engine);
  void begin_slow(Engine& engine);
  void end_slow(std::uint64_t generation, Engine& engine);

  World& world_;
  TrainingState& training_;
  std::string name_;
  Distribution slow_gap_, slow_lasts_, corrupt_gap_, found_after_;
  RandomStream slow_draws_, corrupt_draws_;
  std::uint64_t slow_count_ = 0, corrupt_count_ = 0;
  std::uint64_t generation_ = 0;  // of slow servers; a replacement begins the next
  std::uint32_t slow_now_ = 0;
  ProcessId self_;
};

}  // namespace hyperdc
