#include "world/process/maintenance.hpp"

#include <algorithm>
#include <array>
#include <variant>

#include <hyperdc/core/assert.hpp>

#include "world/availability.hpp"

namespace hyperdc {

MaintenanceProcess::MaintenanceProcess(World& world, std::uint32_t index)
    : world_(world),
      books_(world.failures[index]),
      spec_(std::get<Maintenance>(books_.spec->what)),
      name_("failures." + books_.spec->name),
      racks_(world, books_.spec->of, books_.spec->racks) {}

std::string_view MaintenanceProcess::kind_name(std::uint32_t kind) const {
  constexpr std::array<std::string_view, 4> kNames{"round", "drained", "done", "deadline"};
  return kNames.at(kind);
}

void MaintenanceProcess::begin(ProcessId self, Engine& engine) {
  self_ = self;
  engine.schedule(SimTime{} + spec_.first, Phase::fault, self_, kRound);
}

void MaintenanceProcess::handle(const Event& event, Engine& engine) {
  switch (static_cast<Kind>(event.kind)) {
    case kRound:
      if (spec_.every.ns > 0) {
        engine.schedule(engine.now() + spec_.every, Phase::fault, self_, kRound);
      }
      if (under_way_) return;
      under_way_ = true;
      wave_ = wave_end_ = 0;
      begin_wave(engine);
      break;
    case kDrained:
      drained(event.arg, engine);
      break;
    case kDeadline:
      if (event.arg == waves_ && to_drain_ > 0) {
        const auto left = jobs_of_wave();
        world_.recorder->add(books_.stopped, engine.now(), static_cast<double>(left.size()));
      }
      break;
    case kDone:
      end_wave(engine);
      begin_wave(engine);
      break;
  }
}

template <class Visit>
void MaintenanceProcess::for_each_server_of_wave(Visit visit) const {
  for (std::uint32_t rack = wave_; rack < wave_end_; ++rack) {
    racks_.for_each_server(rack, visit);
  }
}

void MaintenanceProcess::begin_wave(Engine& engine) {
  wave_ = wave_end_;
  wave_end_ = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(racks_.count(), std::uint64_t{wave_} + spec_.racks_at_once));
  under_way_ = wave_ < wave_end_;
  if (!under_way_) return;
  to_drain_ = 0;
  begun_ = engine.now();
  ++waves_;
  // What has its drain this moment leaves before what is left is lost.
  const Duration drain = std::max(spec_.drain, Duration{1});
  // Before the pools stop what is left, so that it can be counted.
  engine.schedule(engine.now() + drain, Phase::fault, self_, kDeadline, waves_);
  for_each_server_of_wave([&](std::uint32_t, ServerId) { ++to_drain_; });
  for_each_server_of_wave([&](std::uint32_t pool, ServerId server) {
    const DrainWaiter waiter{self_, kDrained, (std::uint64_t{pool} << 32) | server.value};
    start_drain(world_, world_.pools[pool], server, engine, engine.now() + drain, waiter);
    evict_replicas(world_, world_.pools[pool], server, engine);
  });
  if (spec_.move) move_jobs(engine);
}

/// Jobs on servers of the wave that are no replicas, each once.
std::vector<std::pair<std::uint32_t, JobId>> MaintenanceProcess::jobs_of_wave() const {
  std::vector<std::pair<std::uint32_t, JobId>> all;
  std::vector<JobId> here;
  for_each_server_of_wave([&](std::uint32_t pool, ServerId server) {
    list_residents(world_.pools[pool], server, 0, here);
    for (const JobId job : here) {
      const PoolState& state = world_.pools[pool];
      const std::uint32_t workload = state.states[job.value].workload;
      if (world_.workloads[workload].spec->service || !state.jobs[job.value].running) continue;
      all.emplace_back(pool, job);
    }
  });
  const auto key = [](const auto& one) { return std::pair(one.first, one.second.value); };
  std::sort(all.begin(), all.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

void MaintenanceProcess::move_jobs(Engine& engine) {
  const auto jobs = jobs_of_wave();
  for (const auto& [pool, job] : jobs) {
    stop_by_failure(world_, world_.pools[pool], job, engine, "its server is to be emptied");
  }
  world_.recorder->add(books_.moved, engine.now(), static_cast<double>(jobs.size()));
}

void MaintenanceProcess::drained(std::uint64_t arg, Engine& engine) {
  PoolState& pool = world_.pools[arg >> 32];
  const ServerId server{static_cast<std::uint32_t>(arg)};
  take_down(world_, pool, server, engine, "its server is in maintenance");
  books_.down += 1;
  world_.recorder->level(books_.down_level, engine.now(), static_cast<double>(books_.down));
  HYPERDC_CHECK(to_drain_ > 0, "a server was drained that nobody waits for");
  if (--to_drain_ == 0) {
    world_.recorder->sample(books_.emptied, engine.now(), to_seconds(engine.now() - begun_));
    engine.schedule(engine.now() + spec_.lasts, Phase::fault, self_, kDone);
  }
}

void MaintenanceProcess::end_wave(Engine& engine) {
  for_each_server_of_wave([&](std::uint32_t pool, ServerId server) {
    bring_up(world_, world_.pools[pool], server, engine);
    books_.down -= 1;
  });
  world_.recorder->add(books_.count, engine.now(), wave_end_ - wave_);
  world_.recorder->level(books_.down_level, engine.now(), static_cast<double>(books_.down));
}

}  // namespace hyperdc
