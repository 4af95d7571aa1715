#include "world/platforms.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

#include "world/held.hpp"
#include "world/metric_values.hpp"
#include "world/pipelines.hpp"
#include "world/platform_spot.hpp"

namespace hyperdc {
namespace {

constexpr std::array<const char*, kPlatformPhases> kPhases = {"provision", "pull", "stage", "run",
                                                              "upload"};
constexpr std::size_t kRun = 3;
constexpr std::uint64_t kAttributesOfDraw = 1024;  // core/distribution.hpp

PlatformState* platform_state(const World& world, const PoolState& pool, JobId job) {
  if (pool.platforms == nullptr) return nullptr;
  return world.workloads[pool.states[job.value].workload].platform.get();
}

/// Where a start of this length got to.
PlatformTimes split(const PlatformSpec& spec, const PlatformSetUp& set_up, Duration held,
                    bool finished) {
  PlatformTimes out;
  Duration left = held;
  const auto take = [&](Duration part) {
    const Duration taken = std::min(left, part);
    left = left - taken;
    return taken;
  };
  out[0] = take(set_up.provision);
  out[1] = take(set_up.pull);
  out[2] = take(set_up.stage);
  if (finished) out[4] = take(spec.upload);
  out[kRun] = left;
  return out;
}

std::int64_t rounded_up(std::int64_t ns, Duration granularity) {
  return (ns + granularity.ns - 1) / granularity.ns * granularity.ns;
}

std::int64_t billed_ns(const PlatformSpec& spec, const PlatformTimes& times) {
  std::int64_t ns = spec.bills_provision ? times[0].ns : 0;
  for (std::size_t i = 1; i < kPlatformPhases; ++i) ns += times[i].ns;
  return ns == 0 ? 0 : rounded_up(std::max(ns, spec.least.ns), spec.granularity);
}

/// The time of one start is paid for, by the servers that it holds.
void add_billed(const PoolState& pool, JobId job, std::int64_t ns, std::vector<Int128>& billed) {
  for (const Share& share : shares_of(pool, job)) {
    const std::uint32_t block = pool.fleet->block_of(share.server);
    billed[block] += Int128{share_ppm(pool.jobs[job.value].each, pool.blocks[block].shape)} * ns;
  }
}

Duration stayed(const PlatformState& state, const PlatformState::Warm& warm, SimTime now) {
  return std::min(now - warm.since, state.spec->keep_alive);
}

bool is_over(const PlatformState& state, const PlatformState::Warm& warm, SimTime now) {
  return now - warm.since > state.spec->keep_alive;
}

void add_stay(const World& world, const PoolState& pool, const PlatformState& state,
              const PlatformState::Warm& warm, SimTime now, std::vector<Int128>& billed) {
  if (warm.since < SimTime{} + world.scenario->warmup) return;
  billed[warm.block] += Int128{share_ppm(warm.each, pool.blocks[warm.block].shape)} *
                        rounded_up(stayed(state, warm, now).ns, state.spec->granularity);
}

/// It stays no longer: books its time.
void end_stay(const World& world, const PoolState& pool, PlatformState& state, std::size_t at,
              SimTime now) {
  const PlatformState::Warm& warm = state.warm[at];
  state.idle_ns += stayed(state, warm, now).ns;
  add_stay(world, pool, state, warm, now, state.billed_ppm_ns);
  state.warm.erase(state.warm.begin() + static_cast<std::ptrdiff_t>(at));
}

void drop_old(const World& world, const PoolState& pool, PlatformState& state, SimTime now) {
  while (!state.warm.empty() && is_over(state, state.warm.front(), now)) {
    end_stay(world, pool, state, 0, now);
  }
}

bool fits_on(const PoolState& pool, const Request& each, ServerId server) {
  const auto devices = pool.fleet->accelerators_left_milli(server);
  const auto whole = std::count(devices.begin(), devices.end(), kWholeAccelerator);
  return whole >= each.accelerators && pool.fleet->cores_left_milli(server) >= each.cores_milli &&
         pool.fleet->memory_left(server) >= each.memory_bytes;
}

/// The job takes servers that stayed for it; the number of them. Those that stayed for others, or
/// for another shape, are lost to these.
std::size_t take_over(World& world, PoolState& pool, JobId job, SimTime now) {
  const PlatformState* own = platform_state(world, pool, job);
  const Request& each = pool.jobs[job.value].each;
  std::size_t taken = 0;
  for (const Share& share : shares_of(pool, job)) {
    for (const std::uint32_t workload : pool.platforms->workloads) {
      PlatformState& state = *world.workloads[workload].platform;
      drop_old(world, pool, state, now);
      bool found = false;
      for (std::size_t i = 0; i < state.warm.size();) {
        const PlatformState::Warm& warm = state.warm[i];
        const bool mine = &state == own && warm.each == each;
        if (warm.server != share.server || (mine && found)) {
          ++i;  // the second of two on one server is for another member
          continue;
        }
        found = found || mine;
        end_stay(world, pool, state, i, now);
      }
      taken += found ? 1 : 0;
    }
  }
  return taken;
}

}  // namespace

PlatformState::PlatformState(const PlatformSpec& spec_in, std::uint64_t seed,
                             const std::string& workload)
    : spec(&spec_in),
      provision(spec_in.provision_s),
      draws(seed, "workloads." + workload + ".platform.provision"),
      interruption_draws(seed, "workloads." + workload + ".platform.interruption"),
      away_draws(seed, "workloads." + workload + ".platform.away"),
      time_ns() {
  if (!spec->spot) return;
  interruption.emplace(spec->spot->interruption_s);
  away.emplace(spec->spot->away_s);
}

void enable_platforms(World& world) {
  for (std::uint32_t w = 0; w < world.workloads.size(); ++w) {
    WorkloadState& workload = world.workloads[w];
    if (workload.spec->platform == nullptr) continue;
    workload.platform =
        std::make_unique<PlatformState>(*workload.spec->platform, world.seed, workload.spec->name);
    PoolState& pool = world.pools[workload.spec->pool];
    if (pool.platforms == nullptr) pool.platforms = std::make_unique<PoolPlatforms>();
    pool.platforms->workloads.push_back(w);
    workload.platform->billed_ppm_ns.resize(pool.blocks.size());
    const std::string prefix = "workloads." + workload.spec->name + ".platform.";
    for (std::size_t i = 0; i < kPlatformPhases; ++i) {
      workload.platform->phases[i] = world.recorder->declare(
          {prefix + kPhases[i], "s", std::string("time of a start in phase ") + kPhases[i],
           MetricKind::sample});
    }
    workload.platform->billed = world.recorder->declare(
        {prefix + "billed", "s", "time of a start that is billed", MetricKind::sample});
  }
  enable_pipelines(world);
}

bool take_warm(const World& world, PoolState& pool, JobId job, SimTime now,
               std::vector<Share>& shares) {
  const PlatformState* state = platform_state(world, pool, job);
  const JobView& view = pool.jobs[job.value];
  if (state == nullptr || view.each.shares_device()) return false;
  for (const PlatformState::Warm& warm : state->warm) {
    if (is_over(*state, warm, now) || warm.each != view.each) continue;
    if (!fits_on(pool, view.each, warm.server)) continue;
    shares.push_back(pool.placer->take_on(view.each, warm.server));
    if (shares.size() == view.members) return true;
  }
  pool.placer->release(view.each, shares);
  shares.clear();
  return false;
}

void platform_starts(World& world, PoolState& pool, JobId job, SimTime now) {
  if (pool.platforms == nullptr) return;
  const std::size_t taken = take_over(world, pool, job, now);
  if (pool.platforms->set_up.size() < pool.jobs.size()) {
    pool.platforms->set_up.resize(pool.jobs.size());
  }
  PlatformSetUp& set_up = pool.platforms->set_up[job.value];
  set_up = {};
  PlatformState* state = platform_state(world, pool, job);
  if (state == nullptr) return;
  const JobView& view = pool.jobs[job.value];
  const bool warm = taken == view.members;
  ++(warm ? state->warm_starts : state->cold_starts);
  if (!warm) {
    set_up.provision =
        seconds(std::max(0.0, state->provision.draw(state->draws, view.number,
                                                    starts_before(pool, job) * kAttributesOfDraw)));
    set_up.pull = state->spec->pull;
  }
  set_up.stage = state->spec->stage;
  state->held.change(now, view.members);
}

Duration set_up_of(const PoolState& pool, JobId job) {
  return pool.platforms == nullptr ? Duration{} : pool.platforms->set_up[job.value].sum();
}

Duration upload_of(const World& world, const PoolState& pool, JobId job) {
  const PlatformState* state = platform_state(world, pool, job);
  return state == nullptr ? Duration{} : state->spec->upload;
}

void platform_stops(World& world, PoolState& pool, JobId job, Engine& engine, bool finished) {
  spot_stops(pool, job, engine);
  const SimTime now = engine.now();
  PlatformState* state = platform_state(world, pool, job);
  if (state == nullptr) return;
  const JobView& view = pool.jobs[job.value];
  const PlatformTimes times =
      split(*state->spec, pool.platforms->set_up[job.value], now - view.started, finished);
  const std::int64_t billed = billed_ns(*state->spec, times);
  for (std::size_t i = 0; i < kPlatformPhases; ++i) {
    state->time_ns[i] += Int128{times[i].ns} * view.members;
    world.recorder->sample(state->phases[i], view.submit, to_seconds(times[i]));
  }
  world.recorder->sample(state->billed, view.submit, to_seconds(Duration{billed}));
  if (view.submit >= SimTime{} + world.scenario->warmup) {
    add_billed(pool, job, billed, state->billed_ppm_ns);
  }
  state->held.change(now, -static_cast<std::int64_t>(view.members));
  if (!finished || state->spec->keep_alive.ns == 0) return;
  for (const Share& share : shares_of(pool, job)) {
    state->warm.push_back({share.server, pool.fleet->block_of(share.server), view.each, now});
    ++state->kept;
  }
}

void lose_kept(World& world, PoolState& pool, ServerId server, SimTime now) {
  if (pool.platforms == nullptr) return;
  for (const std::uint32_t workload : pool.platforms->workloads) {
    PlatformState& state = *world.workloads[workload].platform;
    drop_old(world, pool, state, now);
    for (std::size_t i = state.warm.size(); i-- > 0;) {
      if (state.warm[i].server == server) end_stay(world, pool, state, i, now);
    }
  }
}

std::string_view platform_refuses(const World& world, const PoolState& pool, JobId job) {
  return refused_by_quota(world, pool, job);
}

void platform_submitted(const World& world, PoolState& pool, JobId job, Engine& engine) {
  spot_submitted(world, pool, job, engine);
}

void platform_left(World& world, PoolState& pool, JobId job, Engine& engine, bool finished) {
  spot_left(pool, job, engine);
  step_left(world, pool, job, finished, engine);
}

std::array<Int128, kPlatformPhases> platform_times(const World& world, const PlatformState& state,
                                                   std::uint32_t workload, SimTime end) {
  std::array<Int128, kPlatformPhases> out = state.time_ns;
  const PoolState& pool = world.pools[world.workloads[workload].spec->pool];
  for (const JobId job : pool.running) {
    if (pool.states[job.value].workload != workload) continue;
    const JobView& view = pool.jobs[job.value];
    const PlatformTimes times =
        split(*state.spec, pool.platforms->set_up[job.value], end - view.started, false);
    for (std::size_t i = 0; i < kPlatformPhases; ++i) {
      out[i] += Int128{times[i].ns} * view.members;
    }
  }
  return out;
}

Int128 platform_idle_ns(const PlatformState& state, SimTime end) {
  Int128 sum = state.idle_ns;
  for (const PlatformState::Warm& warm : state.warm) sum += stayed(state, warm, end).ns;
  return sum;
}

namespace {

/// With what runs and stays at the end.
std::vector<Int128> billed_until(const World& world, const PoolState& pool,
                                 const PlatformState& state, std::uint32_t workload, SimTime end) {
  std::vector<Int128> billed = state.billed_ppm_ns;
  for (const PlatformState::Warm& warm : state.warm) {
    add_stay(world, pool, state, warm, end, billed);
  }
  for (const JobId job : pool.running) {
    const JobView& view = pool.jobs[job.value];
    if (pool.states[job.value].workload != workload) continue;
    if (view.submit < SimTime{} + world.scenario->warmup) continue;
    const PlatformTimes times =
        split(*state.spec, pool.platforms->set_up[job.value], end - view.started, false);
    add_billed(pool, job, billed_ns(*state.spec, times), billed);
  }
  return billed;
}

}  // namespace

void read_platform(const World& world, std::uint32_t workload, SimTime end,
                   std::vector<MetricValue>& values) {
  const WorkloadState& of = world.workloads[workload];
  const PlatformState& state = *of.platform;
  const PoolState& pool = world.pools[of.spec->pool];
  const std::string prefix = "workloads." + of.spec->name + ".platform.";
  put(values, prefix + "warm_starts", "times", static_cast<double>(state.warm_starts));
  put(values, prefix + "cold_starts", "times", static_cast<double>(state.cold_starts));
  put(values, prefix + "idle", "server s", per_second(platform_idle_ns(state, end)));
  if (state.spec->quota) {
    put(values, prefix + "quota_waiting", "jobs", static_cast<double>(state.step->held.size()));
  }
  if (state.spec->spot) {
    put(values, prefix + "interruptions", "times", static_cast<double>(state.interruptions));
    put(values, prefix + "expired", "jobs", static_cast<double>(state.expired));
  }
  if (state.spec->spot || state.spec->checkpoints) {
    put(values, prefix + "saved", "s", to_seconds(Duration{state.saved_ns}));
    put(values, prefix + "lost", "s", to_seconds(Duration{state.lost_ns}));
  }
  const std::vector<Int128> billed = billed_until(world, pool, state, workload, end);
  double usd = 0;
  for (std::size_t block = 0; block < billed.size(); ++block) {
    const ServerType& server = world.scenario->server_types[pool.block_type[block]];
    if (!server.price) {
      put_missing(values, prefix + "cost", "USD", fmt::format("{} has no price", server.name));
      return;
    }
    usd += server.price->usd_per_s(to_seconds(world.scenario->warmup), to_seconds(end)) * 1e-6 *
           per_second(billed[block]);
  }
  if (state.spec->spot) usd *= 1 - state.spec->spot->discount;
  put(values, prefix + "cost", "USD", usd);
}

}  // namespace hyperdc
