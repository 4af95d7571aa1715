#include "world/service/shared_work.hpp"

#include <algorithm>

#include "world/service/inference.hpp"

namespace hyperdc {

namespace {

ProcessorSharing::Capacity capacity_of(const ServiceContext& c, const ReplicaState& replica) {
  return {replica.speed, static_cast<double>(c.service.spec->instance.concurrency)};
}

/// Plans the next completion anew, after the number there or the speed has changed.
void plan(const ServiceContext& c, const DeploymentState& deployment, std::uint32_t replica,
          SharedWork& shared) {
  if (shared.work.empty()) {
    if (shared.next != kNoEvent) c.engine.cancel(shared.next);
    shared.next = kNoEvent;
    return;
  }
  const Duration left = shared.work.until_first(capacity_of(c, deployment.replicas[replica]));
  const SimTime at = c.engine.now() + left;
  if (shared.next == kNoEvent) {
    shared.next = c.engine.schedule(at, Phase::physics, c.service.process,
                                    static_cast<std::uint32_t>(ServiceEvent::shared),
                                    replica_arg(deployment.index, replica));
  } else {
    shared.next = c.engine.reschedule(shared.next, at);
  }
}

void set_busy(ReplicaState& replica, const SharedWork& shared, std::uint32_t slots) {
  replica.busy = std::min(static_cast<std::uint32_t>(shared.work.size()), slots);
}

}  // namespace

void share(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica,
           std::uint32_t slot) {
  const std::uint32_t slots = c.service.spec->instance.concurrency;
  SharedWork& shared = deployment.infos[replica].shared;
  ReplicaState& state = deployment.replicas[replica];
  RequestState& request = c.service.requests[slot];
  shared.work.advance(c.engine.now(), capacity_of(c, state));
  shared.work.add(static_cast<double>(request.work_ns), slot);
  request.phase = RequestPhase::serving;
  request.holds = true;
  set_busy(state, shared, slots);
  plan(c, deployment, replica, shared);
}

std::uint32_t unshare_first(const ServiceContext& c, DeploymentState& deployment,
                            std::uint32_t replica) {
  const std::uint32_t slots = c.service.spec->instance.concurrency;
  SharedWork& shared = deployment.infos[replica].shared;
  shared.next = kNoEvent;
  shared.work.advance(c.engine.now(), capacity_of(c, deployment.replicas[replica]));
  const std::uint32_t done = shared.work.take_first();
  set_busy(deployment.replicas[replica], shared, slots);
  plan(c, deployment, replica, shared);
  return done;
}

void clear_shared(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica) {
  SharedWork& shared = deployment.infos[replica].shared;
  shared.work.clear();
  plan(c, deployment, replica, shared);
}

void set_replica_speed(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica,
                       double speed) {
  ReplicaState& state = deployment.replicas[replica];
  if (c.service.spec->instance.discipline != Discipline::ps) {
    state.speed = speed;  // of requests that begin from now on
    if (c.service.inference) change_engine_speed(c, deployment, replica);
    return;
  }
  SharedWork& shared = deployment.infos[replica].shared;
  shared.work.advance(c.engine.now(), capacity_of(c, state));
  state.speed = speed;
  plan(c, deployment, replica, shared);
}

}  // namespace hyperdc
