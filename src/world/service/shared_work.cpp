#include "world/service/shared_work.hpp"

#include <algorithm>
#include <cmath>

#include "world/service/inference.hpp"

namespace hyperdc {

namespace {

/// Heap order: the least (done_at, order) on top.
bool later(const SharedWork::Entry& a, const SharedWork::Entry& b) {
  return a.done_at != b.done_at ? a.done_at > b.done_at : a.order > b.order;
}

double rate_of(const SharedWork& shared, std::uint32_t slots, double speed) {
  const auto n = static_cast<double>(shared.heap.size());
  return n <= slots ? speed : speed * slots / n;
}

void advance(SharedWork& shared, std::uint32_t slots, double speed, SimTime now) {
  if (!shared.heap.empty()) {
    shared.progress += static_cast<double>((now - shared.at).ns) * rate_of(shared, slots, speed);
  }
  shared.at = now;
}

/// Plans the next completion anew, after the number there or the speed has changed.
void plan(const ServiceContext& c, const DeploymentState& deployment, std::uint32_t replica,
          SharedWork& shared) {
  const std::uint32_t slots = c.service.spec->instance.concurrency;
  if (shared.heap.empty()) {
    if (shared.next != kNoEvent) c.engine.cancel(shared.next);
    shared.next = kNoEvent;
    shared.progress = 0;
    return;
  }
  const double left = std::max(0.0, shared.heap.front().done_at - shared.progress);
  const double ns = left / rate_of(shared, slots, deployment.replicas[replica].speed);
  const SimTime at = c.engine.now() + Duration{static_cast<std::int64_t>(std::ceil(ns))};
  if (shared.next == kNoEvent) {
    shared.next = c.engine.schedule(at, Phase::physics, c.service.process,
                                    static_cast<std::uint32_t>(ServiceEvent::shared),
                                    replica_arg(deployment.index, replica));
  } else {
    shared.next = c.engine.reschedule(shared.next, at);
  }
}

void set_busy(ReplicaState& replica, const SharedWork& shared, std::uint32_t slots) {
  replica.busy = std::min(static_cast<std::uint32_t>(shared.heap.size()), slots);
}

}  // namespace

void share(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica,
           std::uint32_t slot) {
  const std::uint32_t slots = c.service.spec->instance.concurrency;
  SharedWork& shared = deployment.infos[replica].shared;
  ReplicaState& state = deployment.replicas[replica];
  RequestState& request = c.service.requests[slot];
  advance(shared, slots, state.speed, c.engine.now());
  shared.heap.push_back(
      {shared.progress + static_cast<double>(request.work_ns), shared.entered++, slot});
  std::push_heap(shared.heap.begin(), shared.heap.end(), later);
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
  advance(shared, slots, deployment.replicas[replica].speed, c.engine.now());
  std::pop_heap(shared.heap.begin(), shared.heap.end(), later);
  const SharedWork::Entry done = shared.heap.back();
  shared.heap.pop_back();
  set_busy(deployment.replicas[replica], shared, slots);
  plan(c, deployment, replica, shared);
  return done.request;
}

void clear_shared(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica) {
  SharedWork& shared = deployment.infos[replica].shared;
  shared.heap.clear();
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
  advance(shared, c.service.spec->instance.concurrency, state.speed, c.engine.now());
  state.speed = speed;
  plan(c, deployment, replica, shared);
}

}  // namespace hyperdc
