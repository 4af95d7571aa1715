#include "world/training_elastic.hpp"

#include <algorithm>

#include "world/availability.hpp"
#include "world/gang_domains.hpp"
#include "world/kinds.hpp"
#include "world/losses.hpp"
#include "world/pool.hpp"
#include "world/process/training_process.hpp"
#include "world/speed.hpp"
#include "world/training.hpp"

namespace hyperdc {
namespace {

bool finds_servers(const PoolState& pool, JobId job, std::uint32_t servers) {
  return any_request(pool, job, 0, [&](const Request& each) {
    return pool.placer->would_fit(each, servers, pool.jobs[job.value].number, {});
  });
}

/// The most of `units` copies that come together that find servers; 0: not one.
std::uint32_t units_that_fit(const PoolState& pool, JobId job, std::uint32_t servers_of_unit,
                             std::uint32_t units) {
  if (pool.domains != nullptr && pool.domains->slices()) {  // few sizes are legal
    while (units > 0 && !finds_servers(pool, job, units * servers_of_unit)) --units;
    return units;
  }
  std::uint32_t fit = 0, more = units;  // fit fits, more + 1 does not
  while (fit < more) {
    const std::uint32_t middle = more - (more - fit) / 2;
    if (finds_servers(pool, job, middle * servers_of_unit)) {
      fit = middle;
    } else {
      more = middle - 1;
    }
  }
  return fit;
}

void look_again(TrainingState& training, SimTime at, Engine& engine) {
  engine.schedule(at, Phase::workload, training.process,
                  static_cast<std::uint32_t>(TrainingEvent::rejoin), training.restarts);
}

/// Until when it asks for all of its copies.
SimTime patient_until(const TrainingState& training) {
  return training.rejoins ? SimTime{} : training.waits_since + training.spec->elastic->after;
}

/// Copies to ask for now.
std::uint32_t copies_to_ask(const PoolState& pool, TrainingState& training, Engine& engine) {
  const ElasticGang& elastic = *training.spec->elastic;
  const std::uint32_t all = training.spec->plan.data;
  const SimTime until = patient_until(training);
  if (engine.now() < until) {
    if (training.reminded == training.restarts + 1) return all;
    training.reminded = training.restarts + 1;
    look_again(training, until, engine);
    return all;
  }
  const std::uint32_t fit =
      elastic.together *
      units_that_fit(pool, training.job, elastic.servers_together, all / elastic.together);
  return std::max(fit, elastic.least);
}

void ask_for(World& world, PoolState& pool, TrainingState& training, std::uint32_t copies,
             Engine& engine) {
  if (training.copies == copies) return;
  const ElasticGang& elastic = *training.spec->elastic;
  const JobId job = training.job;
  JobView& view = pool.jobs[job.value];
  pool.scheduler->withdrawn(job, pool.view);
  note_waiting_size(pool, job, false);
  training.copies = copies;
  view.members = copies / elastic.together * elastic.servers_together;
  view.total = total_of(view.each, view.members);
  drag_training(world, training, TrainingDrag::copies,
                static_cast<double>(copies) / training.spec->plan.data, engine);
  note_waiting_size(pool, job, true);
  pool.scheduler->submitted(job, pool.view);
}

}  // namespace

void size_gangs(World& world, PoolState& pool, Engine& engine) {
  for (const std::uint32_t workload : pool.elastic_gangs) {
    TrainingState& training = *world.workloads[workload].training;
    if (!training.there || training.holds) continue;
    if (training.copies == 0) training.copies = training.spec->plan.data;
    ask_for(world, pool, training, copies_to_ask(pool, training, engine), engine);
  }
}

void size_gangs_again(World& world, PoolState& pool, Engine& engine) {
  for (const std::uint32_t workload : pool.elastic_gangs) {
    const TrainingState& training = *world.workloads[workload].training;
    const ElasticGang& elastic = *training.spec->elastic;
    if (!training.there || training.holds || training.copies <= elastic.least) continue;
    if (engine.now() < patient_until(training)) continue;
    if (finds_servers(pool, training.job, pool.jobs[training.job.value].members)) continue;
    return request_pass(pool, engine);
  }
}

void note_copies(TrainingState& training, SimTime now) {
  if (!training.spec->elastic) return;
  training.rejoins = false;
  training.copies_held.set(now, training.copies);
  if (training.last_copies != 0 && training.last_copies != training.copies) ++training.resized;
  training.last_copies = training.copies;
}

void plan_rejoin(TrainingState& training, Engine& engine) {
  const auto& elastic = training.spec->elastic;
  if (!elastic || training.copies == training.spec->plan.data) return;
  look_again(training, engine.now() + elastic->rejoin, engine);
}

void rejoin_gang(World& world, TrainingState& training, std::uint64_t restarts, Engine& engine) {
  if (training.over || restarts != training.restarts) return;
  PoolState& pool = world.pools[training.pool];
  if (!training.holds) return request_pass(pool, engine);  // it asks for fewer now
  // It will leave them anyway; or none is missing, and this was the end of its patience.
  if (training.hang || training.copies == training.spec->plan.data) return;
  if (!finds_servers(pool, training.job, training.spec->elastic->servers_together)) {
    return plan_rejoin(training, engine);
  }
  training.rejoins = true;
  training_gives_way(world, pool, training, TrainingLoss::none, engine);
  stop_by_failure(world, pool, training.job, engine, "more of its copies find servers");
}

}  // namespace hyperdc
