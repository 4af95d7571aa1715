// State of one service in the world: its requests, its deployments and their replicas.
//
// A request is a slot in ServiceState::requests, from its arrival until its answer. A replica is a
// slot in DeploymentState::replicas and, at the same time, a job in the deployment's pool. Slots
// are reused; numbers are not.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <hyperdc/core/id.hpp>
#include <hyperdc/policy/admission.hpp>
#include <hyperdc/policy/autoscaler.hpp>
#include <hyperdc/policy/router.hpp>

#include "core/distribution.hpp"
#include "core/rng.hpp"
#include "engine/engine.hpp"
#include "metrics/recorder.hpp"
#include "model/client/client.hpp"
#include "model/fleet.hpp"
#include "model/processor_sharing.hpp"
#include "scenario/service.hpp"
#include "workload/demand/demand_curve.hpp"
#include "workload/request_arrivals.hpp"
#include "world/accounts.hpp"
#include "world/service/sensors.hpp"
#include "world/service/slo_windows.hpp"
#include "world/store_state.hpp"

namespace hyperdc {

inline constexpr std::uint32_t kNoSlot = 0xffffffff;
inline constexpr std::uint32_t kNoUser = 0xffffffff;

enum class RequestPhase : std::uint8_t {
  free,
  pausing,    // its last attempt failed; it will be sent again
  queued,     // waits at a replica
  serving,    // holds a slot of a replica
  calling,    // its own work is done; other services work for it
  answering,  // the answer is on its way to the caller
  hanging,    // was sent to a replica that is gone
};

struct RequestState {
  SimTime entered;               // its deployment, at this attempt
  std::int64_t work_ns = 0;      // at full speed
  EventId event = kNoEvent;      // its completion, the arrival of its answer, or its next attempt
  std::uint32_t next = kNoSlot;  // in the queue of its replica
  std::uint32_t previous = kNoSlot;
  std::uint32_t replica = 0;
  std::uint16_t deployment = 0;
  RequestPhase phase = RequestPhase::free;
  bool holds = false;      // takes a slot of its replica
  bool abandoned = false;  // its client waits no more
  bool call_failed = false;
  std::uint8_t request_class = 0;
  std::uint16_t origin = 0;  // region
  std::uint16_t zone = 0;    // of the replica that it was sent to last
  SimTime arrived;           // at its origin, the first time
  std::uint64_t number = 0;  // within the service; what random draws are keyed by
  EventId timeout = kNoEvent;
  Client::Permit permit = 0;
  std::uint32_t attempts = 0;      // sent so far
  std::uint32_t user = kNoUser;    // of a closed loop, or its conversation
  std::uint32_t parent = kNoSlot;  // a request of another service that waits for this one
  std::uint64_t parent_number = 0;
  std::uint32_t parent_attempt = 0;
  std::uint32_t pending = 0;  // calls that have not been answered
  std::uint16_t parent_service = 0;
  std::uint16_t call = 0;  // the next of ServiceWorkload::calls
  std::uint16_t home = 0;  // region of the people whom it is for
};

enum class ReplicaPhase : std::uint8_t {
  free,
  pending,   // waits for a server
  starting,  // has a server and boots
  ready,     // is routed to
  draining,  // finishes what it has, then leaves
  warm,      // has started, and waits in the warm pool
  dead,      // is gone, but the load balancer does not know, or requests still hang there
};

/// What each arrival and completion touches, in one cache line.
struct alignas(64) ReplicaState {
  SimTime since;                                 // of the two integrals
  std::int64_t busy_ns = 0;                      // slots taken * ns, since the last scrape
  std::int64_t load_ns = 0;                      // requests there * ns, since the last scrape
  std::uint32_t busy = 0;                        // slots taken (ps: requests that are worked on)
  std::uint32_t head = kNoSlot, tail = kNoSlot;  // waiting, first come first
  std::uint32_t waiting = 0;
  double speed = 1;  // work in a second of service
  ReplicaPhase phase = ReplicaPhase::free;
};

/// A replica under processor sharing: ns of work of its requests.
struct SharedWork {
  ProcessorSharing work;
  EventId next = kNoEvent;
};

struct ReplicaEngine;   // world/service/inference.hpp
struct InferenceState;  // the same

/// The rest of a replica.
struct ReplicaInfo {
  ReplicaInfo();
  ReplicaInfo(ReplicaInfo&&) noexcept;
  ReplicaInfo& operator=(ReplicaInfo&&) noexcept;
  ~ReplicaInfo();

