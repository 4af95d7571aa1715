#include "world/process/elastic_process.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include <hyperdc/core/assert.hpp>

#include "world/pool.hpp"
#include "world/pool_actions.hpp"

namespace hyperdc {
namespace {

enum class ElasticEvent : std::uint32_t { arrive, decide, epoch };
constexpr std::array<std::string_view, 3> kElasticEvents{"arrive", "decide", "epoch"};

}  // namespace

ElasticProcess::ElasticProcess(World& world, std::uint32_t workload)
    : world_(world),
      workload_(workload),
      spec_(*world.scenario->workloads[workload].elastic),
      pool_(world.pools[world.scenario->workloads[workload].pool]),
      name_("workloads." + world.scenario->workloads[workload].name) {
  const RandomStream draws(world.seed, name_ + ".allocator");
  allocator_ = make_allocator(spec_, draws.u64(0));
  for (std::uint32_t s = 0; s < pool_.fleet->servers(); ++s) {
    const ServerShape& shape = pool_.fleet->shape(ServerId{s});
    capacity_.push_back(shape.accelerators);
    const auto kind = std::find_if(spec_.kinds.begin(), spec_.kinds.end(),
                                   [&](const ElasticKind& k) { return k.model == shape.model; });
    HYPERDC_CHECK(shape.accelerators == 0 || kind != spec_.kinds.end(), "accelerators of no kind");
    kinds_.push_back(
        shape.accelerators == 0 ? 0 : static_cast<std::uint32_t>(kind - spec_.kinds.begin()));
  }
}

std::string_view ElasticProcess::kind_name(std::uint32_t kind) const {
  return kElasticEvents.at(kind);
}

void ElasticProcess::begin(ProcessId self, Engine& engine) {
  self_ = self;
  schedule_next(engine);
}

void ElasticProcess::handle(const Event& event, Engine& engine) {
  switch (static_cast<ElasticEvent>(event.kind)) {
    case ElasticEvent::arrive:
      return arrive(engine);
    case ElasticEvent::decide:
      return decide(engine);
    case ElasticEvent::epoch:
      return end_epoch(event.arg, engine);
  }
}

void ElasticProcess::schedule_next(Engine& engine) {
  more_come_ = world_.workloads[workload_].source->next(next_);
  if (!more_come_) return;
  engine.schedule(next_.submit, Phase::workload, self_,
                  static_cast<std::uint32_t>(ElasticEvent::arrive), rows_);
}

void ElasticProcess::arrive(Engine& engine) {
  const JobId job = submit_job(world_, pool_, workload_, next_, engine);
  const std::size_t row = rows_++;
  live_.push_back({ElasticRun(spec_, spec_.jobs[row], capacity_, kinds_, *allocator_), job, row,
                   kNoEvent, pool_.states[job.value].there});
  if (live_.back().there) {  // not refused
    active_.push_back(row);
    ask_for_decision(engine.now(), engine);
  }
  schedule_next(engine);
  leave_off(engine);
}

void ElasticProcess::ask_for_decision(SimTime not_before, Engine& engine) {
  if (decision_ != kNoEvent) return;
  const std::int64_t step = spec_.interval.ns;
  if (not_before.ns > std::numeric_limits<std::int64_t>::max() - step) return;  // time ends there
  const SimTime at{(not_before + Duration{step - 1}).ns / step * step};
  decision_ =
      engine.schedule(at, Phase::control, self_, static_cast<std::uint32_t>(ElasticEvent::decide));
}

void ElasticProcess::leave_off(Engine& engine) {
  if (more_come_ || !active_.empty() || decision_ == kNoEvent) return;
  engine.cancel(decision_);
  decision_ = kNoEvent;
}

void ElasticProcess::close(SimTime end) {
  for (const std::size_t row : active_) {
    live_[row].run.advance(end, world_.workloads[workload_].elastic);
  }
}

void ElasticProcess::decide(Engine& engine) {
  decision_ = kNoEvent;
  if (active_.empty()) return;
  const SimTime now = engine.now();
  std::vector<ElasticJobView> views;
  for (const std::size_t row : active_) {
    Live& live = live_[row];
    if (live.run.advance(now, world_.workloads[workload_].elastic)) live.run.spread();
    views.push_back(live.run.view(now));
    views.back().number = row;
  }
  world_.decisions.count(world_.decisions.scaling, now);
  const AllocatorView view{now, views, capacity_, kinds_};
  apply(allocator_->allocate(view), engine);
  set_interference(engine);
  for (const std::size_t row : active_) schedule_epoch(live_[row], engine);
  request_pass(pool_, engine);
  ask_for_decision(now + Duration{1}, engine);
}

void ElasticProcess::apply(const std::vector<Allocation>& wanted, Engine& engine) {
  HYPERDC_CHECK(wanted.size() == active_.size(), "an allocator forgot a job");
  for (std::size_t i = 0; i < active_.size(); ++i) {
    Live& live = live_[active_[i]];
    if (live.run.held() != wanted[i] && live.run.servers_held() > 0) stop(live, engine);
  }
  for (std::size_t i = 0; i < active_.size(); ++i) {
    Live& live = live_[active_[i]];
    if (live.run.held() != wanted[i]) start(live, wanted[i], engine);
  }
}

void ElasticProcess::stop(Live& live, Engine& engine) {
  account_stop(world_, pool_, live.job, engine);
  wait_again(pool_, live.job);
}

void ElasticProcess::start(Live& live, const Allocation& wanted, Engine& engine) {
  WorkloadState& workload = world_.workloads[workload_];
  std::vector<ServerId> servers;
  for (std::uint32_t s = 0; s < wanted.size(); ++s) servers.insert(servers.end(), wanted[s], {s});
  live.run.give(wanted, engine.now());
  if (servers.empty()) {
    ++workload.preempted;
    ++pool_.states[live.job.value].preemptions;
    note_reason(pool_, live.job, "the allocator gave what it had to others");
    return;
  }
  if (pool_.states[live.job.value].has_started) ++workload.elastic.restarts;
  PoolActions(world_, pool_, engine).start_at(live.job, servers, "the allocator gave it these");
}

/// A job on several servers is slower where another such job is on one of them.
void ElasticProcess::set_interference(Engine& engine) {
  if (spec_.interference == 0) return;
  std::vector<std::uint32_t> spread(capacity_.size(), 0);  // such jobs, by server
  for (const std::size_t row : active_) {
    const ElasticRun& run = live_[row].run;
    for (std::size_t s = 0; s < spread.size(); ++s) {
      if (run.servers_held() > 1 && run.held()[s] > 0) ++spread[s];
    }
  }
  for (const std::size_t row : active_) {
    Live& live = live_[row];
    ElasticRun& run = live.run;
    bool beside = false;
    for (std::size_t s = 0; s < spread.size(); ++s) {
      beside = beside || (run.servers_held() > 1 && run.held()[s] > 0 && spread[s] > 1);
    }
    const double share = beside ? spec_.interference : 0;
    if (run.interference() == share) continue;
    run.advance(engine.now(), world_.workloads[workload_].elastic);
    run.set_interference(share);
    schedule_epoch(live, engine);
  }
}

void ElasticProcess::schedule_epoch(Live& live, Engine& engine) {
  if (live.ends != kNoEvent) engine.cancel(live.ends);
  live.ends = kNoEvent;
  const std::optional<SimTime> at = live.run.epoch_ends(engine.now());
  if (!at) return;
  live.ends = engine.schedule(*at, Phase::physics, self_,
                              static_cast<std::uint32_t>(ElasticEvent::epoch), live.number);
}

void ElasticProcess::end_epoch(std::size_t row, Engine& engine) {
  Live& live = live_[row];
  live.ends = kNoEvent;
  live.run.advance(engine.now(), world_.workloads[workload_].elastic);
  if (!live.run.end_epoch()) {
    live.run.spread();
    schedule_epoch(live, engine);
    return;
  }
  std::erase(active_, row);
  live.there = false;
  finish_job(world_, pool_, live.job, engine);
  set_interference(engine);
  leave_off(engine);
}

}  // namespace hyperdc
