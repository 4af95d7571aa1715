// ElasticProcess: jobs of elastic training come, an allocator decides at regular moments what they
// have, epochs end.
//
// Decisions fall on multiples of the interval, as long as there are jobs. At such a moment each job
// first measures what it did and spreads its batch anew; then the allocator is asked; jobs whose
// share changed stop, and start again when all others have given back theirs. Who slows whom is
// seen to there and at each end.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "world/elastic_run.hpp"

namespace hyperdc {

class ElasticProcess final : public Process {
 public:
  ElasticProcess(World& world, std::uint32_t workload);

  void begin(ProcessId self, Engine& engine);
  /// Counts what jobs did until the end of the run.
  void close(SimTime end);

  void handle(const Event& event, Engine& engine) override;
  std::string_view name() const override { return name_; }
  std::uint32_t kinds() const override { return 3; }
  std::string_view kind_name(std::uint32_t kind) const override;

 private:
  struct Live {
    ElasticRun run;
    JobId job;
    std::uint64_t number = 0;  // of its row
    EventId ends = kNoEvent;   // its epoch
    bool there = true;
  };

  void schedule_next(Engine& engine);
  void arrive(Engine& engine);
  void decide(Engine& engine);
  void apply(const std::vector<Allocation>& wanted, Engine& engine);
  void stop(Live& live, Engine& engine);
  void start(Live& live, const Allocation& wanted, Engine& engine);
  /// Jobs that work at another speed from now on: their epochs end at another moment.
  void set_interference(Engine& engine);
  void end_epoch(std::size_t row, Engine& engine);
  void schedule_epoch(Live& live, Engine& engine);
  void ask_for_decision(SimTime not_before, Engine& engine);
  /// Nobody is there and nobody will come: no decision makes the run longer.
  void leave_off(Engine& engine);

  World& world_;
  std::uint32_t workload_;
  const ElasticSpec& spec_;
  PoolState& pool_;
  std::string name_;
  ProcessId self_;
  std::unique_ptr<Allocator> allocator_;
  std::vector<std::uint32_t> capacity_;  // accelerators by server of the pool
  std::vector<std::uint32_t> kinds_;     // of them, as of the spec
  JobRecord next_;
  std::size_t rows_ = 0;             // that have come
  std::deque<Live> live_;            // by row, be they there or not
  std::vector<std::size_t> active_;  // of live_, in order of submission
  EventId decision_ = kNoEvent;
  bool more_come_ = true;
};

}  // namespace hyperdc