  JobId job;
  std::uint64_t job_tag = 0;  // of the number of the job; slots are reused
  std::uint64_t number = 0;   // within the deployment
  SimTime created;
  std::optional<SimTime> ready_since;
  EventId event = kNoEvent;           // end of its start, of its warm-up, or of its drain
  bool there_from_the_start = false;  // needs no start-up time
  bool meant_for_zone = false;        // `zone` is known
  bool awaits_verdict = false;        // of the health checks
  bool in_warm_pool = false;          // warm, or on its way to it
  bool back_to_warm_pool = false;     // it leaves by scale-in, and may be needed there
  std::uint16_t zone = 0;             // of World::zones, once placed or meant to be
  std::uint32_t version = 0;          // of RolloutState::versions
  SimTime registered;                 // health checks count from here
  Request each;                       // what it holds of a server
  double warmth = 1;                  // share of the full speed, by its warm-up
  std::uint32_t block = 0;            // of its server in the pool, once placed
  std::uint32_t part = 0;             // index into DeploymentState::parts, once placed
  std::uint32_t ready_at = 0;         // place in DeploymentState::ready, while it is there
  struct Sample {
    SimTime at;
    double busy_s = 0;  // slots taken * s
    double span_s = 0;
    double cache_s = 0;  // of an engine: share of its cache in use * s
  };
  std::vector<Sample> samples;  // of its busy slots, oldest first; no older than the sensors look
  std::unique_ptr<ReplicaEngine> engine;  // of an llm-inference workload, from its first request
  std::unique_ptr<Admission> admission;   // nothing: everything is taken
  SharedWork shared;
  SimTime loads_from;                // since then it loads its weights, of a store
  std::uint32_t reader = kNoReader;  // while it does
};

/// Replicas of a deployment on servers of one kind, for power.
struct PartUse {
  std::uint32_t part = 0;
  LevelAccount held_ppm;         // servers * 10^6: the largest share of each that replicas hold
  Int128 held_in_warmup = 0;     // servers * 10^6 * ns
  std::int64_t cores_milli = 0;  // held there
  std::int64_t accelerator_milli = 0;
  std::int64_t cores_ppm_milli = 0;  // what the meter was told
  std::int64_t accelerator_ppm_milli = 0;
};

struct DeploymentMetrics {
  MetricId wanted, ready, utilization, waiting;
  MetricId undetected;  // with health checks
  MetricId warm;        // with a warm pool
};

struct DeploymentState {
  const DeploymentSpec* spec = nullptr;
  std::uint16_t index = 0;
  std::unique_ptr<Router> router;
  bool router_follows = false;  // Router::follows_load()
  std::unique_ptr<Autoscaler> autoscaler;
  EventId next_decision = kNoEvent;  // of the autoscaler
  std::uint32_t wanted = 0;
  Request each;  // of new replicas
  std::vector<ReplicaState> replicas;
  std::vector<ReplicaInfo> infos;    // by replica
  std::vector<std::uint32_t> load;   // by replica: requests there
  std::vector<std::uint32_t> ready;  // replicas that get requests: those that serve, and dead ones
  std::uint32_t dead = 0;            // of them
  std::vector<std::uint32_t> free_slots;  // replicas
  std::vector<std::uint32_t> by_age;     // replicas that are there, oldest first; draining excluded
  std::vector<std::uint32_t> warm_pool;  // its members, oldest first; not in by_age
  std::uint64_t warm_starts = 0, cold_starts = 0;  // with a warm pool, after time 0
  std::uint64_t created = 0;
  std::uint64_t scrapes = 0;
  std::uint64_t without_replica = 0;  // attempts since the last scrape that found no ready replica
  std::uint64_t in_system = 0;        // requests at its replicas
  std::uint64_t lost_replicas = 0;
  std::uint64_t missed_decisions = 0;  // while the scaling plane was out
  Sensors sensors;
  std::vector<PartUse> parts;
  DeploymentMetrics metrics;
  // Books, exact. Those of replicas are added at each scrape.
  Int128 busy_ns = 0, load_ns = 0;  // slots * ns, requests * ns
  Int128 sojourn_ns = 0;            // summed by request as it leaves
  LevelAccount ready_level, placed_level;
  LevelAccount speed_ppm;  // of the ready replicas together, in 10^-6
  Int128 ready_ns_at_scrape = 0, busy_ns_at_scrape = 0, load_ns_at_scrape = 0;
  std::uint64_t scaled_out = 0, scaled_in = 0;  // decisions
  std::uint64_t entered = 0, served = 0, refused = 0, crashed = 0;
};

/// Replicas that serve: not those that are gone and still get requests.
inline std::uint32_t serving(const DeploymentState& deployment) {
  return static_cast<std::uint32_t>(deployment.ready.size()) - deployment.dead;
}

/// A region or a zone as a place that requests are served at.
struct ServingPlace {
  bool has_racks = false;                // of a pool of the service
  std::uint64_t serving = 0;             // replicas
  LevelAccount up;                       // 1 while there is one
  std::uint64_t sent = 0, answered = 0;  // attempts; zones only

