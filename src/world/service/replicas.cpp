#include "world/service/replicas.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include <hyperdc/core/assert.hpp>

#include "policy/scheduler/schedulers.hpp"
#include "scenario/policy_entry.hpp"
#include "workload/format_reader.hpp"
#include "world/control_plane.hpp"
#include "world/held.hpp"
#include "world/pool.hpp"
#include "world/service/fluid.hpp"
#include "world/service/health.hpp"
#include "world/service/replication.hpp"
#include "world/service/rollout.hpp"
#include "world/service/scaling.hpp"
#include "world/service/shared_work.hpp"
#include "world/service/spread.hpp"
#include "world/service/warm_pool.hpp"
#include "world/service/weights.hpp"

namespace hyperdc {

namespace {

PoolState& pool_of(const ServiceContext& c, const DeploymentState& deployment) {
  return c.world.pools[deployment.spec->pool];
}

std::uint32_t take_slot(DeploymentState& deployment) {
  if (!deployment.free_slots.empty()) {
    const std::uint32_t slot = deployment.free_slots.back();
    deployment.free_slots.pop_back();
    return slot;
  }
  HYPERDC_CHECK(deployment.replicas.size() < kMaxReplicas, "a deployment has too many replicas");
  deployment.replicas.emplace_back();
  deployment.infos.emplace_back();
  deployment.load.push_back(0);
  return static_cast<std::uint32_t>(deployment.replicas.size() - 1);
}

/// Nothing where every request is taken: the common case costs nothing then.
std::unique_ptr<Admission> make_admission(const ServiceState& service) {
  const PolicyChoice& choice = service.spec->admission;
  if (choice.policy == "always") return nullptr;
  AdmissionContext context;
  if (const auto& model = service.spec->inference) context.first_token = model->slo_ttft;
  return entry_of(admissions(), choice).make(choice.params, context);
}

void cancel_event(const ServiceContext& c, const DeploymentState& deployment, ReplicaInfo& info) {
  if (info.event != kNoEvent) c.engine.cancel(info.event);
  info.event = kNoEvent;
  drop_weights(c, deployment, info);
}

void publish(const ServiceContext& c, DeploymentState& deployment) {
  const SimTime now = c.engine.now();
  const std::uint32_t ready = serving(deployment);
  deployment.ready_level.set(now, ready);
  c.world.recorder->level(deployment.metrics.ready, now, ready);
  if (c.service.spec->health_check) {
    c.world.recorder->level(deployment.metrics.undetected, now, deployment.dead);
  }
}

std::int64_t ppm_of_speed(const DeploymentState& deployment, std::uint32_t replica) {
  return std::llround(1e6 * deployment.replicas[replica].speed);
}

/// A replica serves from now on, or no more.
void note_serving(const ServiceContext& c, const DeploymentState& deployment, std::uint32_t replica,
                  int sign) {
  const SimTime now = c.engine.now();
  c.service.anywhere.change(now, sign);
  c.service.regions[deployment.spec->region].change(now, sign);
  c.service.zones[deployment.infos[replica].zone].change(now, sign);
}

void add_to_ready(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica) {
  deployment.infos[replica].ready_at = static_cast<std::uint32_t>(deployment.ready.size());
  deployment.ready.push_back(replica);
  deployment.speed_ppm.change(c.engine.now(), ppm_of_speed(deployment, replica));
  deployment.router->added(replica);
  note_serving(c, deployment, replica, +1);
  publish(c, deployment);
}

void take_from_ready(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica) {
  const std::uint32_t hole = deployment.infos[replica].ready_at;
  deployment.ready[hole] = deployment.ready.back();
  deployment.infos[deployment.ready[hole]].ready_at = hole;
  deployment.ready.pop_back();
  deployment.speed_ppm.change(c.engine.now(), -ppm_of_speed(deployment, replica));
  deployment.router->removed(replica);
  if (deployment.replicas[replica].phase != ReplicaPhase::dead) {
    note_serving(c, deployment, replica, -1);
  }
  publish(c, deployment);
}

void take_from_ages(DeploymentState& deployment, std::uint32_t replica) {
  const auto at = std::find(deployment.by_age.rbegin(), deployment.by_age.rend(), replica);
  HYPERDC_CHECK(at != deployment.by_age.rend(), "a replica left that was not there");
  deployment.by_age.erase(std::next(at).base());
}

void hold_server(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica,
                 int sign) {
  const PoolState& pool = pool_of(c, deployment);
  ReplicaInfo& info = deployment.infos[replica];
  if (sign > 0) {
    const ServerId server = pool.states[info.job.value].first.server;
    info.block = pool.fleet->block_of(server);
    info.zone = static_cast<std::uint16_t>(c.world.zone_of_rack[pool.block_racks[info.block]]);
    const std::uint32_t part = pool.power_part[info.block];
    const auto at = std::find_if(deployment.parts.begin(), deployment.parts.end(),
                                 [&](const PartUse& use) { return use.part == part; });
    info.part = static_cast<std::uint32_t>(at - deployment.parts.begin());
    if (at == deployment.parts.end()) deployment.parts.emplace_back().part = part;
  }
  const ServerShape& shape = pool.blocks[info.block].shape;
  const std::int64_t ppm = share_ppm(info.each, shape);
  if (deployment.replicas[replica].phase != ReplicaPhase::warm) {
    drive_server(deployment, replica, sign);
  }
  deployment.parts[info.part].held_ppm.change(c.engine.now(), sign * ppm);
  deployment.placed_level.change(c.engine.now(), sign);
}

bool placed(ReplicaPhase phase) {
  return phase == ReplicaPhase::starting || phase == ReplicaPhase::ready ||
         phase == ReplicaPhase::draining || phase == ReplicaPhase::warm;
}

void end_job_of(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica) {
  if (!has_job(c, deployment, replica)) return;
  end_job(c.world, pool_of(c, deployment), deployment.infos[replica].job, c.engine);
}

/// The slot is free again; requests, routing and events were seen to.
void free_slot(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica) {
  ReplicaState& state = deployment.replicas[replica];
  if (placed(state.phase)) hold_server(c, deployment, replica, -1);
  flush_replica(deployment, replica, c.engine.now());
  state.phase = ReplicaPhase::free;
  deployment.free_slots.push_back(replica);
}

/// Takes the replica out of everything but its requests.
void take_out(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica) {
  const ReplicaPhase phase = deployment.replicas[replica].phase;
  cancel_event(c, deployment, deployment.infos[replica]);
  if (phase == ReplicaPhase::ready) take_from_ready(c, deployment, replica);
  if (deployment.infos[replica].in_warm_pool) return leave_warm_pool(c, deployment, replica);
  if (phase != ReplicaPhase::draining) take_from_ages(deployment, replica);
}

/// What a replica had is lost with it.
void crash_replica(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica,
                   bool was_ready) {
  if (c.service.fluid) {
    if (was_ready) crash_fluid(c.service, deployment);
    return;
  }
  crash_requests(c, deployment, replica);
  if (was_ready) lose_region(c, deployment.spec->region);
}

/// The replica is gone; the load balancer goes on sending requests there.
void die_unnoticed(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica) {
  cancel_event(c, deployment, deployment.infos[replica]);
  take_from_ages(deployment, replica);
  hold_server(c, deployment, replica, -1);
  ++deployment.lost_replicas;
  ++deployment.dead;
  deployment.replicas[replica].phase = ReplicaPhase::dead;
  note_serving(c, deployment, replica, -1);
  publish(c, deployment);
  crash_requests(c, deployment, replica);
  lose_region(c, deployment.spec->region);
  await_unhealthy(c, deployment, replica);
  note_load(deployment, replica);
}

}  // namespace

bool has_job(const ServiceContext& c, const DeploymentState& deployment, std::uint32_t replica) {
  const PoolState& pool = c.world.pools[deployment.spec->pool];
  const ReplicaInfo& info = deployment.infos[replica];
  return pool.states[info.job.value].there &&
         job_tag(pool.jobs[info.job.value].number) == info.job_tag;
}

void schedule_replica(const ServiceContext& c, const DeploymentState& deployment,
                      std::uint32_t replica, ServiceEvent kind, SimTime at, EventId& id) {
  id = c.engine.schedule(at, Phase::physics, c.service.process, static_cast<std::uint32_t>(kind),
                         replica_arg(deployment.index, replica));
}

bool may_leave(const ServiceContext& c, const DeploymentState& deployment, std::uint32_t replica) {
  if (!placed(deployment.replicas[replica].phase)) return true;
  const PoolState& pool = c.world.pools[deployment.spec->pool];
  return !launch_is_out(c.world, pool.block_racks[deployment.infos[replica].block]);
}

void drive_server(DeploymentState& deployment, std::uint32_t replica, int sign) {
  const ReplicaInfo& info = deployment.infos[replica];
  const Resources each = total_of(info.each, 1);
  deployment.parts[info.part].cores_milli += sign * each.cores_milli;
  deployment.parts[info.part].accelerator_milli += sign * each.accelerator_milli;
}

void create_replica(const ServiceContext& c, DeploymentState& deployment, std::uint32_t version) {
  if (take_from_warm_pool(c, deployment, version)) return;
  ask_for_replica(c, deployment, version, deployment.by_age);
  if (c.engine.now().ns > 0) ++deployment.cold_starts;
}

void ask_for_replica(const ServiceContext& c, DeploymentState& deployment, std::uint32_t version,
                     std::vector<std::uint32_t>& among) {
  const SimTime now = c.engine.now();
  const std::uint32_t slot = take_slot(deployment);
  ReplicaState& replica = deployment.replicas[slot];
  replica = ReplicaState{};
  replica.since = now;
  replica.phase = ReplicaPhase::pending;
  ReplicaInfo& info = deployment.infos[slot];
  info = ReplicaInfo{};
  info.number = deployment.created++;
  info.created = now;
  info.version = version;
  info.there_from_the_start = now.ns == 0;
  info.admission = make_admission(c.service);
  info.in_warm_pool = &among == &deployment.warm_pool;
  among.push_back(slot);
  JobRecord record;
  record.submit = now;
  static_assert(kNeverEstimate >= kUnknownRunTime);  // schedulers see that it has no end
  record.estimate = kNeverEstimate;
  info.each = deployment.each;
  record.each = info.each;
  if (c.service.spec->spread) record.each.zones = choose_zone(c, deployment, slot);
  record.members = 1;
  record.priority = c.service.spec->instance.priority;
  record.name = c.service.spec->name + "-" + std::to_string(info.number);
  info.job = submit_job(c.world, pool_of(c, deployment), deployment.spec->workload, record,
                        c.engine, owner_arg(deployment.index, slot));
  info.job_tag = job_tag(pool_of(c, deployment).jobs[info.job.value].number);
}

std::optional<std::uint32_t> victim_among(const ServiceContext& c,
                                          const DeploymentState& deployment,
                                          const std::function<bool(std::uint32_t)>& may) {
  const bool spread = c.service.spec->spread;
  std::vector<std::uint32_t> by_zone;
  if (spread) by_zone = replicas_by_zone(c.world, deployment, deployment.by_age);
  for (const ReplicaPhase phase :
       {ReplicaPhase::pending, ReplicaPhase::starting, ReplicaPhase::ready}) {
    std::optional<std::uint32_t> victim;
    std::uint32_t most = 0;
    for (auto at = deployment.by_age.rbegin(); at != deployment.by_age.rend(); ++at) {
      if (deployment.replicas[*at].phase != phase || !may(*at) || !may_leave(c, deployment, *at)) {
        continue;
      }
      const ReplicaInfo& info = deployment.infos[*at];
      const std::uint32_t there = spread && info.meant_for_zone ? by_zone[info.zone] : 0;
      if (!victim || there > most) {
        most = there;
        victim = *at;
      }
      if (!spread) break;
    }
    if (victim) return victim;
  }
  return std::nullopt;
}

void remove_replica(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica) {
  ReplicaState& state = deployment.replicas[replica];
  take_out(c, deployment, replica);
  if (c.service.fluid && state.phase == ReplicaPhase::ready) {
    const Duration left = fluid_drain_time(c.service, deployment);
    if (left.ns > 0) {
      state.phase = ReplicaPhase::draining;
      schedule_replica(c, deployment, replica, ServiceEvent::drained, c.engine.now() + left,
                       deployment.infos[replica].event);
      return;
    }
  }
  if (state.phase != ReplicaPhase::ready || deployment.load[replica] == 0) {
    return retire_replica(c, deployment, replica);
  }
  state.phase = ReplicaPhase::draining;
  const auto& drain = c.service.spec->instance.drain;
  if (drain) {
    schedule_replica(c, deployment, replica, ServiceEvent::drained, c.engine.now() + *drain,
                     deployment.infos[replica].event);
  }
}

void replica_placed(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica) {
  ReplicaState& state = deployment.replicas[replica];
  if (state.phase != ReplicaPhase::pending) return;
  if (!has_job(c, deployment, replica)) return;  // lost in the same moment
  state.phase = ReplicaPhase::starting;
  hold_server(c, deployment, replica, +1);
  ReplicaInfo& info = deployment.infos[replica];
  info.registered = c.engine.now();
  info.meant_for_zone = true;
  const bool at_once = info.there_from_the_start && c.engine.now().ns == 0;
  Duration start;
  if (!at_once) {
    start = seconds(c.service.start.draw(c.service.start_draws, info.number,
                                         std::uint64_t{deployment.index} << 32));
    if (weights_from_store(c, deployment, replica, start)) return;
    if (c.service.spec->inference) {
      start = start + c.service.spec->inference->engines[deployment.index].load;
    }
  }
  schedule_replica(c, deployment, replica, ServiceEvent::started, c.engine.now() + start,
                   info.event);
}

void replica_started(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica) {
  ReplicaInfo& info = deployment.infos[replica];
  info.event = kNoEvent;
  if (info.in_warm_pool) return wait_in_warm_pool(c, deployment, replica);
  const bool known = info.there_from_the_start && c.engine.now().ns == 0;
  if (c.service.spec->health_check && !known) return await_healthy(c, deployment, replica);
  replica_healthy(c, deployment, replica);
}

void replica_healthy(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica) {
  ReplicaState& state = deployment.replicas[replica];
  ReplicaInfo& info = deployment.infos[replica];
  info.event = kNoEvent;
  refresh_speed(c, deployment, replica);
  info.awaits_verdict = false;
  state.phase = ReplicaPhase::ready;
  info.ready_since = c.engine.now();
  add_to_ready(c, deployment, replica);
  note_exposure(c, info.version);
  const InstanceSpec& instance = c.service.spec->instance;
  if (instance.warmup.ns > 0 && !(info.there_from_the_start && c.engine.now().ns == 0)) {
    info.warmth = instance.warmup_speed;
    refresh_speed(c, deployment, replica);
    schedule_replica(c, deployment, replica, ServiceEvent::warm, c.engine.now() + instance.warmup,
                     info.event);
  }
  review_rollout(c, deployment);
}

void replica_warm(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica) {
  deployment.infos[replica].event = kNoEvent;
  deployment.infos[replica].warmth = 1;
  refresh_speed(c, deployment, replica);
}

void refresh_speed(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica) {
  const PoolState& pool = pool_of(c, deployment);
  const ReplicaInfo& info = deployment.infos[replica];
  const double server = pool.speed.empty() ? 1.0 : pool.speed[info.block];
  const auto cores = static_cast<double>(c.service.spec->instance.each.cores_milli);
  const double size = cores > 0 ? static_cast<double>(info.each.cores_milli) / cores : 1.0;
  const double speed = info.warmth * server * size * speed_of_version(c.service, info.version);
  if (speed == deployment.replicas[replica].speed) return;
  const bool ready = deployment.replicas[replica].phase == ReplicaPhase::ready;
  const std::int64_t before = ppm_of_speed(deployment, replica);
  set_replica_speed(c, deployment, replica, speed);
  if (!ready) return;
  deployment.speed_ppm.change(c.engine.now(), ppm_of_speed(deployment, replica) - before);
}

void replica_stopped(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica) {
  ReplicaState& state = deployment.replicas[replica];
  if (!placed(state.phase)) return;
  cancel_event(c, deployment, deployment.infos[replica]);
  const bool was_ready = state.phase == ReplicaPhase::ready;
  if (was_ready) take_from_ready(c, deployment, replica);
  const bool was_draining = state.phase == ReplicaPhase::draining;
  hold_server(c, deployment, replica, -1);
  ++deployment.lost_replicas;
  state.phase = ReplicaPhase::pending;
  deployment.infos[replica].ready_since.reset();
  deployment.infos[replica].awaits_verdict = false;
  crash_replica(c, deployment, replica, was_ready);
  publish_warm_pool(c, deployment);
  if (!was_draining) return;
  end_job_of(c, deployment, replica);
  free_slot(c, deployment, replica);
}

void replica_lost(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica) {
  const ReplicaPhase phase = deployment.replicas[replica].phase;
  if (phase == ReplicaPhase::free) return;
  if (c.service.spec->health_check && phase == ReplicaPhase::ready) {
    die_unnoticed(c, deployment, replica);
    return;
  }
  take_out(c, deployment, replica);
  if (placed(phase)) ++deployment.lost_replicas;
  crash_replica(c, deployment, replica, phase == ReplicaPhase::ready);
  free_slot(c, deployment, replica);
}

void replica_evicted(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica) {
  const ReplicaPhase phase = deployment.replicas[replica].phase;
  deployment.infos[replica].back_to_warm_pool = false;  // not on this server
  if (phase != ReplicaPhase::starting && phase != ReplicaPhase::ready &&
      phase != ReplicaPhase::warm) {
    return;
  }
  // Its job may have been stopped in this moment: the replica is lost then, as it will learn.
  if (!has_job(c, deployment, replica) || !may_leave(c, deployment, replica)) return;
  if (!pool_of(c, deployment).jobs[deployment.infos[replica].job.value].running) return;
  remove_replica(c, deployment, replica);
  replace_lost(c, deployment);
}

void replica_unhealthy(const ServiceContext& c, DeploymentState& deployment,
                       std::uint32_t replica) {
  deployment.infos[replica].event = kNoEvent;
  deployment.infos[replica].awaits_verdict = false;
  --deployment.dead;
  take_from_ready(c, deployment, replica);
  release_dead(c, deployment, replica);
}

void release_dead(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica) {
  if (deployment.replicas[replica].phase != ReplicaPhase::dead) return;
  if (deployment.infos[replica].awaits_verdict || deployment.load[replica] > 0) return;
  free_slot(c, deployment, replica);
}

void drain_ends(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica) {
  deployment.infos[replica].event = kNoEvent;
  crash_requests(c, deployment, replica);
  retire_replica(c, deployment, replica);
}

void retire_replica(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica) {
  cancel_event(c, deployment, deployment.infos[replica]);
  if (back_to_warm_pool(c, deployment, replica)) return;
  end_job_of(c, deployment, replica);
  free_slot(c, deployment, replica);
}

void flush_replica(DeploymentState& deployment, std::uint32_t replica, SimTime now) {
  ReplicaState& state = deployment.replicas[replica];
  account_replica(state, deployment.load[replica], now);
  deployment.busy_ns += state.busy_ns;
  deployment.load_ns += state.load_ns;
  state.busy_ns = state.load_ns = 0;
}

}  // namespace hyperdc
