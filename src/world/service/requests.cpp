#include "world/service/requests.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include <hyperdc/core/assert.hpp>

#include "world/data_transfer.hpp"
#include "world/service/answers.hpp"
#include "world/service/health.hpp"
#include "world/service/inference.hpp"
#include "world/service/network.hpp"
#include "world/service/queue.hpp"
#include "world/service/replicas.hpp"
#include "world/service/replication.hpp"
#include "world/service/residency.hpp"
#include "world/service/rollout.hpp"
#include "world/service/shared_work.hpp"

namespace hyperdc {

namespace {

constexpr std::size_t kMaxInFlight = 100'000'000;

std::uint8_t draw_class(const ServiceState& service, std::uint64_t number) {
  const auto& classes = service.spec->classes;
  if (classes.size() == 1) return 0;
  double left = service.class_draws.uniform(number);
  for (std::size_t k = 0; k + 1 < classes.size(); ++k) {
    left -= classes[k].share;
    if (left < 0) return static_cast<std::uint8_t>(k);
  }
  return static_cast<std::uint8_t>(classes.size() - 1);
}

std::int64_t draw_work(const ServiceState& service, std::uint8_t request_class,
                       std::uint64_t number) {
  const double work_s = service.work[request_class].draw(service.work_draws, number);
  return std::max<std::int64_t>(1, seconds(work_s).ns);
}

/// A user has an id for good; that of a conversation is given again.
std::uint64_t user_session(const ServiceState& service, std::uint32_t user) {
  if (service.users) return user;
  return service.inference->conversations->name(user);
}

/// The session that a request belongs to: what a router that hashes goes by.
std::uint64_t session_of(const ServiceState& service, const RequestState& request) {
  const std::uint64_t sessions = service.spec->sessions;
  if (request.user != kNoUser) return user_session(service, request.user);
  return sessions == 0 ? request.number : service.session_draws.below(sessions, request.number);
}

std::uint16_t pick_deployment(const ServiceContext& c, const RouteKey& key,
                              const RequestState& request) {
  ServiceState& service = c.service;
  if (service.deployments.size() == 1) return 0;
  const auto views = views_of(c.world, service, request.origin, request.home, c.engine.now());
  return deployment_of_view(service, request.home, service.region_router->pick(key, views));
}

void serve(const ServiceContext& c, ReplicaState& replica, std::uint32_t slot) {
  RequestState& request = c.service.requests[slot];
  ++replica.busy;
  request.holds = true;
  request.phase = RequestPhase::serving;
  c.world.recorder->sample(c.service.metrics.queue_wait, request.arrived,
                           to_seconds(c.engine.now() - request.entered));
  Duration work{request.work_ns};
  if (replica.speed != 1) {
    work.ns =
        static_cast<std::int64_t>(std::ceil(static_cast<double>(request.work_ns) / replica.speed));
  }
  request.event = c.engine.schedule(c.engine.now() + work, Phase::physics, c.service.process,
                                    static_cast<std::uint32_t>(ServiceEvent::finish), slot);
}

void refuse(const ServiceContext& c, DeploymentState& deployment, std::uint32_t slot) {
  ++deployment.refused;
  c.service.count(Count::refused);
  if (is_confined(c.service, c.service.requests[slot].home)) c.service.count(Count::confined);
  attempt_fails(c, slot);
}

/// The request joins the replica that the router chose, or is refused there.
void enter(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica_index,
           std::uint32_t slot) {
  const InstanceSpec& instance = c.service.spec->instance;
  ReplicaState& replica = deployment.replicas[replica_index];
  const std::uint16_t zone = deployment.infos[replica_index].zone;
  c.service.requests[slot].zone = zone;
  ++c.service.zones[zone].sent;
  if (replica.phase == ReplicaPhase::dead) return hang(c, deployment, replica_index, slot);
  RequestState& request = c.service.requests[slot];
  if (!admits(c, deployment, replica_index, slot)) {
    if (c.service.inference) refuse_tokens(c, slot);
    refuse(c, deployment, slot);
    return;
  }
  const SimTime now = c.engine.now();
  std::uint32_t& load = deployment.load[replica_index];
  account_replica(replica, load, now);
  request.replica = replica_index;
  request.entered = now;
  ++deployment.entered;
  ++deployment.in_system;
  ++load;
  if (instance.discipline == Discipline::engine) {
    if (!cache_sets_out(c, slot)) engine_takes(c, deployment, replica_index, slot);
  } else if (instance.discipline == Discipline::ps) {
    share(c, deployment, replica_index, slot);
  } else if (replica.busy < instance.concurrency) {
    serve(c, replica, slot);
  } else {
    push_waiting(c.service, replica, slot);
  }
  note_load(deployment, replica_index);
}

/// Gives back what the request holds of its replica, and lets the next one in.
void leave_replica(const ServiceContext& c, std::uint32_t slot) {
  RequestState& request = c.service.requests[slot];
  const std::uint32_t index = request.replica;
  DeploymentState& deployment = c.service.deployments[request.deployment];
  ReplicaState& replica = deployment.replicas[index];
  note_departure(c, deployment, index, request);
  const SimTime now = c.engine.now();
  account_replica(replica, deployment.load[index], now);
  --deployment.load[index];
  --deployment.in_system;
  deployment.sojourn_ns += (now - request.entered).ns;
  ++deployment.served;
  request.holds = false;
  if (c.service.spec->instance.discipline == Discipline::fcfs) {
    --replica.busy;
    const std::uint32_t next = take_next(c, deployment, index);
    if (next != kNoSlot) serve(c, replica, next);
  }
  note_load(deployment, index);
  if (replica.phase == ReplicaPhase::draining && deployment.load[index] == 0) {
    retire_replica(c, deployment, index);
  }
}

/// The replica has done its part of the request.
void work_done(const ServiceContext& c, std::uint32_t slot) {
  const ServiceWorkload& spec = *c.service.spec;
  RequestState& request = c.service.requests[slot];
  request.event = kNoEvent;
  const bool failed = fails_by_version(c, c.service.deployments[request.deployment], request);
  if (c.service.inference) engine_is_done(c, slot, failed);
  if (failed) {
    leave_replica(c, slot);
    attempt_fails(c, slot);
    return;
  }
  const bool calls = !spec.calls.empty();
  if (!calls || !spec.hold) leave_replica(c, slot);
  if (c.service.inference && calls) {
    hand_over(c, slot);
  } else if (calls) {
    begin_calls(c, slot);
  } else {
    answer(c, slot);
  }
}

/// Requests that wait or are worked on at the replica, by number.
std::vector<std::uint32_t> requests_at(const ServiceState& service,
                                       const DeploymentState& deployment, std::uint32_t replica) {
  std::vector<std::uint32_t> there;
  for (std::uint32_t slot = 0; slot < service.requests.size(); ++slot) {
    const RequestState& request = service.requests[slot];
    if ((request.phase == RequestPhase::queued || request.holds) &&
        request.deployment == deployment.index && request.replica == replica) {
      there.push_back(slot);
    }
  }
  std::sort(there.begin(), there.end(), [&](std::uint32_t a, std::uint32_t b) {
    const RequestState& x = service.requests[a];
    const RequestState& y = service.requests[b];
    return x.number != y.number ? x.number < y.number : x.entered < y.entered;
  });
  return there;
}

}  // namespace

std::uint32_t take_request(ServiceState& service) {
  if (!service.free_requests.empty()) {
    const std::uint32_t slot = service.free_requests.back();
    service.free_requests.pop_back();
    return slot;
  }
  HYPERDC_CHECK(service.requests.size() < kMaxInFlight,
                "service " + service.spec->name + " has 100 000 000 requests under way");
  service.requests.emplace_back();
  return static_cast<std::uint32_t>(service.requests.size() - 1);
}

void account_replica(ReplicaState& replica, std::uint32_t load, SimTime now) {
  const std::int64_t span = (now - replica.since).ns;
  replica.busy_ns += span * replica.busy;
  replica.load_ns += span * load;
  replica.since = now;
}

void note_load(DeploymentState& deployment, std::uint32_t replica) {
  if (!deployment.router_follows) return;
  const ReplicaPhase phase = deployment.replicas[replica].phase;
  const bool gets_requests =
      phase == ReplicaPhase::ready ||
      (phase == ReplicaPhase::dead && deployment.infos[replica].awaits_verdict);
  if (gets_requests) deployment.router->load_changed(replica, deployment.load[replica]);
}

std::uint32_t new_request(const ServiceContext& c, std::uint16_t origin, std::uint32_t user) {
  ServiceState& service = c.service;
  const std::uint32_t slot = take_request(service);
  RequestState& request = service.requests[slot];
  request.arrived = c.engine.now();
  request.number = service.next_number++;
  request.origin = request.home = origin;
  request.user = user;
  request.request_class = draw_class(service, request.number);
  if (service.inference) {
    set_tokens(service, slot);
  } else {
    request.work_ns = draw_work(service, request.request_class, request.number);
  }
  service.count(Count::offered);
  if (!service.of_class.empty() && request.arrived >= service.measured_from) {
    ++service.of_class[request.request_class].offered;
  }
  if (service.windows && has_objective(*service.spec, request.request_class)) {
    service.windows->offered(request.arrived);
  }
  ++service.origins[origin].offered;
  return slot;
}

void send_request(const ServiceContext& c, std::uint32_t slot) {
  ServiceState& service = c.service;
  RequestState& request = service.requests[slot];
  const SimTime now = c.engine.now();
  const auto permit = request.attempts == 0 ? service.client.begin(now) : service.client.again(now);
  if (!permit) {
    service.count(Count::blocked);
    give_up(c, slot);
    return;
  }
  request.permit = *permit;
  ++request.attempts;
  if (const auto timeout = service.client.timeout()) {
    request.timeout = c.engine.schedule(now + *timeout, Phase::physics, service.process,
                                        static_cast<std::uint32_t>(ServiceEvent::timeout), slot);
  }
  const RouteKey key{service.next_attempt++, session_of(service, request)};
  request.deployment = pick_deployment(c, key, request);
  request_leaves(c.world, service, slot, now);
  DeploymentState& deployment = service.deployments[request.deployment];
  deployment.sensors.arrived();
  if (deployment.ready.empty()) {
    ++deployment.without_replica;
    refuse(c, deployment, slot);
    return;
  }
  RouterView view{now, deployment.ready, deployment.load};
  std::optional<EngineCaches> caches;
  if (service.inference) {
    view.caches = &caches.emplace(deployment, service.inference->tokens[slot], now);
  }
  enter(c, deployment, deployment.router->pick(key, view), slot);
}

void request_arrives(const ServiceContext& c, std::uint16_t origin, std::uint32_t user) {
  send_request(c, new_request(c, origin, user));
}

void request_finishes(const ServiceContext& c, std::uint32_t slot) {
  work_done(c, slot);
}

void shared_finishes(const ServiceContext& c, std::uint32_t deployment, std::uint32_t replica) {
  DeploymentState& d = c.service.deployments[deployment];
  account_replica(d.replicas[replica], d.load[replica], c.engine.now());
  work_done(c, unshare_first(c, d, replica));
}

void release_replica(const ServiceContext& c, std::uint32_t slot) {
  if (c.service.requests[slot].holds) leave_replica(c, slot);
}

void crash_requests(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica) {
  ServiceState& service = c.service;
  const SimTime now = c.engine.now();
  account_replica(deployment.replicas[replica], deployment.load[replica], now);
  const std::vector<std::uint32_t> there = requests_at(service, deployment, replica);
  for (const std::uint32_t slot : there) {
    RequestState& request = service.requests[slot];
    if (request.event != kNoEvent) c.engine.cancel(request.event);
    request.event = kNoEvent;
    if (service.inference) drop_cache(c, slot);
    request.holds = false;
    request.next = request.previous = kNoSlot;
    request.phase = RequestPhase::pausing;  // at no replica
    deployment.sojourn_ns += (now - request.entered).ns;
    ++deployment.crashed;
    --deployment.in_system;
    service.count(Count::crashed);
  }
  ReplicaState& state = deployment.replicas[replica];
  state.busy = state.waiting = 0;
  state.head = state.tail = kNoSlot;
  deployment.load[replica] = 0;
  clear_shared(c, deployment, replica);
  if (service.inference) clear_engine(c, deployment, replica);
  for (const std::uint32_t slot : there) attempt_fails(c, slot);
  lose_held_answers(c, deployment, replica);
  lose_copies(c, deployment, replica);
}

}  // namespace hyperdc