  void change(SimTime now, int sign) {
    serving += sign > 0 ? 1 : std::uint64_t(-1);
    up.set(now, serving > 0 ? 1 : 0);
  }
};

/// A region as a place that requests come from: people, or other services.
struct OriginState {
  std::unique_ptr<DemandCurve> curve;  // nothing: only services ask from there
  std::unique_ptr<RequestArrivals> arrivals;
  std::vector<Duration> one_way;  // by deployment
  std::uint64_t offered = 0, completed = 0;
};

/// The users of a closed loop.
struct UserState {
  struct User {
    std::uint64_t asked = 0;         // requests so far
    std::uint64_t session_left = 0;  // requests until its session ends; 0: no session is open
  };
  UserState(const ClosedRequests& closed, std::uint64_t seed, const std::string& stream);

  const ClosedRequests* spec;
  std::uint16_t origin = 0;
  DemandCurve number;  // of users over time
  Distribution think, pause;
  std::optional<Distribution> session_requests;
  RandomStream think_draws, pause_draws, session_draws;
  std::vector<User> users;
  std::vector<std::uint32_t> away;  // ids of users that have left for good, to be given again
  std::uint32_t active = 0, wanted = 0;
};

/// Counts since the last flush into the recorder; in the order of kCountNames.
struct RequestCounts {
  static constexpr std::size_t kKinds = 12;
  std::array<std::uint64_t, kKinds> n{};
};
enum class Count : std::size_t {
  offered,
  completed,
  failed,
  good,
  retries,
  timed_out,
  refused,
  crashed,
  blocked,
  wasted,
  unreachable,  // with health checks
  confined,     // with residency
};

struct ServiceMetrics {
  MetricId latency, queue_wait;
  std::array<MetricId, RequestCounts::kKinds> counts;
  std::vector<MetricId> class_latency;  // with more than one class
};

struct FluidState;      // world/service/fluid.hpp
struct ServiceNetwork;  // world/service/network.hpp
struct Replication;     // world/service/replication.hpp
struct RolloutState;    // world/service/rollout.hpp

struct ServiceState {
  ServiceState(const ServiceState&) = delete;
  ServiceState& operator=(const ServiceState&) = delete;
  ~ServiceState();
  ServiceState(const ServiceWorkload& workload, std::uint64_t seed);

  const ServiceWorkload* spec;
  std::uint32_t index = 0;
  ProcessId process;
  Duration service_mean;  // over the classes
  RandomStream class_draws, work_draws, session_draws, call_draws, start_draws, sensor_draws;
  std::vector<Distribution> work;  // by class
  Distribution start;
  std::vector<DeploymentState> deployments;
  std::vector<OriginState> origins;          // by region
  std::vector<ServingPlace> regions, zones;  // by region, and by World::zones
  ServingPlace anywhere;
  std::unique_ptr<UserState> users;           // of a closed loop
  std::unique_ptr<FluidState> fluid;          // of a fluid service: it has no requests then
  std::unique_ptr<InferenceState> inference;  // of an llm-inference workload
  std::unique_ptr<RolloutState> rollout;      // nothing: one version for ever
  std::unique_ptr<ServiceNetwork> network;    // nothing: the network takes no time
  std::shared_ptr<Replication> replication;   // nothing: no other region has a copy
  std::unique_ptr<RegionRouter> region_router;
  std::vector<DeploymentView> views;  // scratch, by deployment
  std::vector<RequestState> requests;
  std::vector<std::uint32_t> free_requests;
  std::uint64_t next_number = 0, next_attempt = 0;
  void count(Count what) { ++counts.n[static_cast<std::size_t>(what)]; }
  /// Of requests that arrived after the warm-up, as those are that `offered` counts: for shares.
  struct Settled {
    std::uint64_t good = 0, failed = 0;
  };
  Settled settled;
  struct OfClass {
    std::uint64_t offered = 0, good = 0;
  };
  std::vector<OfClass> of_class;  // the same by class, if there are several
  SimTime measured_from;          // the end of the warm-up
  std::optional<SloWindows> windows;

  Client client;
  RequestCounts counts, all;  // since the last flush; over the whole run
  ServiceMetrics metrics;
};

}  // namespace hyperdc
