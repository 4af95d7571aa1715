// PoolActions: carries out what a scheduler decides, on one pool at one moment.
#pragma once

#include <optional>
#include <span>

#include <hyperdc/policy/scheduler.hpp>

#include "world/world.hpp"

namespace hyperdc {

/// A running job stops, for good or for now: books, shares, views.
void account_stop(World& world, PoolState& pool, JobId job, Engine& engine);
/// Free amounts, and capacity without what is down, as the scheduler sees them.
void refresh_amounts(PoolState& pool);
/// Why it started, waits again or was rejected, for jobs.csv.
void note_reason(PoolState& pool, JobId job, std::string_view because);

/// A job that was stopped waits again; its scheduler is not told.
void wait_again(PoolState& pool, JobId job);
/// How long a part of the work took, of a job that may be slower than its estimate.
Duration time_of(Duration part, Duration worked, Duration executed);
/// Work that each start after the first takes before useful work.
Duration restart_overhead(const PoolState& pool, const JobState& state);
/// The same with what a platform does before the run; of a job that runs.
Duration start_overhead(const PoolState& pool, JobId job);

class PoolActions final : public SchedulerActions {
 public:
  PoolActions(World& world, PoolState& pool, Engine& engine)
      : world_(world), pool_(pool), engine_(engine), shares_(pool.scratch) {
    pool.placer->at(engine.now());
  }

  bool start(JobId job, std::string_view because) override;
  bool start_on(JobId job, ModelSet models, std::string_view because) override;
  void preempt(JobId job, std::string_view because) override;
  /// Starts the job with a member on each of these servers, where they fit.
  void start_at(JobId job, std::span<const ServerId> servers, std::string_view because);
  bool would_fit(JobId job, std::span<const JobId> without) override;
  void wake(SimTime at) override;
  /// At the end of the pass: schedules the wake that it asked for, cancels one that it did not.
  void settle_wake();

 private:
  void note_first_start(JobId job);
  bool start_by_moves(JobId job, std::string_view because);
  void ask_for_moves(SimTime at);
  void stop_to_move(JobId job);
  void run_on_shares(JobId job, std::string_view because);
  void check_progress();

  World& world_;
  PoolState& pool_;
  Engine& engine_;
  std::vector<Share>& shares_;   // scratch of the pool
  std::optional<SimTime> wish_;  // of this pass
};

}  // namespace hyperdc
