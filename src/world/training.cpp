#include "world/training.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include <hyperdc/core/assert.hpp>

#include "world/availability.hpp"
#include "world/held.hpp"
#include "world/pool_actions.hpp"
#include "world/process/training_process.hpp"
#include "world/speed.hpp"
#include "world/training_elastic.hpp"
#include "world/training_io.hpp"
#include "world/training_io_state.hpp"
#include "world/training_network.hpp"
#include "world/training_swing.hpp"
#include "world/work_marks.hpp"

namespace hyperdc {
namespace {

/// Of the present segment at full speed, until `now` or until it hung.
Duration worked_until(const PoolState& pool, const TrainingState& training, SimTime now) {
  if (!training.holds) return {};
  if (training.hang) return training.hang->worked;
  return work_done(pool, training.job, now, now - training.began);
}

double drag_of(const TrainingState& training, TrainingDrag drag) {
  return training.drags[static_cast<std::size_t>(drag)];
}

/// Why it stands still; nothing: it works.
std::optional<std::size_t> first_stall(const TrainingState& training) {
  const auto stall = std::find(training.stalls.begin(), training.stalls.end(), true);
  if (stall == training.stalls.end()) return std::nullopt;
  return static_cast<std::size_t>(stall - training.stalls.begin());
}

/// Of the present segment until `now`, while it works or stands still.
TrainingLost lost_until(const TrainingState& training, SimTime now) {
  TrainingLost out = training.segment;
  const std::int64_t dt = (now - training.paced).ns;
  if (const auto stall = first_stall(training)) {
    out.stalled_ns[*stall] += dt;
    return out;
  }
  const auto without = [](std::int64_t ns, double factor) {
    return factor == 1
               ? 0
               : ns - static_cast<std::int64_t>(std::ceil(static_cast<double>(ns) * factor));
  };
  const std::int64_t missing = without(dt, drag_of(training, TrainingDrag::copies));
  out.missing_ns += missing;
  out.contended_ns += without(dt - missing, drag_of(training, TrainingDrag::fabric));
  return out;
}

/// Of the present segment: time in which it could have worked, beyond what it did; and hung.
struct Idle {
  TrainingLost lost;
  std::int64_t slowed_ns = 0, detection_ns = 0;
};

/// A product of two factors may round to a few ns more than what was lost.
void settle_rounding(Idle& idle) {
  if (idle.slowed_ns >= 0) return;
  std::int64_t& from = idle.lost.missing_ns > 0 ? idle.lost.missing_ns : idle.lost.contended_ns;
  from += idle.slowed_ns;
  idle.slowed_ns = 0;
}

Idle idle_until(const PoolState& pool, const TrainingState& training, SimTime now) {
  if (!training.holds) return {};
  const SimTime stood = training.hang ? training.hang->since : now;
  Idle out{training.hang ? training.segment : lost_until(training, now), 0, (now - stood).ns};
  out.slowed_ns =
      (stood - training.began).ns - worked_until(pool, training, now).ns - out.lost.sum_ns();
  settle_rounding(out);
  return out;
}

/// Its pace changes now.
void note_pace(TrainingState& training, SimTime now) {
  training.segment = lost_until(training, now);
  training.paced = now;
}

void add_lost(TrainingLost& to, const TrainingLost& lost) {
  to.contended_ns += lost.contended_ns;
  to.missing_ns += lost.missing_ns;
  for (std::size_t i = 0; i < kTrainingStalls; ++i) to.stalled_ns[i] += lost.stalled_ns[i];
}

/// What the run has lost since the last time is lost work of its workload.
void book_discarded(World& world, const PoolState& pool, TrainingState& training) {
  const std::int64_t discarded = training.run.account({}).discarded_ns - training.discarded_ns;
  training.discarded_ns += discarded;
  // Discarded work is that of the whole gang, whoever of it was there.
  const Resources total = total_of(pool.jobs[training.job.value].each, training.spec->servers);
  WorkloadState& workload = world.workloads[pool.states[training.job.value].workload];
  workload.lost_core_milli_ns += Int128{total.cores_milli} * discarded;
  workload.lost_accelerator_milli_ns += Int128{total.accelerator_milli} * discarded;
}

/// Shares on lost servers draw nothing while the gang hangs.
void account_lost(World& world, PoolState& pool, const TrainingState& training,
                  const std::set<ServerId>& lost, SimTime now, int sign) {
  for (const Share& share : shares_of(pool, training.job)) {
    if (lost.contains(share.server)) {
      account_shares(world, pool, training.job, {&share, 1}, now, sign);
    }
  }
}

/// The segment is over: its accounts, and nothing is held any more.
void close_holding(World& world, PoolState& pool, TrainingState& training, const Idle& idle,
                   SimTime now) {
  training.slowed_ns += idle.slowed_ns;
  training.detection_ns += idle.detection_ns;
  add_lost(training.lost, idle.lost);
  training.stalls = {};
  if (training.hang) {
    account_lost(world, pool, training, training.hang->servers, now,
                 +1);  // account_stop() takes all
  }
  training.hang.reset();
  training.holds = false;
  training.held.set(now, 0);
  training.copies_held.set(now, 0);
  training.waits_since = now;
  ++training.restarts;
  book_discarded(world, pool, training);
}

void cancel_detection(TrainingState& training, Engine& engine) {
  if (!training.hang || training.hang->detected == kNoEvent) return;
  engine.cancel(training.hang->detected);
  training.hang->detected = kNoEvent;
}

/// The most that the lost servers are.
TrainingLoss loss_of(const World& world, const PoolState& pool, const std::set<ServerId>& lost) {
  if (lost.empty()) return TrainingLoss::accelerator;
  if (lost.size() == 1) return TrainingLoss::server;
  const ServerPlace first = place_of(world, pool, *lost.begin());
  const bool one = std::all_of(lost.begin(), lost.end(), [&](ServerId server) {
    const ServerPlace place = place_of(world, pool, server);
    return place.group == first.group && place.rack == first.rack;
  });
  return one ? TrainingLoss::rack : TrainingLoss::more;
}

/// While it waits its copies are in the memory of the servers that it leaves.
void remember(const PoolState& pool, TrainingState& training) {
  for (const Share& share : shares_of(pool, training.job)) training.memory.insert(share.server);
  if (training.hang) training.memory_lost = training.hang->servers;
}

}  // namespace

TrainingState::TrainingState(const TrainingSpec& spec_in, std::uint64_t seed,
                             const std::string& workload)
    : spec(&spec_in),
      run(spec_in.course),
      detect(spec_in.detect_s),
      detect_draws(seed, "workloads." + workload + ".detect") {}

TrainingState::~TrainingState() = default;

TrainingState* training_of(World& world, const PoolState& pool, JobId job) {
  return world.workloads[pool.states[job.value].workload].training.get();
}

const TrainingState* training_of(const World& world, const PoolState& pool, JobId job) {
  return world.workloads[pool.states[job.value].workload].training.get();
}

void training_submitted(World& world, PoolState& pool, JobId job, SimTime now) {
  TrainingState* training = training_of(world, pool, job);
  if (training == nullptr) return;
  training->job = job;
  training->pool = pool.index;
  training->there = true;
  training->submitted = now;
  training->waits_since = now;
  pool.jobs[job.value].estimate = training->run.left();
}

Duration training_starts(TrainingState& training, SimTime now, Duration overhead) {
  training.waiting_ns += (now - training.waits_since).ns;
  training.holds = true;
  training.began = now;
  training.segment = {};
  training.paced = now;
  training.held.set(now, 1);
  note_copies(training, now);
  training.memory.clear();
  training.memory_lost.clear();
  return training.run.begin(overhead);
}

void training_gives_way(World& world, PoolState& pool, TrainingState& training, TrainingLoss loss,
                        Engine& engine) {
  const SimTime now = engine.now();
  const Idle idle = idle_until(pool, training, now);
  const Duration worked = worked_until(pool, training, now);
  if (training.hang) loss = std::max(loss, loss_of(world, pool, training.hang->servers));
  remember(pool, training);
  cancel_detection(training, engine);
  training.run.stop(worked, loss);
  if (training.found && training.run.is_corrupt()) training.run.stop_corrupt({});
  training.found = false;
  close_holding(world, pool, training, idle, now);
}

void training_loses(World& world, PoolState& pool, TrainingState& training, ServerId server,
                    bool device, Engine& engine, std::string_view because) {
  const SimTime now = engine.now();
  if (!training.hang) {
    TrainingState::Hang hang;
    hang.since = now;
    hang.because = because;
    hang.worked = work_done(pool, training.job, now, now - training.began);
    note_pace(training, now);
    training.stalls = {};
    unmark_work(pool, training.job, engine);
    training_stops(world, training, engine);
    JobState& state = pool.states[training.job.value];
    if (state.end_event != kNoEvent) engine.cancel(state.end_event);
    state.end_event = kNoEvent;
    const double wait_s = training.detect.draw(training.detect_draws, training.detections++);
    hang.detected = engine.schedule(now + seconds(wait_s), Phase::physics, training.process,
                                    static_cast<std::uint32_t>(TrainingEvent::detected));
    training.hang = std::move(hang);
  }
  if (device || !training.hang->servers.insert(server).second) return;
  account_lost(world, pool, training, {server}, now, -1);
}

void training_stops(World& world, TrainingState& training, Engine& engine) {
  training_io_stops(world, training, engine);
  end_training_network(world, training, engine);
  end_training_swing(world, training, engine);
}

void training_memory_lost(World& world, PoolState& pool, ServerId server) {
  for (WorkloadState& workload : world.workloads) {
    TrainingState* const training = workload.training.get();
    if (training == nullptr || training->pool != pool.index || !training->there) continue;
    if (training->holds || !training->memory.contains(server)) continue;
    if (!training->memory_lost.insert(server).second) continue;
    training->run.lose(loss_of(world, pool, training->memory_lost));
    book_discarded(world, pool, *training);
    JobView& view = pool.jobs[training->job.value];
    view.estimate = view.attained + training->run.left();
  }
}

void training_detected(World& world, TrainingState& training, Engine& engine) {
  PoolState& pool = world.pools[training.pool];
  HYPERDC_CHECK(training.hang.has_value(), "a failure was detected that did not happen");
  training.hang->detected = kNoEvent;
  const std::string_view because = training.hang->because;
  training.failed = true;
  training_gives_way(world, pool, training, TrainingLoss::none, engine);
  stop_by_failure(world, pool, training.job, engine, because);
}

void training_finished(PoolState& pool, TrainingState& training, SimTime now) {
  HYPERDC_CHECK(training.holds && !training.hang, "a training run ended that did not work");
  Idle idle = idle_until(pool, training, now);
  idle.slowed_ns += (worked_until(pool, training, now) - training.run.finish()).ns;
  settle_rounding(idle);
  training.slowed_ns += idle.slowed_ns;
  add_lost(training.lost, idle.lost);
  training.holds = false;
  training.held.set(now, 0);
  training.copies_held.set(now, 0);
  training.waits_since = now;
  training_given_up(pool, training, now);
}

void training_given_up(PoolState& pool, TrainingState& training, SimTime now) {
  limit_job(pool, training.job, {});
  if (training.there && !training.over) training.waiting_ns += (now - training.waits_since).ns;
  training.there = false;
  training.over = true;
  training.gone = now;
}

void drag_training(World& world, TrainingState& training, TrainingDrag drag, double factor,
                   Engine& engine) {
  HYPERDC_CHECK(factor > 0 && factor <= 1, "a training run is dragged outside 0..1");
  if (!training.there || drag_of(training, drag) == factor) return;
  PoolState& pool = world.pools[training.pool];
  const bool works = training.holds && !training.hang;
  if (works) note_pace(training, engine.now());
  training.drags[static_cast<std::size_t>(drag)] = factor;
  limit_job(pool, training.job,
            {drag_of(training, TrainingDrag::stragglers),
             drag_of(training, TrainingDrag::fabric) * drag_of(training, TrainingDrag::copies)});
  if (training.holds) retime_job(pool, training.job, engine);
}

void stall_training(World& world, TrainingState& training, TrainingStall stall, Engine& engine) {
  if (!training.holds || training.hang) return;
  note_pace(training, engine.now());
  const bool stood = first_stall(training).has_value();
  training.stalls[static_cast<std::size_t>(stall)] = true;
  if (!stood) hold_job(world.pools[training.pool], training.job, engine);
}

void resume_training(World& world, TrainingState& training, TrainingStall stall, Engine& engine) {
  if (!training.stalls[static_cast<std::size_t>(stall)]) return;
  note_pace(training, engine.now());
  training.stalls[static_cast<std::size_t>(stall)] = false;
  if (!first_stall(training)) release_job(world.pools[training.pool], training.job, engine);
}

bool changes_pace(const TrainingSpec& spec) {
  return spec.stragglers || spec.elastic || spec.network || spec.uses_storage();
}

bool training_corrupted(World& world, TrainingState& training, std::uint64_t number, SimTime now) {
  if (!training.holds || training.hang) return false;
  ++training.corruptions;
  if (!training.run.is_corrupt()) training.corrupt_since = number;
  training.run.corrupt(worked_until(world.pools[training.pool], training, now));
  return true;
}

void training_corruption_found(World& world, TrainingState& training, std::uint64_t number,
                               Engine& engine) {
  if (!training.there || !training.run.is_corrupt()) return;  // a restart was rid of it
  if (number < training.corrupt_since) return;
  PoolState& pool = world.pools[training.pool];
  if (!training.holds) {  // it will begin at another checkpoint
    training.run.stop_corrupt({});
    book_discarded(world, pool, training);
    JobView& view = pool.jobs[training.job.value];
    view.estimate = view.attained + training.run.left();
    return;
  }
  training.found = true;
  if (training.hang) return;  // it is stopped when that is known
  training_gives_way(world, pool, training, TrainingLoss::none, engine);
  stop_by_failure(world, pool, training.job, engine, "its results were found to be wrong");
}

void training_replaces(World& world, TrainingState& training, Engine& engine) {
  if (!training.holds || training.hang) return;  // it leaves them anyway
  PoolState& pool = world.pools[training.pool];
  training_gives_way(world, pool, training, TrainingLoss::server, engine);
  training.memory_lost.insert(*training.memory.begin());  // one of them; it does not matter which
  stop_by_failure(world, pool, training.job, engine, "a server was slow");
}

TrainingBooks training_books(const World& world, const TrainingState& training, SimTime end) {
  TrainingBooks out;
  const PoolState& pool = world.pools[training.pool];
  const TrainingRun::Account account = training.run.account(worked_until(pool, training, end));
  const Idle idle = idle_until(pool, training, end);
  TrainingLost lost = training.lost;
  add_lost(lost, idle.lost);
  const auto stalled = [&](TrainingStall stall) {
    return lost.stalled_ns[static_cast<std::size_t>(stall)];
  };
  std::int64_t waiting_ns = training.waiting_ns;
  if (training.there && !training.holds) waiting_ns += (end - training.waits_since).ns;
  // A step by what fills it, in whole ns; what rounding leaves is computed.
  const TrainingTime& time = training.spec->time;
  const auto kept = static_cast<std::int64_t>(account.kept);
  const auto of_kept = [&](double part_s) { return kept * seconds(part_s).ns; };
  const std::int64_t recomputed = of_kept(time.recomputed), exchanged = of_kept(time.exchanged()),
                     bubble = of_kept(time.bubble);
  out.parts = {{{"computed", account.kept_ns - recomputed - exchanged - bubble},
                {"recomputed", recomputed},
                {"exchanged", exchanged},
                {"bubble", bubble},
                {"slowed", training.slowed_ns + idle.slowed_ns},
                {"contended", lost.contended_ns + stalled(TrainingStall::fabric)},
                {"missing", lost.missing_ns},
                {"checkpoints", account.stalls_ns + stalled(TrainingStall::checkpoint)},
                {"restarts", account.restarts_ns + stalled(TrainingStall::load)},
                {"data", stalled(TrainingStall::data)},
                {"detection", training.detection_ns + idle.detection_ns},
                {"discarded", account.discarded_ns},
                {"waiting", waiting_ns}}};
  for (const TrainingShare& part : out.parts) out.sum_ns += part.ns;
  out.held_ns = out.sum_ns - waiting_ns;
  if (training.there || training.over) {
    out.life_ns = ((training.over ? training.gone : end) - training.submitted).ns;
  }
  out.kept = account.kept;
  out.checkpoints = account.checkpoints;
  out.spoilt = account.spoilt;
  return out;
}

double steps_counted(const World& world, const TrainingState& training, SimTime end) {
  const auto kept = static_cast<double>(training_books(world, training, end).kept);
  return kept - static_cast<double>(training.kept_in_warmup);
}

double tokens_of_step(const TrainingSpec& spec) {
  return static_cast<double>(spec.plan.batch) * static_cast<double>(spec.plan.sequence);
}

}  // namespace hyperdc
