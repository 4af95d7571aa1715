#include "world/service/queue.hpp"

#include "world/service/answers.hpp"
#include "world/service/inference.hpp"

namespace hyperdc {

namespace {

AdmissionView view_of(const ServiceContext& c, const DeploymentState& deployment,
                      std::uint32_t replica) {
  const ReplicaState& state = deployment.replicas[replica];
  AdmissionView view;
  view.now = c.engine.now();
  view.queued = state.waiting;
  view.in_service = deployment.load[replica] - state.waiting;
  view.slots = c.service.spec->instance.concurrency;
  view.service_mean = c.service.service_mean;
  if (state.head != kNoSlot) {
    view.oldest_wait = view.now - c.service.requests[state.head].entered;
  }
  if (c.service.inference) see_engine(deployment, replica, view);
  return view;
}

AdmissionRequest as_seen(const ServiceContext& c, const RequestState& request, SimTime entered) {
  const RequestClass& request_class = c.service.spec->classes[request.request_class];
  AdmissionRequest seen;
  seen.priority = request_class.priority;
  if (const auto timeout = c.service.client.timeout()) {
    seen.deadline = entered + *timeout;
  } else if (request_class.slo) {
    seen.deadline = request.arrived + *request_class.slo;
  }
  seen.waited = c.engine.now() - entered;
  return seen;
}

void unlink(ServiceState& service, ReplicaState& replica, std::uint32_t slot) {
  RequestState& request = service.requests[slot];
  (request.previous == kNoSlot ? replica.head : service.requests[request.previous].next) =
      request.next;
  (request.next == kNoSlot ? replica.tail : service.requests[request.next].previous) =
      request.previous;
  request.next = request.previous = kNoSlot;
  --replica.waiting;
}

/// A waiting request, already out of the queue, is thrown away.
void drop(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica,
          std::uint32_t slot) {
  RequestState& request = c.service.requests[slot];
  const SimTime now = c.engine.now();
  account_replica(deployment.replicas[replica], deployment.load[replica], now);
  --deployment.load[replica];
  --deployment.in_system;
  deployment.sojourn_ns += (now - request.entered).ns;
  ++deployment.refused;
  c.service.count(Count::refused);
  attempt_fails(c, slot);
}

}  // namespace

bool admits(const ServiceContext& c, const DeploymentState& deployment, std::uint32_t replica,
            std::uint32_t slot) {
  if (c.service.inference && !can_serve(c.service, deployment, slot)) return false;
  const InstanceSpec& instance = c.service.spec->instance;
  if (instance.queue_limit &&
      deployment.load[replica] >= instance.concurrency + *instance.queue_limit) {
    return false;
  }
  Admission* admission = deployment.infos[replica].admission.get();
  if (admission == nullptr) return true;
  const RequestState& request = c.service.requests[slot];
  return admission->arrives(view_of(c, deployment, replica), as_seen(c, request, c.engine.now()))
      .admit;
}

void push_waiting(ServiceState& service, ReplicaState& replica, std::uint32_t slot) {
  RequestState& request = service.requests[slot];
  request.phase = RequestPhase::queued;
  request.next = kNoSlot;
  request.previous = replica.tail;
  (replica.tail == kNoSlot ? replica.head : service.requests[replica.tail].next) = slot;
  replica.tail = slot;
  ++replica.waiting;
}

std::uint32_t take_next(const ServiceContext& c, DeploymentState& deployment,
                        std::uint32_t replica) {
  ReplicaState& state = deployment.replicas[replica];
  Admission* admission = deployment.infos[replica].admission.get();
  while (state.head != kNoSlot) {
    if (admission == nullptr) {
      const std::uint32_t slot = state.head;
      unlink(c.service, state, slot);
      return slot;
    }
    const AdmissionView view = view_of(c, deployment, replica);
    const auto longest = admission->longest_wait(view);
    if (longest && view.oldest_wait > *longest) {
      const std::uint32_t oldest = state.head;
      unlink(c.service, state, oldest);
      drop(c, deployment, replica, oldest);
      continue;
    }
    const std::uint32_t slot = admission->newest_first(view) ? state.tail : state.head;
    unlink(c.service, state, slot);
    const RequestState& request = c.service.requests[slot];
    const Verdict verdict =
        admission->starts(view_of(c, deployment, replica), as_seen(c, request, request.entered));
    if (verdict.admit) return slot;
    drop(c, deployment, replica, slot);
  }
  return kNoSlot;
}

void note_departure(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica,
                    const RequestState& request) {
  Admission* admission = deployment.infos[replica].admission.get();
  if (admission == nullptr || !admission->follows_departures()) return;
  admission->left(view_of(c, deployment, replica),
                  Departure{c.engine.now() - request.entered, request.abandoned});
}

}  // namespace hyperdc
