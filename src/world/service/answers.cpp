#include "world/service/answers.hpp"

#include "world/data_transfer.hpp"
#include "world/service/conversations.hpp"
#include "world/service/inference.hpp"
#include "world/service/network.hpp"
#include "world/service/replication.hpp"
#include "world/service/users.hpp"

namespace hyperdc {

Duration round_trip(const ServiceState& service, const RequestState& request) {
  const auto& model = service.spec->inference;
  if (model && model->handed) return {};  // its tokens go to the caller of who handed it over
  const Duration one_way = service.origins[request.origin].one_way[request.deployment];
  return one_way + one_way + (model ? model->request_time : Duration{});
}

namespace {

/// Frees the slot and tells who waits for the request.
void end_request(const ServiceContext& c, std::uint32_t slot, bool failed);

void call_answered(const ServiceContext& c, std::uint32_t slot, bool failed);

void make_calls(const ServiceContext& c, std::uint32_t slot, const CallSpec& call) {
  const ServiceContext callee{c.world, c.world.services[call.service], c.engine};
  // By value: sending may fail at once and answer this request, whose slot may move.
  const RequestState caller = c.service.requests[slot];
  const auto origin =
      static_cast<std::uint16_t>(c.service.deployments[caller.deployment].spec->region);
  for (std::uint32_t i = 0; i < call.count; ++i) {
    const std::uint64_t attribute = std::uint64_t{caller.call} << 32 | i;
    if (call.probability < 1 &&
        c.service.call_draws.uniform(caller.number, attribute) >= call.probability) {
      continue;
    }
    ++c.service.requests[slot].pending;
    const std::uint32_t child = new_request(callee, origin);
    RequestState& request = callee.service.requests[child];
    request.home = caller.home;
    request.parent = slot;
    request.parent_number = caller.number;
    request.parent_attempt = caller.attempts;
    request.parent_service = static_cast<std::uint16_t>(c.service.index);
    if (c.service.inference) take_over(c.service, slot, callee, child);
    send_request(callee, child);
  }
}

/// Makes the next calls until some are under way or none is left.
void next_calls(const ServiceContext& c, std::uint32_t slot) {
  const ServiceWorkload& spec = *c.service.spec;
  while (c.service.requests[slot].pending == 1) {  // the guard alone; see begin_calls
    RequestState& request = c.service.requests[slot];
    if (request.call == spec.calls.size() || request.call_failed) break;
    const CallSpec& call = spec.calls[request.call];
    make_calls(c, slot, call);
    ++c.service.requests[slot].call;
  }
}

void calls_done(const ServiceContext& c, std::uint32_t slot) {
  release_replica(c, slot);
  if (c.service.requests[slot].call_failed) {
    attempt_fails(c, slot);
  } else {
    if (c.service.inference) decoded_elsewhere(c, slot);
    answer(c, slot);
  }
}

void call_answered(const ServiceContext& c, std::uint32_t slot, bool failed) {
  RequestState& request = c.service.requests[slot];
  request.call_failed = request.call_failed || failed;
  --request.pending;
  if (request.pending == 0) {  // nobody else is making calls for it
    request.pending = 1;
    next_calls(c, slot);
    if (--c.service.requests[slot].pending == 0) calls_done(c, slot);
  }
}

void end_request(const ServiceContext& c, std::uint32_t slot, bool failed) {
  ServiceState& service = c.service;
  const RequestState request = service.requests[slot];
  if (request.timeout != kNoEvent) c.engine.cancel(request.timeout);
  service.requests[slot] = RequestState{};
  service.free_requests.push_back(slot);
  if (request.user != kNoUser) {
    (service.users ? user_answered : turn_answered)(c, request.user, failed);
  }
  if (request.parent == kNoSlot) return;
  const ServiceContext caller{c.world, c.world.services[request.parent_service], c.engine};
  const RequestState& waits = caller.service.requests[request.parent];
  const bool still_there = waits.phase == RequestPhase::calling &&
                           waits.number == request.parent_number &&
                           waits.attempts == request.parent_attempt;
  if (still_there) call_answered(caller, request.parent, failed);
}

/// The answer is at the caller, `latency` after the request arrived.
void deliver(const ServiceContext& c, std::uint32_t slot, Duration latency) {
  ServiceState& service = c.service;
  const RequestState& request = service.requests[slot];
  if (request.abandoned) {
    service.count(Count::wasted);
    end_request(c, slot, false);
    return;
  }
  service.client.ended(c.engine.now(), request.permit, false);
  const double latency_s = to_seconds(latency);
  service.count(Count::completed);
  ++service.origins[request.origin].completed;
  ++service.zones[request.zone].answered;
  const auto& slo = service.spec->classes[request.request_class].slo;
  const bool tokens =
      service.inference && tokens_in_time(service, slot, round_trip(service, request));
  if (tokens || (slo && latency <= *slo)) {
    service.count(Count::good);
    if (service.windows) service.windows->good(request.arrived);
    if (request.arrived >= service.measured_from) {
      ++service.settled.good;
      if (!service.of_class.empty()) ++service.of_class[request.request_class].good;
    }
  }
  Recorder& recorder = *c.world.recorder;
  recorder.sample(service.metrics.latency, request.arrived, latency_s);
  if (!service.metrics.class_latency.empty()) {
    recorder.sample(service.metrics.class_latency[request.request_class], request.arrived,
                    latency_s);
  }
  end_request(c, slot, false);
}

/// After a failed attempt: a pause and another one, or the end.
void try_again(const ServiceContext& c, std::uint32_t slot) {
  ServiceState& service = c.service;
  RequestState& request = service.requests[slot];
  const SimTime now = c.engine.now();
  const Client::Next next = service.client.after(now, request.number, request.attempts);
  if (next.gave_up != Client::GaveUp::no) {
    give_up(c, slot);
    return;
  }
  service.count(Count::retries);
  request.phase = RequestPhase::pausing;
  request.event = c.engine.schedule(now + next.pause, Phase::workload, service.process,
                                    static_cast<std::uint32_t>(ServiceEvent::retry), slot);
}

}  // namespace

void begin_calls(const ServiceContext& c, std::uint32_t slot) {
  RequestState& request = c.service.requests[slot];
  request.phase = RequestPhase::calling;
  // One pending call stands for this function itself: calls that fail at once must not end the
  // request while the others are still being made.
  request.pending = 1;
  if (c.service.spec->call_order == CallOrder::fan_out) {
    for (const CallSpec& call : c.service.spec->calls) {
      make_calls(c, slot, call);
      ++c.service.requests[slot].call;
    }
  } else {
    next_calls(c, slot);
  }
  if (--c.service.requests[slot].pending == 0) calls_done(c, slot);
}

void answer(const ServiceContext& c, std::uint32_t slot) {
  ServiceState& service = c.service;
  RequestState& request = service.requests[slot];
  DeploymentState& deployment = service.deployments[request.deployment];
  const SimTime now = c.engine.now();
  deployment.sensors.completed(to_seconds(now - request.entered),
                               to_seconds(Duration{request.work_ns}));
  if (waits_for_copies(c, slot)) return;
  if (const auto network = network_delay(c, slot)) send_answer(c, slot, *network);
}

void send_answer(const ServiceContext& c, std::uint32_t slot, Duration network) {
  ServiceState& service = c.service;
  RequestState& request = service.requests[slot];
  const SimTime now = c.engine.now();
  const Duration on_the_way = round_trip(service, request) + network;
  answer_leaves(c.world, service, slot, now);
  const bool somebody_waits =
      request.parent != kNoSlot || request.user != kNoUser || request.timeout != kNoEvent;
  if (on_the_way.ns > 0 && somebody_waits) {
    request.phase = RequestPhase::answering;
    request.event = c.engine.schedule(now + on_the_way, Phase::physics, service.process,
                                      static_cast<std::uint32_t>(ServiceEvent::answer), slot);
    return;
  }
  deliver(c, slot, now - request.arrived + on_the_way);
}

void answer_arrives(const ServiceContext& c, std::uint32_t slot) {
  deliver(c, slot, c.engine.now() - c.service.requests[slot].arrived);
}

void attempt_fails(const ServiceContext& c, std::uint32_t slot) {
  ServiceState& service = c.service;
  RequestState& request = service.requests[slot];
  if (request.abandoned) {
    end_request(c, slot, true);
    return;
  }
  if (request.timeout != kNoEvent) c.engine.cancel(request.timeout);
  request.timeout = kNoEvent;
  service.client.ended(c.engine.now(), request.permit, true);
  request.call = 0;
  request.call_failed = false;
  try_again(c, slot);
}

void attempt_times_out(const ServiceContext& c, std::uint32_t slot) {
  ServiceState& service = c.service;
  service.count(Count::timed_out);
  const std::uint32_t heir = take_request(service);
  RequestState& left = service.requests[slot];
  RequestState& request = service.requests[heir];
  left.timeout = kNoEvent;
  request.arrived = left.arrived;
  request.number = left.number;
  request.work_ns = left.work_ns;
  if (service.inference) inherit_tokens(service, slot, heir);
  request.origin = left.origin;
  request.home = left.home;
  request.request_class = left.request_class;
  request.permit = left.permit;
  request.attempts = left.attempts;
  request.user = left.user;
  request.parent = left.parent;
  request.parent_number = left.parent_number;
  request.parent_attempt = left.parent_attempt;
  request.parent_service = left.parent_service;
  left.abandoned = true;
  left.user = kNoUser;
  left.parent = kNoSlot;
  service.client.ended(c.engine.now(), request.permit, true);
  try_again(c, heir);
}

void give_up(const ServiceContext& c, std::uint32_t slot) {
  c.service.count(Count::failed);
  if (c.service.requests[slot].arrived >= c.service.measured_from) ++c.service.settled.failed;
  end_request(c, slot, true);
}

}  // namespace hyperdc
