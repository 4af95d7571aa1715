#include "world/pool_actions.hpp"

#include <algorithm>

#include <hyperdc/core/assert.hpp>

#include "world/availability.hpp"
#include "world/defragment.hpp"
#include "world/gang_domains.hpp"
#include "world/held.hpp"
#include "world/job_residency.hpp"
#include "world/kinds.hpp"
#include "world/losses.hpp"
#include "world/nodes/nodes.hpp"
#include "world/platform_spot.hpp"
#include "world/platforms.hpp"
#include "world/pool.hpp"
#include "world/reservations.hpp"
#include "world/speed.hpp"
#include "world/tenants.hpp"
#include "world/traffic.hpp"
#include "world/training.hpp"
#include "world/training_elastic.hpp"
#include "world/training_io.hpp"
#include "world/training_network.hpp"
#include "world/training_swing.hpp"

namespace hyperdc {

namespace {

/// The gang's members do not share one scale-up domain (NVLink, ICI) of accelerators.
bool spans_domains(const World& world, const PoolState& pool, std::span<const Share> shares) {
  if (shares.size() < 2) return false;
  const auto domain_of = [&](ServerId server) {
    const std::uint32_t block = pool.fleet->block_of(server);
    const ServerType& type = world.scenario->server_types[pool.block_type[block]];
    return (server.value - pool.block_first[block]) / type.servers_per_domain +
           (std::uint64_t{block} << 32);
  };
  const std::uint64_t first = domain_of(shares.front().server);
  return std::any_of(shares.begin() + 1, shares.end(),
                     [&](const Share& share) { return domain_of(share.server) != first; });
}

}  // namespace

Duration time_of(Duration part, Duration worked, Duration executed) {
  if (worked.ns == 0) return Duration{};
  return Duration{static_cast<std::int64_t>(Int128{part.ns} * executed.ns / worked.ns)};
}

void PoolActions::note_first_start(JobId job) {
  const JobView& view = pool_.jobs[job.value];
  JobState& state = pool_.states[job.value];
  if (state.has_started) return;
  state.has_started = true;
  state.first_start = engine_.now();
  WorkloadState& workload = world_.workloads[state.workload];
  ++workload.started;
  world_.recorder->sample(workload.wait, view.submit, to_seconds(engine_.now() - view.submit));
  if (TenantBooks* books = books_of(pool_, job)) {
    world_.recorder->sample(books->wait, view.submit, to_seconds(engine_.now() - view.submit));
  }
  if (view.each.accelerators > 0 && spans_domains(world_, pool_, shares_of(pool_, job))) {
    ++pool_.split_gangs;
  }
}

bool PoolActions::start(JobId job, std::string_view because) {
  return start_on(job, 0, because);
}

bool PoolActions::start_on(JobId job, ModelSet models, std::string_view because) {
  const JobView& view = pool_.jobs[job.value];
  HYPERDC_CHECK(!view.running, "a scheduler started a job that runs");
  if (pool_.reserved != nullptr && !pool_.reserved->allow(pool_, job, {})) return false;
  shares_.clear();
  const bool bound = pool_.domains != nullptr && pool_.domains->binds(view.members);
  const bool fits =
      (models == 0 && !bound && take_warm(world_, pool_, job, engine_.now(), shares_)) ||
      any_request(pool_, job, models, [&](const Request& each) {
        return pool_.placer->place(each, view.members, view.number, shares_);
      });
  if (fits) run_on_shares(job, because);
  if (!fits) note_confined(world_, pool_, job, models, false);
  return fits || (models == 0 && pool_.defragment != nullptr && start_by_moves(job, because));
}

/// Moves running jobs out of the way, where that is due and helps.
bool PoolActions::start_by_moves(JobId job, std::string_view because) {
  const DefragmentSpec& spec = *pool_.spec->defragment;
  DefragmentState& state = *pool_.defragment;
  const SimTime now = engine_.now();
  const JobView& view = pool_.jobs[job.value];
  if (view.profile != 0 || !pool_.fleet->free().covers(view.total)) return false;
  const SimTime due =
      std::max(view.submit + spec.wait, state.last ? *state.last + spec.every : now);
  if (now < due) {
    ask_for_moves(due);
    return false;
  }
  if (state.tried == now) return false;  // for the first of those that wait
  const std::vector<JobId> moves = plan_moves(world_, pool_, job);
  if (moves.empty()) {
    state.tried = now;
    return false;
  }
  state.last = now;
  ++state.gangs;
  for (const JobId other : moves) stop_to_move(other);
  shares_.clear();
  bool fits = pool_.placer->place(view.each, view.members, view.number, shares_);
  HYPERDC_CHECK(fits, "jobs were moved for one that does not fit");
  run_on_shares(job, because);
  for (const JobId other : moves) {
    const JobView& moved = pool_.jobs[other.value];
    shares_.clear();
    fits = pool_.placer->place(moved.each, moved.members, moved.number, shares_);
    HYPERDC_CHECK(fits, "a job was moved that fits nowhere else");
    run_on_shares(other, "moved to make room");
  }
  return true;
}

/// A pass when an attempt is due, unless one is asked for.
void PoolActions::ask_for_moves(SimTime at) {
  DefragmentState& state = *pool_.defragment;
  if (state.asked && *state.asked > engine_.now() && *state.asked <= at) return;
  state.asked = at;
  engine_.schedule(at, Phase::control, pool_.process, static_cast<std::uint32_t>(PoolEvent::pass));
}

/// Its work is kept; it waits for the servers that it gets at once.
void PoolActions::stop_to_move(JobId job) {
  const JobView& view = pool_.jobs[job.value];
  JobState& state = pool_.states[job.value];
  const SimTime now = engine_.now();
  const Duration executed = now - view.started;
  account_stop(world_, pool_, job, engine_);
  if (state.end_event != kNoEvent) engine_.cancel(state.end_event);
  state.end_event = kNoEvent;
  const Duration worked = work_done(pool_, job, now, executed);
  const Duration useful = std::max(Duration{}, worked - start_overhead(pool_, job));
  state.done = state.done + useful;
  note_lost_run(pool_, job, time_of(worked - useful, worked, executed), state.after_failure);
  state.after_failure = false;
  state.moved = true;
  DefragmentState& books = *pool_.defragment;
  ++books.migrations;
  books.moved_milli += view.total.accelerator_milli;
  books.spent_milli_ns +=
      Int128{view.total.accelerator_milli} * pool_.spec->defragment->overhead.ns;
  wait_again(pool_, job);
}

void PoolActions::start_at(JobId job, std::span<const ServerId> servers, std::string_view because) {
  JobView& view = pool_.jobs[job.value];
  HYPERDC_CHECK(!view.running && !servers.empty(), "an allocator started a job that runs");
  note_waiting_size(pool_, job, false);  // under the size with which it waited
  view.members = static_cast<std::uint32_t>(servers.size());
  view.total = total_of(view.each, view.members);
  shares_.clear();
  for (const ServerId server : servers) {
    shares_.push_back(pool_.placer->take_on(view.each, server));
  }
  run_on_shares(job, because);
}

/// Its shares have been taken.
void PoolActions::run_on_shares(JobId job, std::string_view because) {
  JobView& view = pool_.jobs[job.value];
  JobState& state = pool_.states[job.value];
  state.first = shares_.front();
  if (view.members > 1) pool_.gangs[job.value] = shares_;
  const SimTime now = engine_.now();
  world_.decisions.count(world_.decisions.scheduling, now);
  note_first_start(job);
  if (pool_.domains != nullptr) pool_.domains->count_start(shares_);
  note_reason(pool_, job, because);
  if (world_.timeline != nullptr) world_.timeline->started(pool_.index, job);
  view.running = true;
  view.started = now;
  state.running_at = static_cast<std::uint32_t>(pool_.running.size());
  pool_.running.push_back(job);
  pool_.view.running = pool_.running;
  HYPERDC_CHECK(pool_.waiting > 0, "a job started that was not waiting");
  --pool_.waiting;
  note_waiting(pool_, job, false);
  note_residents(pool_, job, true, now);
  if (pool_.reserved != nullptr) pool_.reserved->note(pool_, job, +1);
  account_shares(world_, pool_, job, shares_of(pool_, job), now, +1);
  refresh_amounts(pool_);
  tell_owner(world_, pool_, job, OwnerEvent::placed, engine_);
  platform_starts(world_, pool_, job, now);
  const Duration overhead = start_overhead(pool_, job);
  TrainingState* const training = training_of(world_, pool_, job);
  const Duration left = training != nullptr
                            ? training_starts(*training, now, overhead)
                            : state.run - state.done + overhead + upload_of(world_, pool_, job);
  const Duration takes = begin_work(pool_, job, now, left);
  if (training != nullptr) plan_rejoin(*training, engine_);
  if (state.departs) {
    state.end_event = engine_.schedule(now + takes, Phase::physics, pool_.process,
                                       static_cast<std::uint32_t>(PoolEvent::finish), job.value);
  }
  spot_starts(world_, pool_, job, engine_);
  begin_traffic(world_, pool_, job, engine_);
  if (training != nullptr) training_io_starts(world_, pool_, *training, engine_);
  if (training != nullptr) begin_training_network(world_, *training, engine_);
  if (training != nullptr) begin_training_swing(world_, *training, engine_);
}

void request_pass(PoolState& pool, Engine& engine) {
  if (pool.pass_at == engine.now()) return;
  pool.pass_at = engine.now();
  engine.schedule(engine.now(), Phase::control, pool.process,
                  static_cast<std::uint32_t>(PoolEvent::pass));
}

Duration restart_overhead(const PoolState& pool, const JobState& state) {
  if (state.after_failure) return pool.spec->failure_overhead;
  if (state.moved) return pool.spec->defragment->overhead;
  return state.preemptions > 0 ? pool.spec->preemption_overhead : Duration{};
}

Duration start_overhead(const PoolState& pool, JobId job) {
  return restart_overhead(pool, pool.states[job.value]) + set_up_of(pool, job);
}

void wait_again(PoolState& pool, JobId job) {
  ++pool.waiting;
  note_waiting(pool, job, true);
  if (pool.spec->queue_limit) pool.queued.push_back({pool.jobs[job.value].number, job});
}

void PoolActions::preempt(JobId job, std::string_view because) {
  JobView& view = pool_.jobs[job.value];
  JobState& state = pool_.states[job.value];
  HYPERDC_CHECK(view.running, "a scheduler preempted a job that does not run");
  const SimTime now = engine_.now();
  world_.decisions.count(world_.decisions.scheduling, now);
  const Duration executed = now - view.started;
  TrainingState* const training = training_of(world_, pool_, job);
  const std::uint64_t steps_before = training != nullptr ? training->run.steps_left() : 0;
  if (training != nullptr) {
    training_gives_way(world_, pool_, *training, TrainingLoss::more, engine_);
  }
  platform_stops(world_, pool_, job, engine_, false);
  account_stop(world_, pool_, job, engine_);
  if (state.end_event != kNoEvent) engine_.cancel(state.end_event);
  state.end_event = kNoEvent;
  const Duration worked = work_done(pool_, job, now, executed);
  const Duration useful = std::max(Duration{}, worked - start_overhead(pool_, job));
  const bool keeps = pool_.spec->preemption == PreemptionMode::resume;
  state.done = keeps ? state.done + useful : Duration{};
  ++state.preemptions;
  state.after_failure = false;
  state.moved = false;
  ++world_.workloads[state.workload].preempted;
  if (TenantBooks* books = books_of(pool_, job)) ++books->preempted;
  note_lost_run(pool_, job, keeps ? time_of(worked - useful, worked, executed) : executed, false);
  const bool further = training != nullptr ? training->run.steps_left() < steps_before
                                           : keeps && useful > Duration{};
  if (further) pool_.vain_preemptions = 0;
  if (training != nullptr) view.estimate = view.attained + training->run.left();
  check_progress();
  tell_owner(world_, pool_, job, OwnerEvent::stopped, engine_);
  note_reason(pool_, job, because);
  wait_again(pool_, job);
}

/// Jobs that stop each other for ever would keep a run without a duration from ending. Most cases
/// are refused before a run (resolve_pools.cpp); this is for what only the run shows.
void PoolActions::check_progress() {
  ++pool_.vain_preemptions;
  if (world_.has_end) return;
  constexpr std::uint64_t kMost = 1'000'000;
  HYPERDC_CHECK(pool_.vain_preemptions < kMost + 100 * pool_.jobs.size(),
                "pool \"" + pool_.spec->name +
                    "\": a million preemptions in a row brought no job "
                    "further; the scheduler and the cost of a preemption do not go together. Set a "
                    "duration, lower preemption.overhead or lengthen the turns");
}

bool PoolActions::would_fit(JobId job, std::span<const JobId> without) {
  const JobView& view = pool_.jobs[job.value];
  if (pool_.reserved != nullptr && !pool_.reserved->allow(pool_, job, without)) return false;
  std::vector<Placer::Held> held;
  held.reserve(without.size());
  for (const JobId other : without) {
    held.push_back({pool_.jobs[other.value].each, shares_of(pool_, other)});
  }
  return any_request(pool_, job, 0, [&](const Request& each) {
    return pool_.placer->would_fit(each, view.members, view.number, held);
  });
}

void PoolActions::wake(SimTime at) {
  HYPERDC_CHECK(at > engine_.now(), "a scheduler asked to be woken in the past");
  wish_ = at;
}

void PoolActions::settle_wake() {
  if (pool_.wake_at == wish_) return;
  // A wake that nobody wants any more would keep a run without a duration from ending.
  if (pool_.wake_event != kNoEvent) engine_.cancel(pool_.wake_event);
  pool_.wake_event = kNoEvent;
  pool_.wake_at = wish_;
  if (!wish_) return;
  pool_.wake_event = engine_.schedule(*wish_, Phase::control, pool_.process,
                                      static_cast<std::uint32_t>(PoolEvent::wake));
}

}  // namespace hyperdc
