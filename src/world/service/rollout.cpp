#include "world/service/rollout.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "world/service/replicas.hpp"

namespace hyperdc {

namespace {

using Step = RolloutState::Phase;

/// Share of a deployment's replicas that are to have the new version now.
double share_of(const RolloutState& state, std::uint32_t deployment) {
  double share = 0;
  if (state.phase == Step::returning) return share;
  const std::vector<WaveSpec>& waves = state.spec().waves;
  for (std::uint32_t w = 0; w <= state.wave; ++w) {
    if (waves[w].deployments[deployment]) share = std::max(share, waves[w].share);
  }
  return share;
}

std::uint32_t portion(double share, std::uint32_t whole, bool up) {
  constexpr double kSlack = 1e-9;  // 0.1 * 30 is 3
  const double part = share * whole;
  return static_cast<std::uint32_t>(up ? std::ceil(part - kSlack) : std::floor(part + kSlack));
}

struct Census {
  std::uint32_t fresh = 0, old = 0;  // there, draining ones excluded
};

Census count_versions(const RolloutState& state, const DeploymentState& deployment) {
  Census census;
  for (const std::uint32_t replica : deployment.by_age) {
    const bool fresh = deployment.infos[replica].version == state.version;
    ++(fresh ? census.fresh : census.old);
  }
  return census;
}

std::uint32_t fresh_wanted(const RolloutState& state, const DeploymentState& deployment) {
  return std::min(deployment.wanted,
                  portion(share_of(state, deployment.index), deployment.wanted, true));
}

/// Takes replicas of one version away while there are too many and enough others are ready.
void shrink(const ServiceContext& c, DeploymentState& deployment, bool fresh, std::uint32_t surplus,
            std::uint32_t least_ready) {
  const RolloutState& state = *c.service.rollout;
  const auto of_version = [&](std::uint32_t replica) {
    return (deployment.infos[replica].version == state.version) == fresh;
  };
  while (surplus-- > 0) {
    const std::optional<std::uint32_t> victim = victim_among(c, deployment, of_version);
    if (!victim) return;
    const bool ready = deployment.replicas[*victim].phase == ReplicaPhase::ready;
    if (ready && serving(deployment) <= least_ready) return;
    remove_replica(c, deployment, *victim);
  }
}

void adjust(const ServiceContext& c, DeploymentState& deployment) {
  const RolloutState& state = *c.service.rollout;
  const RollingSpec& rolling =
      state.phase == Step::returning ? state.spec().rollback : state.spec().rolling;
  const std::uint32_t wanted = deployment.wanted;
  const std::uint32_t surge = portion(rolling.surge, wanted, true);
  std::uint32_t unavailable = portion(rolling.unavailable, wanted, false);
  if (surge == 0 && unavailable == 0) unavailable = 1;  // as Kubernetes does: it would stand still
  const std::uint32_t least_ready = wanted - std::min(wanted, unavailable);
  const std::uint32_t fresh = fresh_wanted(state, deployment);
  const std::uint32_t old = wanted - fresh;
  Census there = count_versions(state, deployment);
  if (there.old > old) shrink(c, deployment, false, there.old - old, least_ready);
  if (there.fresh > fresh) shrink(c, deployment, true, there.fresh - fresh, least_ready);
  there = count_versions(state, deployment);
  for (; there.fresh < fresh && deployment.by_age.size() < wanted + surge; ++there.fresh) {
    create_replica(c, deployment, state.version);
  }
  for (; there.old < old && deployment.by_age.size() < wanted + surge; ++there.old) {
    create_replica(c, deployment, state.stable);
  }
}

/// Every deployment has as many ready replicas as it wants, of the right versions.
bool wave_is_done(const ServiceContext& c) {
  const RolloutState& state = *c.service.rollout;
  return std::all_of(c.service.deployments.begin(), c.service.deployments.end(),
                     [&](const DeploymentState& deployment) {
                       const Census there = count_versions(state, deployment);
                       const std::uint32_t fresh = fresh_wanted(state, deployment);
                       return there.fresh == fresh && there.old == deployment.wanted - fresh &&
                              serving(deployment) >= deployment.wanted;
                     });
}

void cancel(const ServiceContext& c, EventId& event) {
  if (event != kNoEvent) c.engine.cancel(event);
  event = kNoEvent;
}

void schedule_rollout(const ServiceContext& c, ServiceEvent kind, Duration after, EventId& event) {
  event = c.engine.schedule(c.engine.now() + after, Phase::control, c.service.process,
                            static_cast<std::uint32_t>(kind), c.service.rollout->version);
}

void review_all(const ServiceContext& c) {
  for (DeploymentState& deployment : c.service.deployments) review_rollout(c, deployment);
}

void begin_next(const ServiceContext& c) {
  RolloutState& state = *c.service.rollout;
  if (state.phase != Step::idle || state.begun == state.due) return;
  cancel(c, state.detection);  // of a bad version that is replaced now
  const std::uint32_t index = state.begun++;
  state.version = index + 1;
  state.wave = 0;
  state.exposed = false;
  state.phase = Step::rolling;
  state.under_way.set(c.engine.now(), 1);
  const RolloutSpec& spec = state.spec();
  RolloutState::Version version;
  if (state.chance_draws.uniform(index, 0) < spec.bad_probability) {
    version = {spec.service_time_factor, spec.error_rate};
    ++state.bad_begun;
  }
  state.versions.push_back(version);
  review_all(c);
}

void end_rollout(const ServiceContext& c) {
  RolloutState& state = *c.service.rollout;
  if (state.phase == Step::returning) {
    ++state.rolled_back;
  } else {
    ++state.finished;
    state.before = state.stable;
    state.stable = state.version;
  }
  state.phase = Step::idle;
  state.under_way.set(c.engine.now(), 0);
  begin_next(c);
}

/// After every change: is the wave done, or the way back?
void proceed(const ServiceContext& c) {
  RolloutState& state = *c.service.rollout;
  if (state.phase == Step::rolling && wave_is_done(c)) {
    state.phase = Step::baking;
    schedule_rollout(c, ServiceEvent::baked, state.spec().waves[state.wave].bake, state.bake);
  } else if (state.phase == Step::returning && wave_is_done(c)) {
    end_rollout(c);
  }
}

}  // namespace

RolloutState::RolloutState(const ServiceWorkload& workload, std::uint64_t seed)
    : specs(&workload.rollouts),
      chance_draws(seed, "workloads." + workload.name + ".rollouts"),
      delay_draws(seed, "workloads." + workload.name + ".rollout_delays"),
      error_draws(seed, "workloads." + workload.name + ".rollout_errors") {}

void rollout_due(const ServiceContext& c) {
  ++c.service.rollout->due;
  begin_next(c);
}

void bake_ends(const ServiceContext& c) {
  RolloutState& state = *c.service.rollout;
  state.bake = kNoEvent;
  if (state.wave + 1 == state.spec().waves.size()) return end_rollout(c);
  ++state.wave;
  state.phase = Step::rolling;
  review_all(c);
}

void bad_version_detected(const ServiceContext& c) {
  RolloutState& state = *c.service.rollout;
  state.detection = kNoEvent;
  cancel(c, state.bake);
  if (state.phase == Step::idle) {  // too late to stop it: it is everywhere
    --state.finished;
    state.stable = state.before;
    state.under_way.set(c.engine.now(), 1);
  }
  state.phase = Step::returning;
  review_all(c);
}

bool review_rollout(const ServiceContext& c, DeploymentState& deployment) {
  RolloutState* state = c.service.rollout.get();
  if (state == nullptr || state->phase == Step::idle) return false;
  if (state->reviewing) return true;
  state->reviewing = true;
  adjust(c, deployment);
  state->reviewing = false;
  proceed(c);
  return true;
}

std::uint32_t version_of_next(const ServiceState& service, const DeploymentState& deployment) {
  if (!service.rollout) return 0;
  const RolloutState& state = *service.rollout;
  if (state.phase == Step::idle) return state.stable;
  const bool lacks = count_versions(state, deployment).fresh < fresh_wanted(state, deployment);
  return lacks ? state.version : state.stable;
}

void note_exposure(const ServiceContext& c, std::uint32_t version) {
  RolloutState* state = c.service.rollout.get();
  if (state == nullptr || state->exposed || state->phase == Step::idle) return;
  if (version != state->version) return;
  state->exposed = true;
  if (!state->versions[version].bad()) return;
  const RolloutSpec& spec = state->spec();
  if (state->chance_draws.uniform(version - 1, 1) >= spec.detection_probability) return;
  const double delay_s = Distribution(spec.detection_delay).draw(state->delay_draws, version - 1);
  schedule_rollout(c, ServiceEvent::detected, seconds(delay_s), state->detection);
}

double speed_of_version(const ServiceState& service, std::uint32_t version) {
  return service.rollout ? 1 / service.rollout->versions[version].factor : 1;
}

bool fails_by_version(const ServiceContext& c, const DeploymentState& deployment,
                      const RequestState& request) {
  RolloutState* state = c.service.rollout.get();
  if (state == nullptr) return false;
  const RolloutState::Version& version = state->versions[deployment.infos[request.replica].version];
  ++state->served;
  if (!version.bad()) return false;
  ++state->served_by_bad;
  if (state->error_draws.uniform(request.number, request.attempts) >= version.error_rate) {
    return false;
  }
  ++state->errors;
  return true;
}

}  // namespace hyperdc
