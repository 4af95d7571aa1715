#include "world/process/service_process.hpp"

#include <array>

#include "world/service/answers.hpp"
#include "world/service/health.hpp"
#include "world/service/inference.hpp"
#include "world/service/replicas.hpp"
#include "world/service/rollout.hpp"
#include "world/service/scaling.hpp"
#include "world/service/users.hpp"
#include "world/service/weights.hpp"

namespace hyperdc {

namespace {

constexpr std::array<std::string_view, kServiceEvents> kServiceNames{
    "placed",       "stopped",      "lost",          "evicted",      "arrive",      "finish",
    "shared",       "answer",       "think",         "started",      "warm",        "drained",
    "retry",        "timeout",      "healthy",       "unhealthy",    "unreachable", "rollout",
    "baked",        "detected",     "engine_end",    "engine_begin", "handed_over", "next_turn",
    "cache_leaves", "part_arrives", "weights_leave", "weights_there"};

struct ReplicaRef {
  std::uint32_t deployment = 0, replica = 0;
};

/// What an event about a replica names; nothing for events about requests.
std::optional<ReplicaRef> replica_of(const Event& event) {
  const auto arg = event.arg;
  switch (static_cast<ServiceEvent>(event.kind)) {
    case ServiceEvent::placed:
    case ServiceEvent::stopped:
    case ServiceEvent::lost:
    case ServiceEvent::evicted:
      return ReplicaRef{static_cast<std::uint32_t>(arg >> 24 & 0xff),
                        static_cast<std::uint32_t>(arg & 0xffffff)};
    case ServiceEvent::shared:
    case ServiceEvent::engine_end:
    case ServiceEvent::engine_begin:
    case ServiceEvent::started:
    case ServiceEvent::warm:
    case ServiceEvent::drained:
    case ServiceEvent::healthy:
    case ServiceEvent::unhealthy:
    case ServiceEvent::weights_leave:
    case ServiceEvent::weights_there:
      return ReplicaRef{static_cast<std::uint32_t>(arg >> 32), static_cast<std::uint32_t>(arg)};
    default:
      return std::nullopt;
  }
}

}  // namespace

ServiceProcess::ServiceProcess(World& world, std::uint32_t service)
    : world_(world), service_(world.services[service]), name_("services." + service_.spec->name) {}

std::uint32_t ServiceProcess::kinds() const {
  return kServiceEvents;
}

std::string_view ServiceProcess::kind_name(std::uint32_t kind) const {
  return kServiceNames.at(kind);
}

std::uint64_t ServiceProcess::meaning(const Event& event) const {
  switch (static_cast<ServiceEvent>(event.kind)) {
    case ServiceEvent::finish:
    case ServiceEvent::answer:
    case ServiceEvent::retry:
    case ServiceEvent::timeout:
    case ServiceEvent::unreachable:
    case ServiceEvent::handed_over:
      return service_.requests[event.arg].number;
    case ServiceEvent::cache_leaves:
    case ServiceEvent::part_arrives:
      return service_.inference->transfers.all[event.arg].number;
    case ServiceEvent::arrive:
    case ServiceEvent::think:
    case ServiceEvent::next_turn:
    case ServiceEvent::rollout:
    case ServiceEvent::baked:
    case ServiceEvent::detected:
      return event.arg;
    default:
      break;
  }
  const ReplicaRef at = *replica_of(event);
  return std::uint64_t{at.deployment} << 48 |
         service_.deployments[at.deployment].infos[at.replica].number;
}

void ServiceProcess::begin(ProcessId self, Engine& engine) {
  service_.process = self;
  const ServiceContext c{world_, service_, engine};
  for (DeploymentState& deployment : service_.deployments) {
    set_wanted(c, deployment, service_.spec->replicas.initial);
  }
  for (std::uint32_t i = 0; i < service_.spec->rollouts.size(); ++i) {
    engine.schedule(SimTime{} + service_.spec->rollouts[i].at, Phase::control, self,
                    static_cast<std::uint32_t>(ServiceEvent::rollout), i);
  }
  for (std::uint32_t origin = 0; origin < service_.origins.size(); ++origin) {
    RequestArrivals* arrivals = service_.origins[origin].arrivals.get();
    if (arrivals != nullptr) schedule_arrival(origin, arrivals->next(), engine);
  }
}

void ServiceProcess::schedule_arrival(std::uint32_t origin, std::optional<SimTime> at,
                                      Engine& engine) {
  if (!at) return;
  // What is there from the start is there for the first request: pools have placed it by then.
  const Phase phase = at->ns == 0 ? Phase::control : Phase::workload;
  engine.schedule(*at, phase, service_.process, static_cast<std::uint32_t>(ServiceEvent::arrive),
                  origin);
}

void ServiceProcess::arrive(std::uint32_t origin, Engine& engine) {
  const ServiceContext c{world_, service_, engine};
  RequestArrivals& arrivals = *service_.origins[origin].arrivals;
  asked(c, static_cast<std::uint16_t>(origin));
  std::optional<SimTime> next = arrivals.next();
  // A batch begins with everybody who is there: requests of one moment arrive in one event.
  while (next == engine.now() && service_.inference) {
    asked(c, static_cast<std::uint16_t>(origin));
    next = arrivals.next();
  }
  schedule_arrival(origin, next, engine);
}

void ServiceProcess::handle_replica(const Event& event, Engine& engine) {
  const ServiceContext c{world_, service_, engine};
  const ReplicaRef at = *replica_of(event);
  DeploymentState& deployment = service_.deployments[at.deployment];
  // Of a job that is no more this replica's: it had ended by itself in the same moment.
  if (event.kind < kOwnerEvents && event.arg >> 32 != deployment.infos[at.replica].job_tag) return;
  switch (static_cast<ServiceEvent>(event.kind)) {
    case ServiceEvent::placed:
      return replica_placed(c, deployment, at.replica);
    case ServiceEvent::stopped:
      return replica_stopped(c, deployment, at.replica);
    case ServiceEvent::lost:
      return replica_lost(c, deployment, at.replica);
    case ServiceEvent::evicted:
      return replica_evicted(c, deployment, at.replica);
    case ServiceEvent::shared:
      return shared_finishes(c, at.deployment, at.replica);
    case ServiceEvent::engine_end:
      return engine_ends(c, deployment, at.replica);
    case ServiceEvent::engine_begin:
      return engine_begins(c, deployment, at.replica);
    case ServiceEvent::started:
      return replica_started(c, deployment, at.replica);
    case ServiceEvent::warm:
      return replica_warm(c, deployment, at.replica);
    case ServiceEvent::healthy:
      return replica_healthy(c, deployment, at.replica);
    case ServiceEvent::unhealthy:
      return replica_unhealthy(c, deployment, at.replica);
    case ServiceEvent::weights_leave:
      return weights_leave(c, deployment, at.replica);
    case ServiceEvent::weights_there:
      return weights_there(c, deployment, at.replica);
    default:
      return drain_ends(c, deployment, at.replica);
  }
}

void ServiceProcess::handle(const Event& event, Engine& engine) {
  const ServiceContext c{world_, service_, engine};
  const auto arg = static_cast<std::uint32_t>(event.arg);
  switch (static_cast<ServiceEvent>(event.kind)) {
    case ServiceEvent::handed_over:
      return begin_calls(c, arg);
    case ServiceEvent::cache_leaves:
      return cache_leaves(c, arg);
    case ServiceEvent::part_arrives:
      return cache_part_arrives(c, arg);
    case ServiceEvent::arrive:
      return arrive(arg, engine);
    case ServiceEvent::finish:
      return request_finishes(c, arg);
    case ServiceEvent::answer:
      return answer_arrives(c, arg);
    case ServiceEvent::retry:
      service_.requests[arg].event = kNoEvent;
      return send_request(c, arg);
    case ServiceEvent::timeout:
      return attempt_times_out(c, arg);
    case ServiceEvent::think:
      return user_asks(c, arg);
    case ServiceEvent::next_turn:
      return next_turn(c, arg);
    case ServiceEvent::unreachable:
      return hang_ends(c, arg);
    case ServiceEvent::rollout:
      return rollout_due(c);
    case ServiceEvent::baked:
      return bake_ends(c);
    case ServiceEvent::detected:
      return bad_version_detected(c);
    default:
      return handle_replica(event, engine);
  }
}

}  // namespace hyperdc
