// ServiceWorkload: the resolved description of a service (docs/adr/0009-services.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <hyperdc/core/params.hpp>
#include <hyperdc/core/request.hpp>
#include <hyperdc/core/time.hpp>

#include "core/distribution.hpp"
#include "model/client/client.hpp"
#include "scenario/data_transfer_spec.hpp"
#include "scenario/inference_spec.hpp"
#include "scenario/replication_spec.hpp"
#include "scenario/rollout_spec.hpp"
#include "workload/demand/demand_spec.hpp"
#include "workload/request_arrivals.hpp"

namespace hyperdc {

struct PolicyChoice {
  std::string policy;
  Params params;
};

struct RequestClass {
  std::string name;
  double share = 1;             // of the requests; shares of a service sum to 1
  DistributionSpec service_s;   // work of one request, on one slot at full speed
  std::optional<Duration> slo;  // a request within it counts as good
  std::int32_t priority = 0;
};

/// fcfs: a replica serves `concurrency` requests at a time, the others wait in order of arrival.
/// ps: all that are there share `concurrency` slots equally, each at most one.
/// engine: an inference engine batches up to `concurrency` of them.
enum class Discipline { fcfs, ps, engine };

struct InstanceSpec {
  Request each;  // what a replica holds of a server
  std::uint32_t concurrency = 1;
  Discipline discipline = Discipline::fcfs;
  std::optional<std::uint64_t> queue_limit;  // waiting at one replica; more are refused
  DistributionSpec start_s;                  // from a place on a server to ready
  Duration warmup;                           // after ready, at a lower speed
  double warmup_speed = 1;
  std::optional<Duration> drain;  // the longest that a leaving replica is waited for
  std::int32_t priority = 0;      // of its jobs in the pool
  double utilization = 1;         // of its cores when every slot is busy
};

struct SensorSpec {
  Duration scrape;  // time between samples
  Duration window;  // what a reading covers, a multiple of `scrape`
  Duration delay;   // age of the newest sample that a reader sees
  double loss = 0;  // share of samples that never arrive
};

/// How a load balancer finds out which replicas answer. Without it, it knows at once.
struct HealthCheckSpec {
  Duration interval;            // between the checks of a replica
  Duration timeout;             // after which a check has failed
  std::uint32_t healthy = 1;    // checks of a new replica that must be answered
  std::uint32_t unhealthy = 2;  // checks in a row that must fail
  Duration connect_timeout;     // after which a request to a replica that is gone has failed
};

/// The part of a service in one pool.
struct DeploymentSpec {
  std::string name;  // of the pool
  std::uint32_t pool = 0;
  std::uint32_t region = 0;
  std::uint32_t workload = 0;  // of Scenario::workloads: its replicas as jobs
};

struct ReplicaBounds {
  std::uint32_t min = 1, max = 1, initial = 1;
};

/// Replicas beyond those that are wanted, which have started and serve nothing.
struct WarmPoolSpec {
  std::uint32_t size = 1;  // of each deployment
  Duration start;          // of one that begins to serve
};

/// Requests that come from one region. Replays and closed loops have one origin without a demand.
struct OriginSpec {
  std::uint32_t region = 0;
  std::optional<DemandSpec> demand;
};

/// A request of this service makes `count` requests of another one when its own work is done.
struct CallSpec {
  std::uint32_t service = 0;
  std::uint32_t count = 1;
  double probability = 1;
};

enum class CallOrder { sequence, fan_out };

/// exact: each request is an event; fluid: queueing formulas, a step each scrape.
enum class Fidelity { exact, fluid };

/// Windows of time, each met if so many of its requests were good.
struct SloWindowSpec {
  Duration length;
  double share = 1;
};

/// What requests and answers move over the fabric of the region of the replicas.
struct ServiceNetworkSpec {
  double request_bytes = 0, response_bytes = 0;
  Duration interval;           // between looks at what is moved and what there is to share
  std::uint32_t gateways = 1;  // the last endpoints of the fabric: where requests come in
  double weight = 1;           // of the aggregate flow of one replica
};

struct ServiceWorkload {
  std::string name;
  Fidelity fidelity = Fidelity::exact;
  std::vector<RequestClass> classes;
  InstanceSpec instance;
  std::vector<DeploymentSpec> deployments;
  ReplicaBounds replicas;  // of each deployment
  std::optional<WarmPoolSpec> warm_pool;
  std::vector<OriginSpec> origins;
  RequestArrivalSpec arrivals;
  std::uint64_t sessions = 0;  // distinct clients or objects; 0: each request is one of its own
  PolicyChoice autoscaler, router, region_router, admission;
  ClientSpec client;
  SensorSpec sensors;
  std::optional<HealthCheckSpec> health_check;
  std::vector<RolloutSpec> rollouts;  // by time
  std::vector<CallSpec> calls;
  std::optional<ServiceNetworkSpec> network;
  std::optional<SloWindowSpec> slo_windows;
  std::optional<PayloadSpec> payload;  // nothing: what it moves is not known
  std::optional<ReplicationSpec> replication;
  /// By region that people ask from: deployments that may serve them. Empty where all may.
  std::vector<std::vector<std::uint32_t>> residency;
  bool spread = false;                     // its replicas over the zones of each pool
  std::optional<InferenceSpec> inference;  // an endpoint of a language model
  CallOrder call_order = CallOrder::sequence;
  bool hold = false;  // a slot stays taken while the calls are under way
};

/// Do answers to this class count as good or not?
bool has_objective(const ServiceWorkload& service, std::size_t k);

}  // namespace hyperdc
