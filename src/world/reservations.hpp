// PoolReservations: capacity of a pool that is kept for a tenant or a workload from a moment on.
//
// Computes: with A_h(t) the amounts of the reservations of holder h (a tenant or a workload) whose
// windows contain t, and E_h(t) what its running jobs hold that are expected to run beyond t,
//   kept(t) = sum over h of max(0, A_h(t) - E_h(t)).
// A job may start now only if, with it among the running, held(t) + kept(t) <= capacity at every
// t of {now, begins of windows before its expected end}, in cores, memory and accelerators each; or
// if all that its holder then has is within A_h(t). So with estimates that hold the amount is free
// when a window begins. In a window the scheduler sees capacity without kept(now), as if that were
// out of service, and the pool itself starts the jobs of holders that are within their amounts, in
// the order of submission, each as soon as its servers are free. `at_start: preempt`: at the begin
// of a window jobs of others are stopped, the last started first, until the amount is free; and in
// the window, until the servers are, of a job within the amount that finds it in pieces.
// Units: ns, 1/1000. Source: Slurm, "Advanced Resource Reservation Guide"; definition.
// Cost: a start O(running log running + begins of windows before its expected end, 100 a
// reservation at most), without such a begin O(holders); a pass with an open window O(waiting jobs
// of holders). Valid: schedulers without turns. Leaves out: which servers are kept (totals are: a
// gang of a holder may find them in pieces), begins beyond the hundredth in a job's estimate, the
// end of a window (jobs of holders run on as others do), windows that a conservative plan would see
// coming.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "scenario/orchestration_spec.hpp"
#include "world/world.hpp"

namespace hyperdc {

class PoolReservations {
 public:
  PoolReservations(const World& world, const PoolState& pool);

  /// The holder whose job it is; nothing: nobody's.
  std::optional<std::size_t> holder_of(const PoolState& pool, JobId job) const;
  /// Time for which amounts were not there, of windows that are late still, too.
  Int128 lateness_ns(SimTime end) const;
  /// A job starts (+1) or stops (-1).
  void note(const PoolState& pool, JobId job, int sign);
  /// A job begins to wait, or waits no more.
  void note_waiting(const PoolState& pool, JobId job, bool there);
  /// What is kept now.
  Resources kept(SimTime now) const;
  /// May the job start, when these have been stopped?
  bool allow(const PoolState& pool, JobId job, std::span<const JobId> without) const;

  struct Books {
    std::uint64_t begun = 0, late = 0;
    Int128 lateness_ns = 0;
    LevelAccount idle_milli, idle_cores_milli;  // kept, and free
  };
  const Books& books() const { return books_; }
  /// Before a decision: windows begin, others give way, holders start.
  void begin_pass(PoolState& pool, SchedulerActions& actions, SimTime now);
  /// After it: what is kept and free, and whose amounts are not.
  void end_pass(PoolState& pool, Engine& engine);

 private:
  struct Holder {
    std::optional<std::uint32_t> workload;
    std::string tenant;
    Resources held;                          // by its running jobs
    std::map<std::uint64_t, JobId> waiting;  // by number: the order of submission
  };
  struct Window {
    const ReservationSpec* spec = nullptr;
    std::size_t holder = 0;
    SimTime begin, end;  // of the present one, or of the next
    bool begun = false;
    std::optional<SimTime> late_since;
  };
  Resources amount_at(std::size_t holder, SimTime at) const;
  struct Load {
    Resources held;
    std::vector<Resources> by_holder;
  };
  bool holds_at(const PoolState& pool, const Load& load, std::optional<std::size_t> its,
                SimTime at) const;
  std::vector<SimTime> begins_until(SimTime now, SimTime end) const;
  std::vector<bool> served(SimTime now, const Resources& free) const;
  void move_windows(SimTime now);
  std::vector<JobId> others_of(const PoolState& pool) const;
  static void stop(PoolState& pool, JobId job, SchedulerActions& actions);
  void make_room(PoolState& pool, SchedulerActions& actions);
  bool make_servers(PoolState& pool, JobId job, SchedulerActions& actions);
  bool preempts(std::size_t holder, SimTime now) const;
  void start_holders(PoolState& pool, SchedulerActions& actions);
  void note_late(SimTime now, const Resources& free);
  void ask_for_pass(const PoolState& pool, Engine& engine);

  const World& world_;
  std::vector<Holder> holders_;  // all tenants, or all workloads
  bool by_workload_ = false;
  std::map<std::uint32_t, std::size_t> holder_of_workload_;
  mutable std::vector<std::optional<std::size_t>> holder_of_tenant_;  // as far as was asked
  std::vector<Window> windows_;                                       // as PoolSpec::reservations
  std::optional<SimTime> asked_;
  Books books_;
};

void enable_reservations(World& world, PoolState& pool);
/// What is kept and could be: no more than is free.
Resources kept_free(const PoolState& pool);

}  // namespace hyperdc
